"""The reserve of blocks for atomic requests above order 0."""

from __future__ import annotations

from checker.language import Steps
from model.bounds import Bounds
from model.design import Design
from model.free_list import is_empty, is_on, move_to_free_list
from model.freetype import (
    FreeList,
    Freetype,
    Migratetype,
    freetype_idx,
    freetype_with_migrate,
    migratetype_is_mergeable,
)
from model.kernel import Kernel, Order, Page, Task, Zone
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.pageblock import (
    get_pfnblock_freetype,
    max_page_order,
    pageblock_order,
    set_pageblock_migratetype,
)
from model.rmqueue import move_freepages_block


# atomic: one counter of the zone
def nr_reserved_highatomic(k: Kernel, zone: Zone) -> int:
    """struct zone, in blocks."""
    return sum(1 for block in zone.blocks if k.pageblock[block].migratetype is Migratetype.HIGHATOMIC)


def reserve_highatomic_pageblock(k: Kernel, me: Task, page: Page, order: Order) -> Steps:
    """mm/page_alloc.c, reserve_highatomic_pageblock(); v1, v4: the block of a page that an atomic request
    got, or all blocks of it, becomes HIGHATOMIC and keeps its flags; unmapped, that is a freetype without a
    list, at which v4 returns.
    """
    zone = page.block.zone
    if nr_reserved_highatomic(k, zone) >= Bounds.reserve:
        return
    yield from spin_lock_irqsave(k, me, zone)
    ft = get_pfnblock_freetype(k, page)
    if nr_reserved_highatomic(k, zone) < Bounds.reserve and migratetype_is_mergeable(ft[0]):
        high = freetype_with_migrate(ft, Migratetype.HIGHATOMIC)
        if freetype_idx(high) is not FreeList.NO_LIST:
            change_blocks(k, me, page, order, ft, high)
        elif not Design.index_guard:
            k.index_misused = True
            change_blocks(k, me, page, order, ft, high)
    spin_unlock_irqrestore(k, me, zone)


def change_blocks(k: Kernel, me: Task, page: Page, order: Order, old: Freetype, new: Freetype) -> None:
    """move_freepages_block() below the order of a block; from there on the pages have no neighbours to move,
    and change_pageblock_range() is all.
    """
    if order < pageblock_order():
        move_freepages_block(k, me, page.block, old, new)
    else:
        set_pageblock_migratetype(k, page, order, new[0])


def unreserve_highatomic_pageblock(k: Kernel, me: Task, ft: Freetype, force: bool) -> Steps[bool]:
    """mm/page_alloc.c, unreserve_highatomic_pageblock(); v1, v4: a block of which some is free becomes one of
    the request's freetype; all but one of them, or with `force` the last one too.

    It looks at the list of reserved blocks with the request's flags: for unmapped requests there is none, at
    which v4 returns.
    """
    high = freetype_with_migrate(ft, Migratetype.HIGHATOMIC)
    if freetype_idx(high) is FreeList.NO_LIST and Design.index_guard:
        return False
    for zone in Zone:
        if nr_reserved_highatomic(k, zone) > (0 if force else 1):
            yield from spin_lock_irqsave(k, me, zone)
            moved = unreserve_one(k, me, zone, ft, high)
            spin_unlock_irqrestore(k, me, zone)
            if moved:
                return True
    return False


def unreserve_one(k: Kernel, me: Task, zone: Zone, ft: Freetype, high: Freetype) -> bool:
    """The body of the loop of unreserve_highatomic_pageblock(), from the smallest order up."""
    if freetype_idx(high) is FreeList.NO_LIST:
        k.index_misused = True
        return False
    for order in range(max_page_order() + 1):
        if not is_empty(k, zone, order, FreeList.HIGHATOMIC):
            for page in Page:
                if is_on(k, page, zone, order, FreeList.HIGHATOMIC):
                    if order >= pageblock_order():
                        move_to_free_list(k, me, page, high, ft)
                    change_blocks(k, me, page, order, high, ft)
                    return True
    return False
