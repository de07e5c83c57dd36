"""The bits of a pageblock, and the scale of the orders."""

from __future__ import annotations

from model.bounds import Bounds
from model.design import Design
from model.freetype import Freetype, Kind, Migratetype
from model.kernel import Block, Kernel, Order, Page


def pageblock_order() -> int:
    """pageblock_order: 9 on x86, here the logarithm of a block's pages."""
    if Bounds.pages == 1:
        return 0
    return 1 if Bounds.pages == 2 else 2


def max_page_order() -> int:
    """MAX_PAGE_ORDER: 10 on x86, so that one free buddy may span two blocks."""
    return pageblock_order() + Bounds.orders_above


def first_page(block: Block) -> Page:
    """pageblock_start_pfn()."""
    return Page(int(block) * Bounds.pages)


def is_in(page: Page, head: Page, order: Order) -> bool:
    """Is it one of the 2^order pages from `head` on?"""
    return head <= page and int(page) < int(head) + (1 << order)


# atomic: one word of the bitmap; a block with free pages is in no flip
def get_pfnblock_freetype(k: Kernel, page: Page) -> Freetype:
    """mm/page_alloc.c, get_pfnblock_freetype(); v1, v4: one read of the bitmap word, without a lock. The
    isolate bit overrides the stored type.
    """
    if k.pageblock[page.block].isolated:
        return (Migratetype.ISOLATE, k.pageblock[page.block].flag)
    return (k.pageblock[page.block].migratetype, k.pageblock[page.block].flag)


# atomic: one word of the bitmap, under the zone lock
def stored_freetype(k: Kernel, block: Block) -> Freetype:
    """The same without the isolate bit."""
    return (k.pageblock[block].migratetype, k.pageblock[block].flag)


def set_pageblock_freetype_flags(k: Kernel, block: Block, kind: Kind) -> None:
    """mm/page_alloc.c, set_pageblock_freetype_flags(); v4: an atomic exchange without the zone lock."""
    k.pageblock[block].flag = kind


def mark_flipping(k: Kernel, head: Page, order: Order, flipping: bool) -> None:
    """Proposed: the blocks that 2^order pages from `head` on lie in begin or end a flip."""
    if Design.flip_marks_blocks:
        for block in Block:
            if any(is_in(page, head, order) for page in block.pages):
                k.pageblock[block].flipping = flipping


def set_pageblock_migratetype(k: Kernel, head: Page, order: Order, migratetype: Migratetype) -> None:
    """mm/page_alloc.c, change_pageblock_range(): every block that 2^order pages from `head` on lie in."""
    for block in Block:
        if any(is_in(page, head, order) for page in block.pages):
            k.pageblock[block].migratetype = migratetype
