"""No translation outlives the right to use it."""

from __future__ import annotations

from checker.language import invariant
from model.design import Design
from model.freetype import Kind
from model.kernel import Cpu, Hand, Kernel, Mm, Page, Va
from model.owners import belongs_to, is_users
from model.tlb import has_cached, has_kmapped, has_own_address


@invariant(
    rung="latent",
    severity="leak",
    says="{cpu} can still translate {page}, by an entry from before it was freed or changed hands",
)
def no_stale_tlb(k: Kernel) -> bool:
    """No CPU translates a page that is free and unmapped, or that is somebody else's, by an entry from
    before.

    Direct map: at rest, a page whose entry is gone is in no TLB (v2 19/22: "unmapping requires a TLB
    shootdown"). Mermap: an address space has entries only for its own pages (comment above mermap_get(), v1:
    a full flush before a page is freed; Jackman on guest_memfd v12 10/16, 3 July 2026: otherwise they "could
    be exploited"). An entry of kmap_local_page() is in no TLB once it is cleared.
    """
    return not any(
        (has_own_address(k, cpu, page) and is_unmapped(k, page) and k.page[page].at_rest)
        or any(has_kmapped(k, cpu, owner, page) and k.cpu[owner].kmap_pte != page for owner in Cpu)
        or any(has_cached(k, cpu, mm, va, page) and is_out_of_reach(k, page, mm) for mm in Mm for va in Va)
        for cpu in Cpu
        for page in Page
    )


def is_unmapped(k: Kernel, page: Page) -> bool:
    """Is its direct-map entry gone? Debug_pagealloc removes those of free pages without a flush by design."""
    if Design.debug_pagealloc and k.pageblock[page.block].flag is Kind.MAPPED:
        return False
    return not k.page[page].present


def is_out_of_reach(k: Kernel, page: Page, mm: Mm) -> bool:
    """Is the page free and unmapped, or does it belong to somebody else than that address space?"""
    hand = k.page[page].hand
    if hand is Hand.LISTED or hand is Hand.PCP:
        return True
    if is_users(k, page):
        return not belongs_to(k, page, mm)
    return hand is Hand.KERNEL or hand is Hand.LRU
