"""Is there enough free memory in a zone?"""

from __future__ import annotations

from model.bounds import Bounds
from model.design import Design
from model.free_list import is_on, list_of
from model.freetype import FreeList, Kind
from model.kernel import Hand, Kernel, Order, Page, Zone
from model.pageblock import max_page_order
from model.request import AllocFlags


# atomic: a hint from counters read one by one; the lists are tried under the lock
def zone_watermark_ok(k: Kernel, zone: Zone, order: Order, flags: AllocFlags) -> bool:
    """mm/page_alloc.c, zone_watermark_fast() and zone_watermark_ok(): pages of both kinds count."""
    return __zone_watermark_ok(k, zone, order, Bounds.watermark, flags, k.zone[zone].nr_free)


def __zone_watermark_ok(
    k: Kernel, zone: Zone, order: Order, mark: int, flags: AllocFlags, free_pages: int
) -> bool:
    """mm/page_alloc.c, __zone_watermark_ok(): above order 0 a page must be large enough: v4 of whatever kind,
    v1 (and by assumption v2) of those without flags.

    Requests that may use the reserves go down to half of the mark.
    """
    least = mark // 2 if flags is AllocFlags.HIGHATOMIC else mark + free_pages_of_reserve(k, zone)
    if least > 0 and free_pages - ((1 << order) - 1) <= least:
        return False
    if order == 0:
        return True
    return any(
        is_on(k, page, zone, current_order, FreeList.UNMOVABLE)
        or is_on(k, page, zone, current_order, FreeList.MOVABLE)
        or (flags is AllocFlags.HIGHATOMIC and is_on(k, page, zone, current_order, FreeList.HIGHATOMIC))
        or (Design.watermark_any_kind and is_on(k, page, zone, current_order, FreeList.UNMOVABLE_UNMAPPED))
        for current_order in range(max_page_order() + 1)
        if current_order >= order
        for page in Page
    )


# atomic: counters that are read one by one, as a hint
def is_below_watermark(k: Kernel, zone: Zone, order: Order) -> bool:
    """zone_watermark_ok() for order 0 and the minimum raised by 2^order: as if the page was allocated, by
    somebody who may not have the reserve.
    """
    mark = Bounds.watermark + (1 << order)
    free_pages = k.zone[zone].nr_free
    return Bounds.watermark > 0 and not __zone_watermark_ok(k, zone, 0, mark, AllocFlags.NONE, free_pages)


def free_pages_of_reserve(k: Kernel, zone: Zone) -> int:
    """__zone_watermark_unusable_free(): the free pages that only atomic requests may use."""
    if Bounds.reserve == 0:
        return 0
    return sum(1 for page in Page if page.block.zone == zone and list_of(k, page) is FreeList.HIGHATOMIC)


def free_pages_in_mapped_blocks(k: Kernel, zone: Zone) -> int:
    """NR_FREE_PAGES_BLOCKS_MAPPED, v4: the pages of those blocks of the zone that are wholly free and in the
    direct map.
    """
    return sum(
        len(block.pages)
        for block in zone.blocks
        if k.pageblock[block].flag is Kind.MAPPED
        and all(k.page[page].hand is Hand.LISTED for page in block.pages)
    )
