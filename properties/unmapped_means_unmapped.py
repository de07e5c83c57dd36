"""What is called unmapped is absent from the direct map."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Cpu, Hand, Kernel, Kind, Page, freetype_idx


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
    if hand is Hand.LISTED:
        return page in k.zone.free_list[freetype_idx(Kind.UNMAPPED)] or k.flag[page.block] is Kind.UNMAPPED
    return hand is Hand.CALLER or hand is Hand.CACHE


def is_reachable(k: Kernel, page: Page) -> bool:
    """Through the direct map, now or by a cached entry."""
    return k.page[page].present or any(page in k.cpu[cpu].direct_tlb for cpu in Cpu)
