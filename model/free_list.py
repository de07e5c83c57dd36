"""The buddy lists of a zone: adding, deleting, splitting and merging. All of it under the zone lock."""

from __future__ import annotations

from checker.language import choose
from model.design import Design
from model.freetype import (
    FreeList,
    Freetype,
    Migratetype,
    can_merge_freetypes,
    freetype_idx,
)
from model.kernel import Hand, Kernel, Order, Page, Task, Zone
from model.pageblock import (
    get_pfnblock_freetype,
    is_in,
    max_page_order,
    pageblock_order,
    set_pageblock_migratetype,
)


def hand_over(k: Kernel, head: Page, order: Order, hand: Hand, holder: Task | None) -> None:
    """2^order pages get into somebody's hands."""
    for page in Page:
        if is_in(page, head, order):
            k.page[page].assign(hand=hand, holder=holder)


def use_lists(k: Kernel, me: Task, zone: Zone) -> None:
    """lockdep_assert_held(&zone->lock)."""
    k.lists_used = True
    if k.zone[zone].locked_by != me:
        k.lists_unlocked = True


def use_list(k: Kernel, idx: FreeList) -> None:
    """free_area[].free_list[idx] is looked at."""
    if idx is FreeList.NO_LIST:
        k.index_misused = True


def page_is_buddy(k: Kernel, page: Page, order: Order) -> bool:
    """mm/internal.h, page_is_buddy(): the head of a free buddy of that order."""
    return k.page[page].hand is Hand.LISTED and k.page[page].list is not None and k.page[page].order == order


def buddy_of(k: Kernel, page: Page) -> Page | None:
    """The head of the free buddy that the page is part of."""
    for order in range(max_page_order() + 1):
        head = Page(int(page) // (1 << order) * (1 << order))
        if page_is_buddy(k, head, order):
            return head
    return None


def list_of(k: Kernel, page: Page) -> FreeList | None:
    """The free list, or the per-CPU list, that the page is on."""
    if k.page[page].hand is Hand.PCP:
        return k.page[page].list
    head = buddy_of(k, page)
    if head is None:
        return None
    return k.page[head].list


def account_freepages(k: Kernel, me: Task, zone: Zone, nr: int, ft: Freetype) -> None:
    """mm/page_alloc.c, account_freepages(), v1 and v4: isolated pages do not count."""
    use_lists(k, me, zone)
    if ft[0] is not Migratetype.ISOLATE:
        k.zone[zone].nr_free = max(0, min(15, k.zone[zone].nr_free + nr))


def __del_page_from_free_list(k: Kernel, me: Task, page: Page, order: Order) -> None:
    """mm/page_alloc.c, __del_page_from_free_list(), v1 and v4: unlinking needs no list head, so it works on
    whichever list the page is. From now on the pages are in the limbo of `me`.
    """
    use_lists(k, me, page.block.zone)
    if k.page[page].list is FreeList.NO_LIST:
        k.index_misused = True
    k.page[page].assign(list=None, order=0)
    hand_over(k, page, order, Hand.LIMBO, me)


def del_page_from_free_list(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype) -> None:
    """mm/page_alloc.c, del_page_from_free_list(), v1 and v4: the same, and the counters."""
    __del_page_from_free_list(k, me, page, order)
    account_freepages(k, me, page.block.zone, -(1 << order), ft)


def __add_to_free_list(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype) -> None:
    """mm/page_alloc.c, __add_to_free_list(), v1 and v4. From now on nobody holds the pages."""
    use_lists(k, me, page.block.zone)
    if freetype_idx(ft) is FreeList.NO_LIST:
        k.index_misused = True
    hand_over(k, page, order, Hand.LISTED, None)
    k.page[page].assign(list=freetype_idx(ft), order=order)


def expand(k: Kernel, me: Task, page: Page, low: Order, high: Order, ft: Freetype) -> int:
    """mm/page_alloc.c, expand(), v1 and v4: of 2^high pages keep the first 2^low, and list the rest.

    Returns how many pages were listed.
    """
    for order in range(max_page_order()):
        if low <= order and order < high:
            __add_to_free_list(k, me, page + (1 << order), order, ft)
    return (1 << high) - (1 << low)


def page_del_and_expand(k: Kernel, me: Task, page: Page, low: Order, high: Order, ft: Freetype) -> None:
    """mm/page_alloc.c, page_del_and_expand(), v1 and v4."""
    __del_page_from_free_list(k, me, page, high)
    listed = expand(k, me, page, low, high, ft)
    account_freepages(k, me, page.block.zone, listed - (1 << high), ft)


def is_on(k: Kernel, page: Page, zone: Zone, order: Order, idx: FreeList) -> bool:
    """Does the page head an entry of free_area[order].free_list[idx] of the zone?"""
    return page.block.zone == zone and page_is_buddy(k, page, order) and k.page[page].list is idx


def is_empty(k: Kernel, zone: Zone, order: Order, idx: FreeList) -> bool:
    """free_area_empty()."""
    return not any(is_on(k, page, zone, order, idx) for page in Page)


def get_page_from_free_area(k: Kernel, zone: Zone, order: Order, idx: FreeList) -> Page | None:
    """mm/page_alloc.c, get_page_from_free_area(): the first of the list; any of them, as the order of a list
    is not kept.
    """
    if is_empty(k, zone, order, idx):
        return None
    page = choose(p for p in Page if is_on(k, p, zone, order, idx))
    return page


def task_capc(k: Kernel, me: Task) -> Task | None:
    """mm/page_alloc.c, task_capc(): the task that is current here, also where an interrupt frees on top of
    it, if it wants a page captured and has none yet.
    """
    owner = k.cpu[k.task[me].cpu].current
    if owner is None:  # mutant drop: every CPU on which pages are freed has a current task, as in the kernel
        return None
    if k.task[owner].capture.active and k.task[owner].capture.page is None:
        return owner
    return None


def compaction_capture(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype) -> bool:
    """mm/page_alloc.c, compaction_capture(); v1, and v4, which compares the flags too. (Of the largest order
    the kernel captures nothing; where that is a block here, it stands for one that is below the largest.)
    """
    owner = task_capc(k, me)
    if owner is None:
        return False
    capc = k.task[owner].capture
    if capc.zone != page.block.zone or capc.order != order or ft[0] is Migratetype.ISOLATE:
        return False
    if (  # mutant: not to spoil movable blocks is a heuristic
        order < pageblock_order() and ft[0] is Migratetype.MOVABLE and capc.ft[0] is not Migratetype.MOVABLE
    ):
        return False
    if Design.capture_compares_flags and capc.ft[1] is not ft[1]:
        return False
    hand_over(k, page, order, Hand.LIMBO, owner)
    capc.page = page
    return True


def has_buddy(k: Kernel, page: Page, order: Order) -> bool:
    """mm/internal.h, find_buddy_page_pfn(): is there a buddy of that order in this zone, free?"""
    if int(page) ^ (1 << order) >= len(Page):  # mutant drop: the number of pages is a power of two everywhere
        return False
    buddy = page ^ (1 << order)
    return buddy.block.zone == page.block.zone and page_is_buddy(k, buddy, order)


def may_merge(k: Kernel, buddy: Page, order: Order, ft: Freetype) -> bool:
    """__free_one_page(), v1, v2 and v4: within a block always; above, can_merge_freetypes()."""
    return order < pageblock_order() or can_merge_freetypes(ft, get_pfnblock_freetype(k, buddy))


def __free_one_page(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype) -> None:
    """mm/page_alloc.c, __free_one_page(); v1 and v4: merge upwards as far as it goes, and list the result."""
    account_freepages(k, me, page.block.zone, 1 << order, ft)
    head = page
    merged = order
    captured = False
    for level in range(max_page_order() + 1):
        if level == merged and level >= order and not captured:
            # Without it the page would be found on its list.
            captured = compaction_capture(k, me, head, level, ft)  # mutant drop: a shortcut
            if captured:
                account_freepages(k, me, page.block.zone, -(1 << level), ft)
            elif level < max_page_order() and has_buddy(k, head, level):
                buddy = head ^ (1 << level)
                if may_merge(k, buddy, level, ft):
                    __del_page_from_free_list(k, me, buddy, level)
                    if level >= pageblock_order() and get_pfnblock_freetype(k, buddy)[0] is not ft[0]:
                        set_pageblock_migratetype(k, buddy, level, ft[0])
                    head = min(head, buddy)
                    merged = level + 1
    if not captured:
        __add_to_free_list(k, me, head, merged, ft)


def move_to_free_list(k: Kernel, me: Task, page: Page, old: Freetype, new: Freetype) -> None:
    """mm/page_alloc.c, move_to_free_list(), v1 and v4."""
    use_lists(k, me, page.block.zone)
    if freetype_idx(new) is FreeList.NO_LIST:
        k.index_misused = True
    order = k.page[page].order
    k.page[page].list = freetype_idx(new)
    account_freepages(k, me, page.block.zone, -(1 << order), old)  # mutant swap: sums commute
    account_freepages(k, me, page.block.zone, 1 << order, new)
