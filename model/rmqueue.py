"""Taking pages off the buddy lists, under the zone lock: the own list, then other migratetypes of the same
flags. The flags of a block never change here.
"""

from __future__ import annotations

from checker.language import Steps
from model.design import Design
from model.free_list import (
    account_freepages,
    del_page_from_free_list,
    expand,
    get_page_from_free_area,
    move_to_free_list,
    page_del_and_expand,
    page_is_buddy,
    use_list,
)
from model.freetype import (
    FreeList,
    Freetype,
    Migratetype,
    freetype_idx,
    freetype_with_migrate,
)
from model.kernel import Block, Hand, Kernel, Order, Page, Task, Zone
from model.locks import spin_lock_irqsave, spin_trylock_irqsave, spin_unlock_irqrestore
from model.pageblock import (
    first_page,
    is_in,
    max_page_order,
    pageblock_order,
    set_pageblock_migratetype,
)
from model.request import AllocFlags


def __rmqueue_smallest(k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype) -> Page | None:
    """mm/page_alloc.c, __rmqueue_smallest(): the smallest buddy that is large enough, its rest listed again.

    v4 returns for a freetype without a list; v1 reads the word before the array.
    """
    idx = freetype_idx(ft)
    if idx is FreeList.NO_LIST and Design.index_guard:
        return None
    use_list(k, idx)
    for current_order in range(max_page_order() + 1):
        if current_order >= order:
            page = get_page_from_free_area(k, zone, current_order, idx)
            if page is not None:
                page_del_and_expand(k, me, page, order, current_order, ft)
                return page
    return None


def fallback(ft: Freetype) -> Freetype:
    """fallbacks[], v1 and v4: the other mobile type, the same flags."""
    if ft[0] is Migratetype.MOVABLE:
        return freetype_with_migrate(ft, Migratetype.UNMOVABLE)
    return freetype_with_migrate(ft, Migratetype.MOVABLE)


def has_fallback(ft: Freetype) -> bool:
    """find_suitable_fallback(), v1 and v4: reserved pages have none, and a freetype without a list is
    skipped, so that no unmapped request has one.
    """
    if (  # mutant drop: __rmqueue() is asked for no such type
        ft[0] is Migratetype.HIGHATOMIC or ft[0] is Migratetype.ISOLATE
    ):
        return False
    return freetype_idx(fallback(ft)) is not FreeList.NO_LIST


def free_pages_in(k: Kernel, page: Page) -> int:
    """prep_move_freepages_block(): how many pages of the block are free."""
    return sum(1 for other in page.block.pages if k.page[other].hand is Hand.LISTED)


def movable_pages_in(k: Kernel, page: Page) -> int:
    """prep_move_freepages_block(): how many are in use and on the LRU."""
    return sum(1 for other in page.block.pages if k.page[other].hand is Hand.LRU)


def alike_pages(k: Kernel, page: Page, ft: Freetype) -> int:
    """try_to_claim_block(): pages in use that are as the request's would be, as far as one can tell."""
    if ft[0] is Migratetype.MOVABLE:  # mutant: how much is claimed rather than stolen is a heuristic
        return movable_pages_in(k, page)
    return len(page.block.pages) - free_pages_in(k, page) - movable_pages_in(k, page)


def __move_freepages_block(k: Kernel, me: Task, head: Page, old: Freetype, new: Freetype) -> None:
    """mm/page_alloc.c, __move_freepages_block(): every free buddy of the block changes lists."""
    for page in Page:
        if is_in(page, head, pageblock_order()) and page_is_buddy(k, page, k.page[page].order):
            move_to_free_list(k, me, page, old, new)


def move_freepages_block(k: Kernel, me: Task, block: Block, old: Freetype, new: Freetype) -> None:
    """mm/page_alloc.c, move_freepages_block(), v4: the free pages change lists, the block its migratetype."""
    __move_freepages_block(k, me, first_page(block), old, new)
    set_pageblock_migratetype(k, first_page(block), pageblock_order(), new[0])


def should_try_claim_block(order: Order, ft: Freetype) -> bool:
    """mm/page_alloc.c, should_try_claim_block(), v1, v4: for little movable memory no block is claimed."""
    return order >= pageblock_order() // 2 or ft[0] is not Migratetype.MOVABLE


def try_to_claim_block(
    k: Kernel, me: Task, page: Page, current_order: Order, order: Order, ft: Freetype, other: Freetype
) -> Page | None:
    """mm/page_alloc.c, try_to_claim_block(), v1 and v4: a whole block at once, or its free pages, if at least
    half of it is free or alike.
    """
    if current_order >= pageblock_order():
        del_page_from_free_list(k, me, page, current_order, other)
        set_pageblock_migratetype(k, page, current_order, ft[0])
        listed = expand(k, me, page, order, current_order, ft)
        account_freepages(k, me, page.block.zone, listed, ft)
        return page
    if (  # mutant: what is not claimed is stolen
        2 * (free_pages_in(k, page) + alike_pages(k, page, ft)) >= len(page.block.pages)
    ):
        head = first_page(page.block)
        __move_freepages_block(k, me, head, other, ft)
        set_pageblock_migratetype(k, head, pageblock_order(), ft[0])  # mutant swap: both under the lock
        claimed = __rmqueue_smallest(k, me, page.block.zone, order, ft)
        return claimed
    return None


def __rmqueue_claim(
    k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype, flags: AllocFlags
) -> Page | None:
    """mm/page_alloc.c, __rmqueue_claim(): from the largest order down, take over a block of the fallback
    type.
    """
    if not has_fallback(ft):
        return None
    other = fallback(ft)
    use_list(k, freetype_idx(other))
    low = pageblock_order() if flags is AllocFlags.NOFRAGMENT and order < pageblock_order() else order
    for down in range(max_page_order() + 1):  # mutant: what is not claimed is stolen
        current_order = max_page_order() - down
        if current_order >= low:  # mutant: which orders are tried is a heuristic
            if not should_try_claim_block(current_order, ft):  # mutant: what is not claimed is stolen
                return None
            page = get_page_from_free_area(k, zone, current_order, freetype_idx(other))
            if page is not None:  # mutant drop: what is not claimed is stolen
                claimed = try_to_claim_block(k, me, page, current_order, order, ft, other)
                if claimed is not None:
                    return claimed
    return None


def __rmqueue_steal(k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype) -> Page | None:
    """mm/page_alloc.c, __rmqueue_steal(): one page of the fallback type; its block stays what it is."""
    if (  # mutant drop: a freetype without a list has no pages either
        not has_fallback(ft)  # mutant swap: the same
    ):
        return None
    stolen = __rmqueue_smallest(k, me, zone, order, fallback(ft))
    return stolen


def __rmqueue(k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype, flags: AllocFlags) -> Page | None:
    """mm/page_alloc.c, __rmqueue() from mode NORMAL; v4: own list, claim, steal unless NOFRAGMENT."""
    page = __rmqueue_smallest(k, me, zone, order, ft)
    if page is None:  # mutant drop: what is not claimed is stolen
        page = __rmqueue_claim(k, me, zone, order, ft, flags)
    if page is None and flags is not AllocFlags.NOFRAGMENT:
        page = __rmqueue_steal(k, me, zone, order, ft)
    return page


def rmqueue_buddy(
    k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype, flags: AllocFlags
) -> Steps[Page | None]:
    """mm/page_alloc.c, rmqueue_buddy(); v1 and v4: the reserve of atomic requests serves those of the same
    flags, above order 0 before the other lists, and else after them; with the unmapped flag that freetype has
    no list.
    """
    if flags is AllocFlags.NOLOCK:
        yield  # mutant: whether the lock is free does not depend on who tries it
        locked = spin_trylock_irqsave(k, me, zone)
        if not locked:
            return None
    else:
        yield from spin_lock_irqsave(k, me, zone)
    page: Page | None = None
    if flags is AllocFlags.HIGHATOMIC and order > 0:  # mutant: in which order lists are tried is a heuristic
        page = __rmqueue_smallest(k, me, zone, order, freetype_with_migrate(ft, Migratetype.HIGHATOMIC))
    if page is None:
        page = __rmqueue(k, me, zone, order, ft, flags)
    if page is None and flags is AllocFlags.HIGHATOMIC:
        page = __rmqueue_smallest(k, me, zone, order, freetype_with_migrate(ft, Migratetype.HIGHATOMIC))
    spin_unlock_irqrestore(k, me, zone)
    return page
