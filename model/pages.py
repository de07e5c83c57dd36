"""Free lists and pageblocks, under the zone lock. One migratetype, so that a freetype is its flag alone."""

from __future__ import annotations

from checker.language import choose
from model.bounds import Bounds
from model.design import Design
from model.kernel import Block, Hand, Kernel, Kind, Page, Task, freetype_idx


def first_page(block: Block) -> Page:
    """The page at which the block's buddy is headed."""
    return Page(int(block) * Bounds.pages)


def is_wholly_free(k: Kernel, block: Block, kind: Kind) -> bool:
    """Are all pages of the block on that list, so that they form one buddy of pageblock order?"""
    return all(page in k.zone.free_list[freetype_idx(kind)] for page in block.pages)


def is_smallest_fit(k: Kernel, page: Page, kind: Kind) -> bool:
    """Would __rmqueue() give this page for order 0? Small buddies go first; of a whole block expand() keeps
    the head.
    """
    if not is_wholly_free(k, page.block, kind):
        return True
    if page != first_page(page.block):
        return False
    return all(is_wholly_free(k, other.block, kind) for other in k.zone.free_list[freetype_idx(kind)])


def del_page_from_free_list(k: Kernel, me: Task, page: Page) -> None:
    """mm/page_alloc.c, __del_page_from_free_list(), v1 and v4: unlinking needs no list head, so it works on
    whichever list the page is.
    """
    k.zone.free_list[freetype_idx(Kind.MAPPED)].discard(page)
    k.zone.free_list[freetype_idx(Kind.UNMAPPED)].discard(page)
    k.page[page].assign(hand=Hand.LIMBO, holder=me)


def del_block_from_free_list(k: Kernel, me: Task, block: Block) -> None:
    """The same for a buddy of pageblock order: all pages of the block are then in the limbo of `me`."""
    for page in block.pages:
        k.zone.free_list[freetype_idx(Kind.MAPPED)].discard(page)
        k.zone.free_list[freetype_idx(Kind.UNMAPPED)].discard(page)
        k.page[page].assign(hand=Hand.LIMBO, holder=me)


def add_to_free_list(k: Kernel, page: Page, kind: Kind) -> None:
    """mm/page_alloc.c, __add_to_free_list(), v1 and v4. From now on nobody holds the page."""
    k.zone.free_list[freetype_idx(kind)].add(page)
    k.page[page].assign(hand=Hand.LISTED, holder=None)


def __rmqueue(k: Kernel, me: Task, kind: Kind) -> Page | None:
    """mm/page_alloc.c, __rmqueue() for order 0 in mode NORMAL; v4.

    No fallback keeps the flags and changes the migratetype here.
    """
    if len(k.zone.free_list[freetype_idx(kind)]) == 0:
        return None
    page = choose(p for p in k.zone.free_list[freetype_idx(kind)] if is_smallest_fit(k, p, kind))
    del_page_from_free_list(k, me, page)
    return page


def __rmqueue_block(k: Kernel, me: Task, kind: Kind) -> Block | None:
    """mm/page_alloc.c, __rmqueue() for pageblock_order; v4."""
    if not any(is_wholly_free(k, block, kind) for block in Block):
        return None
    block = choose(b for b in Block if is_wholly_free(k, b, kind))
    del_block_from_free_list(k, me, block)
    return block


def set_pageblock_freetype_flags(k: Kernel, block: Block, kind: Kind) -> None:
    """mm/page_alloc.c, set_pageblock_freetype_flags(); v4: an atomic exchange without the zone lock."""
    k.flag[block] = kind


def __free_one_page(k: Kernel, page: Page, kind: Kind) -> None:
    """mm/page_alloc.c, __free_one_page() for order 0, and the merge with the neighbouring block; v1, v4."""
    add_to_free_list(k, page, kind)
    merge_across_blocks(k, page.block, kind)


def merge_across_blocks(k: Kernel, block: Block, kind: Kind) -> None:
    """mm/page_alloc.c, can_merge_freetypes() at pageblock_order and above: two free neighbours become one
    buddy on one list.

    With equal flags both are on this list already. v1 compares migratetypes only, so the neighbour's list
    does not matter.
    """
    if Design.merge_compares_flags or int(block) ^ 1 >= Bounds.blocks:
        return
    neighbour = block ^ 1
    if is_wholly_free(k, block, kind) and is_wholly_free(k, neighbour, kind.other):
        for page in neighbour.pages:
            k.zone.free_list[freetype_idx(kind.other)].discard(page)
            k.zone.free_list[freetype_idx(kind)].add(page)
