"""What is called unmapped is absent from the direct map."""

from __future__ import annotations

from checker.language import invariant
from model.free_list import list_of
from model.freetype import FreeList, Kind
from model.kernel import Cpu, Hand, Kernel, Page
from model.tlb import translates


@invariant(
    rung="speculative",
    severity="leak",
    says="{page} counts as unmapped and can be reached through the direct map",
)
def unmapped_means_unmapped(k: Kernel) -> bool:
    """A page that is free as unmapped, or was handed out as such, has no direct-map entry, in no table and no
    TLB.

    mm/tests/page_alloc_kunit.c: a page of ALLOC_UNMAPPED is not kernel_page_present().
    """
    return not any(counts_as_unmapped(k, page) and is_reachable(k, page) for page in Page)


def counts_as_unmapped(k: Kernel, page: Page) -> bool:
    """On the unmapped list, in the hands of an unmapped user, or in a block flagged so."""
    hand = k.page[page].hand
    if hand is Hand.LISTED or hand is Hand.PCP:
        return (
            list_of(k, page) is FreeList.UNMOVABLE_UNMAPPED or k.pageblock[page.block].flag is Kind.UNMAPPED
        )
    return hand is Hand.CALLER or hand is Hand.CACHE


def is_reachable(k: Kernel, page: Page) -> bool:
    """Through the direct map, a vmalloc address, the kernel image or kmap_local_page(), now or by a cached
    entry.
    """
    if k.page[page].present or k.page[page].alias or k.page[page].image:
        return True
    return any(k.cpu[cpu].kmap_pte == page or translates(k, cpu, page) for cpu in Cpu)
