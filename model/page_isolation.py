"""Taking free pages, and whole blocks, out of circulation. What does not wait is under the zone lock."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps
from model.design import Design, IsolateUnmapped
from model.direct_map import Result, set_direct_map_valid_noflush
from model.flip import give_back, scrub
from model.free_list import (
    __free_one_page,
    buddy_of,
    del_page_from_free_list,
    has_buddy,
    page_is_buddy,
)
from model.freetype import (
    FreeList,
    Freetype,
    Kind,
    Migratetype,
    can_merge_freetypes,
    freetype_idx,
    freetype_with_migrate,
)
from model.kernel import Block, Hand, Kernel, Order, Page, Task
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.page_alloc import split_large_buddy
from model.page_poison import kernel_poison_pages
from model.pageblock import (
    first_page,
    get_pfnblock_freetype,
    is_in,
    max_page_order,
    pageblock_order,
    set_pageblock_freetype_flags,
    stored_freetype,
)
from model.rmqueue import __move_freepages_block, move_freepages_block
from model.watermark import is_below_watermark


class Errno(Enum):
    """What isolating a range returns."""

    DONE = "0"
    BUSY = "-EBUSY"
    INVALID = "-EINVAL"


def __isolate_free_page(k: Kernel, me: Task, page: Page, order: Order) -> bool:
    """mm/page_alloc.c, __isolate_free_page(); v4 (freetype stage), and v1 by what is said of it.

    The page heads a free buddy of that order. Every block of which at least half is taken becomes MOVABLE and
    keeps its flags, so that (UNMOVABLE, UNMAPPED) becomes a freetype without a list.
    """
    ft = get_pfnblock_freetype(k, page)
    if ft[0] is not Migratetype.ISOLATE and is_below_watermark(k, page.block.zone, order):
        return False
    del_page_from_free_list(k, me, page, order, ft)  # mutant swap: it comes off whatever list it is on
    if order >= pageblock_order() - 1:  # mutant: the type of a block is only a hint for what is done later
        for block in Block:
            if touches(block, page, order):
                old = get_pfnblock_freetype(k, first_page(block))
                new = freetype_with_migrate(old, Migratetype.MOVABLE)
                if can_merge_freetypes(old, new):  # mutant: the same
                    move_freepages_block(k, me, block, old, new)
    return True


def __putback_isolated_page(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype) -> None:
    """mm/page_alloc.c, __putback_isolated_page(); v1, v4: as one buddy of the first block's freetype."""
    if Design.putback_splits:
        split_large_buddy(k, me, page, order)
    else:
        __free_one_page(k, me, page, order, ft)


def touches(block: Block, head: Page, order: Order) -> bool:
    """Is any of the 2^order pages from `head` on in the block?"""
    return any(is_in(page, head, order) for page in block.pages)


# atomic: of a page that is poisoned at this moment either answer is right
def page_is_unmovable(k: Kernel, page: Page, offlining: bool) -> bool:
    """mm/page_isolation.c, page_is_unmovable(); v4: whatever has no reference (free, on a per-CPU list, or in
    somebody's limbo) or is on an LRU counts as movable; poisoned pages do when memory goes offline, also
    those that somebody still has.
    """
    hand = k.page[page].hand
    if hand is Hand.LISTED or hand is Hand.PCP or hand is Hand.LIMBO:  # mutant swap: one of them at most
        return False
    if offlining and k.page[page].poisoned:  # mutant: a refusal that test_pages_isolated() would make as well
        return False
    return hand is not Hand.LRU and hand is not Hand.CACHE


def __move_freepages_block_isolate(k: Kernel, me: Task, block: Block, isolate: bool) -> None:
    """mm/page_alloc.c, __move_freepages_block_isolate(); v4: a buddy of several blocks is split, and each
    half listed by its own freetype; else the block's free pages change lists.
    """
    start = first_page(block)
    buddy = buddy_of(k, start)
    if (  # mutant swap: what is read is the same
        buddy is not None and k.page[buddy].order > pageblock_order()
    ):
        order = k.page[buddy].order
        del_page_from_free_list(k, me, buddy, order, get_pfnblock_freetype(k, buddy))
        k.pageblock[block].isolated = isolate
        split_large_buddy(k, me, buddy, order)
        return
    stored = stored_freetype(k, block)
    isolated = freetype_with_migrate(stored, Migratetype.ISOLATE)
    if isolate:
        __move_freepages_block(k, me, start, stored, isolated)
    else:
        __move_freepages_block(k, me, start, isolated, stored)
    k.pageblock[block].isolated = isolate


def set_migratetype_isolate(k: Kernel, me: Task, block: Block, offlining: bool) -> Steps[Errno]:
    """mm/page_isolation.c, set_migratetype_isolate(); v4, and v1 without its first refusal.

    Proposed: an unmapped block that is wholly free is taken off the lists, and mapped back before it is
    listed as isolated.
    """
    result = Errno.BUSY
    yield from spin_lock_irqsave(k, me, block.zone)
    taken = is_to_be_mapped(k, block)
    if taken:
        take_free_block(k, me, block)
    else:
        result = isolate_block(k, me, block, offlining)
        note_isolation(k, block, result)
    spin_unlock_irqrestore(k, me, block.zone)
    if taken:
        result = yield from map_and_isolate(k, me, block)
    return result


def is_to_be_mapped(k: Kernel, block: Block) -> bool:
    """Proposed: is it wholly free, unmapped, and not isolated?"""
    if (  # mutant drop: no isolated block is unmapped
        Design.isolate_unmapped is not IsolateUnmapped.MAPPED_FIRST or k.pageblock[block].isolated
    ):
        return False
    return k.pageblock[block].flag is Kind.UNMAPPED and is_free(k, block)


def isolate_block(k: Kernel, me: Task, block: Block, offlining: bool) -> Errno:
    """The part of it under the zone lock, has_unmovable_pages() included."""
    if k.pageblock[block].isolated or k.pageblock[block].flipping:  # mutant swap: the answer is the same
        return Errno.BUSY
    if Design.isolate_unmapped is IsolateUnmapped.REFUSED and is_without_list(k, block):
        return Errno.INVALID
    if (  # mutant swap: the answer is the same
        Design.isolate_unmapped is IsolateUnmapped.MAPPED_FIRST and is_without_list(k, block)
    ):
        return Errno.BUSY
    if any(  # mutant drop: test_pages_isolated() finds what has stayed in the range
        page_is_unmovable(k, page, offlining) for page in block.pages
    ):
        return Errno.BUSY
    __move_freepages_block_isolate(k, me, block, True)
    return Errno.DONE


def note_isolation(k: Kernel, block: Block, result: Errno) -> None:
    """For the claim that free blocks can be isolated: was one refused that nobody else has isolated?"""
    k.isolation_asked = True
    if result is not Errno.DONE and is_free(k, block) and not k.pageblock[block].isolated:
        k.free_block_refused = True


def is_without_list(k: Kernel, block: Block) -> bool:
    """Would the isolated block's freetype have no list?"""
    return freetype_idx((Migratetype.ISOLATE, k.pageblock[block].flag)) is FreeList.NO_LIST


def is_free(k: Kernel, block: Block) -> bool:
    """Is every page of the block on a buddy list? One on a per-CPU list makes it busy, which passes."""
    return all(k.page[page].hand is Hand.LISTED for page in block.pages)


def map_and_isolate(k: Kernel, me: Task, block: Block) -> Steps[Errno]:
    """Proposed: the block, whose pages are in the limbo of `me`, is mapped back as the flip does."""
    head = first_page(block)
    order = pageblock_order()
    result = yield from set_direct_map_valid_noflush(k, me, head, order, True)
    if result is Result.FAILED:
        yield from give_back(k, me, block.zone, head, order, (k.pageblock[block].migratetype, Kind.MAPPED))
        return Errno.BUSY
    yield from scrub(k, me, head, order)
    if Design.hooks_skip_unmapped and Design.page_poisoning:
        yield from kernel_poison_pages(k, me, head, order)
    yield from spin_lock_irqsave(k, me, block.zone)  # mutant swap: its pages are in nobody else's hands
    set_pageblock_freetype_flags(k, block, Kind.MAPPED)
    k.pageblock[block].isolated = True  # mutant swap: both under the lock
    __free_one_page(k, me, head, order, (Migratetype.ISOLATE, Kind.MAPPED))
    spin_unlock_irqrestore(k, me, block.zone)
    return Errno.DONE


def take_free_block(k: Kernel, me: Task, block: Block) -> None:
    """Proposed: every buddy of the block comes off its list; one of several blocks is split first."""
    start = first_page(block)
    buddy = buddy_of(k, start)
    if buddy is not None and k.page[buddy].order > pageblock_order():
        order = k.page[buddy].order
        del_page_from_free_list(k, me, buddy, order, get_pfnblock_freetype(k, buddy))
        other = start ^ (1 << pageblock_order())
        __free_one_page(k, me, other, pageblock_order(), get_pfnblock_freetype(k, other))
    for page in block.pages:
        if page_is_buddy(k, page, k.page[page].order):
            del_page_from_free_list(k, me, page, k.page[page].order, get_pfnblock_freetype(k, page))


def unset_migratetype_isolate(k: Kernel, me: Task, block: Block) -> Steps:
    """mm/page_isolation.c, unset_migratetype_isolate(); v1, v4: back by moving, or, where a whole block could
    merge with its neighbour, by taking the buddy off and freeing it.
    """
    yield from spin_lock_irqsave(k, me, block.zone)
    if k.pageblock[block].isolated:
        head = first_page(block)
        taken = False
        if could_merge(k, head):  # mutant drop: what is not merged above the block order is only smaller
            taken = __isolate_free_page(k, me, head, pageblock_order())
        if taken:
            k.pageblock[block].isolated = False
            __putback_isolated_page(k, me, head, pageblock_order(), get_pfnblock_freetype(k, head))
        else:
            __move_freepages_block_isolate(k, me, block, False)
    spin_unlock_irqrestore(k, me, block.zone)


def could_merge(k: Kernel, head: Page) -> bool:
    """Does it head a free buddy of a whole block whose own buddy is free too, and not isolated?"""
    order = pageblock_order()
    if order == max_page_order() or not page_is_buddy(k, head, order) or not has_buddy(k, head, order):
        return False
    other = head ^ (1 << order)
    return not k.pageblock[other.block].isolated
