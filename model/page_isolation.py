"""Taking free pages, and whole blocks, out of circulation. What does not wait is under the zone lock."""

from __future__ import annotations

from model.bounds import Bounds
from model.free_list import __free_one_page, del_page_from_free_list
from model.freetype import (
    Freetype,
    Migratetype,
    freetype_with_migrate,
    migratetype_is_mergeable,
)
from model.kernel import Block, Kernel, Page, Task, Zone
from model.pageblock import get_pfnblock_freetype, is_in, pageblock_order
from model.rmqueue import move_freepages_block


def __isolate_free_page(k: Kernel, me: Task, page: Page, order: int) -> bool:
    """mm/page_alloc.c, __isolate_free_page(); v4 (freetype stage), and v1 by what is said of it.

    The page heads a free buddy of that order. Every block of which at least half is taken becomes MOVABLE and
    keeps its flags, so that (UNMOVABLE, UNMAPPED) becomes a freetype without a list.
    """
    ft = get_pfnblock_freetype(k, page)
    if ft[0] is not Migratetype.ISOLATE and is_below_watermark(k, page.block.zone, order):
        return False
    del_page_from_free_list(k, me, page, order, ft)
    if order >= pageblock_order() - 1 and migratetype_is_mergeable(ft[0]):
        for block in Block:
            if any(is_in(other, page, order) for other in block.pages):
                old = (k.pageblock[block].migratetype, k.pageblock[block].flag)
                move_freepages_block(k, me, block, old, freetype_with_migrate(old, Migratetype.MOVABLE))
    return True


def is_below_watermark(k: Kernel, zone: Zone, order: int) -> bool:
    """zone_watermark_ok() for order 0 and the minimum raised by 2^order: as if the page was allocated."""
    return Bounds.watermark > 0 and k.zone[zone].nr_free <= Bounds.watermark + (1 << order)


def __putback_isolated_page(k: Kernel, me: Task, page: Page, order: int, ft: Freetype) -> None:
    """mm/page_alloc.c, __putback_isolated_page(); v1, v4."""
    __free_one_page(k, me, page, order, ft)
