"""A free page is on the list that its block's freetype names."""

from __future__ import annotations

from checker.language import invariant
from model.free_list import page_is_buddy
from model.freetype import freetype_idx
from model.kernel import Block, Hand, Kernel, Page
from model.pageblock import get_pfnblock_freetype, is_in


@invariant(
    rung="architectural",
    severity="corruption",
    says="a block of {page}'s buddy has another freetype than the list that it is on",
)
def list_agreement(k: Kernel) -> bool:
    """A buddy is on the list of the freetype of every block that it covers.

    DEBUG_VM checks in the add, del and move helpers of mm/page_alloc.c, v1 and v4; RFC cover letter, 25
    February 2026: free pages are indexed by that attribute.
    """
    return all(
        freetype_idx(get_pfnblock_freetype(k, other)) is k.page[page].list
        for page in Page
        if k.page[page].hand is Hand.LISTED and k.page[page].list is not None
        for other in Page
        if is_in(other, page, k.page[page].order)
    )


@invariant(
    rung="architectural",
    severity="corruption",
    says="free_list[-1] was used, or a list of a CPU that is not there",
)
def lists_exist(k: Kernel) -> bool:
    """No operation is applied to a freetype that has no list.

    include/linux/freetype.h, v4: freetype_idx() of such a one is -1; guards were added to the users in v4.
    """
    return not (k.lists_used and k.index_misused)


@invariant(
    rung="architectural",
    severity="lost memory",
    says="{page} and its buddy are free and were not merged",
)
def buddies_are_merged(k: Kernel) -> bool:
    """Within a block two free buddies are one larger one.

    mm/page_alloc.c, "Freeing function for a buddy system allocator": whenever both of a pair are free, they
    are merged. Above the block order the migratetype may have been in the way when they were freed.
    """
    return not any(
        are_halves(k, page, other) for block in Block for page in block.pages for other in block.pages
    )


def are_halves(k: Kernel, page: Page, other: Page) -> bool:
    """Do both head a free buddy, and are these the halves of a larger one?"""
    order = k.page[page].order
    return (
        page_is_buddy(k, page, order)
        and page_is_buddy(k, other, order)
        and int(page) ^ (1 << order) == int(other)
    )


@invariant(
    rung="architectural",
    severity="corruption",
    says="the buddy at {page} covers blocks of different kinds, or of two zones",
)
def buddies_are_uniform(k: Kernel) -> bool:
    """The blocks that one free buddy covers have equal flags, and are of one zone.

    Comment at can_merge_freetypes(), v1; mm/internal.h, find_buddy_page_pfn().
    """
    return all(
        k.pageblock[other.block].flag is k.pageblock[page.block].flag and other.block.zone == page.block.zone
        for page in Page
        if k.page[page].hand is Hand.LISTED and k.page[page].list is not None
        for other in Page
        if is_in(other, page, k.page[page].order)
    )
