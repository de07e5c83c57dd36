"""A request from its beginning to its end: the fast path, and what is tried when that finds nothing."""

from __future__ import annotations

from checker.language import Steps, assumed
from model.bounds import Bounds
from model.compaction import compaction_defer_reset, try_to_compact_pages
from model.design import Design, Zeroing
from model.free_list import page_is_buddy
from model.freetype import FreeList, Freetype, Kind, Migratetype, migratetype_is_mergeable
from model.highatomic import unreserve_highatomic_pageblock
from model.kernel import CompactPriority, CompactResult, Kernel, Order, Page, Task, Zone
from model.page_alloc import get_page_from_freelist, prep_new_page
from model.pageblock import get_pfnblock_freetype, pageblock_order
from model.pcp import drain_all_pages
from model.reclaim import __perform_reclaim, zone_reclaimable_pages
from model.request import AllocFlags, Gfp, may_block
from model.watermark import __zone_watermark_ok, zone_watermark_ok


def __alloc_frozen_pages(
    k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_frozen_pages_noprof(); v1, v4, which refuses `zero` for unmapped requests."""
    if ft[1] is Kind.UNMAPPED and not Design.unmapped_requests:
        return None
    if zero and ft[1] is Kind.UNMAPPED and Design.zeroing is Zeroing.PAGE_CACHE:
        return None
    flags = AllocFlags.NOFRAGMENT if Design.nofragment else AllocFlags.NONE
    if gfp is Gfp.NOLOCK:
        flags = AllocFlags.NOLOCK
    page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    if page is None and gfp is not Gfp.NOLOCK:
        if Design.slow_path:
            page = yield from __alloc_pages_slowpath(k, me, order, ft, gfp, zero)
        elif Design.nofragment or gfp is Gfp.ATOMIC:
            flags = AllocFlags.HIGHATOMIC if gfp is Gfp.ATOMIC else AllocFlags.NONE
            page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    if page is None and gfp is not Gfp.NOLOCK and Bounds.tasks == 1:
        note_refusal(k, order, ft, AllocFlags.HIGHATOMIC if gfp is Gfp.ATOMIC else AllocFlags.NONE)
    return page


def note_refusal(k: Kernel, order: Order, ft: Freetype, flags: AllocFlags) -> None:
    """For the claim that what is free is handed out, judged where nobody else can free it too late: did the
    lists that are open to the request have a page of the wanted kind?
    """
    k.refused = True
    if any(  # atomic: what a property wants to know takes no time
        page_is_buddy(k, page, k.page[page].order)
        and k.page[page].list is not FreeList.NO_LIST
        and k.page[page].order >= order
        and k.pageblock[page.block].flag is ft[1]
        and is_open_to(get_pfnblock_freetype(k, page)[0], flags)
        and zone_watermark_ok(k, page.block.zone, order, flags)
        for page in Page
    ):
        k.refused_early = True


def is_open_to(migratetype: Migratetype, flags: AllocFlags) -> bool:
    """May a request with these flags have such pages? Reserved ones are for atomic requests."""
    if migratetype is Migratetype.HIGHATOMIC:
        return flags is AllocFlags.HIGHATOMIC
    return migratetype_is_mergeable(migratetype)


def __alloc_pages_slowpath(
    k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_pages_slowpath(); v4: with the reserves that the mask allows; then reclaim and
    compaction, round after round: while reclaim seems to help, while there is a reserve to give up, and while
    compaction seems to help; and then the OOM killer comes.
    """
    flags = AllocFlags.HIGHATOMIC if gfp is Gfp.ATOMIC else AllocFlags.NONE
    compact_first = may_block(gfp) and order > 0 and ft[0] is not Migratetype.MOVABLE
    begin_attempt(k, me, compact_first)
    while True:
        page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
        if page is not None:
            break
        if not may_block(gfp):
            yield from give_up(k, me, order, ft, gfp)
            break
        if not compact_first:
            page = yield from __alloc_pages_direct_reclaim(k, me, order, ft, gfp, flags, zero)
            if page is not None:
                break
        page = yield from __alloc_pages_direct_compact(k, me, order, ft, gfp, flags, zero)
        if page is not None:
            break
        yield
        if compact_first:
            compact_first = False
            k.task[me].attempt.compact_priority = CompactPriority.SYNC_LIGHT
            continue
        again = should_retry_reclaim(k, me, order, ft)
        if not again:
            again = yield from unreserve_highatomic_pageblock(k, me, ft, True)
        if not again and k.task[me].attempt.did_some_progress:
            again = should_compact_retry(k, me, order)
        if not again:
            page = yield from __alloc_pages_may_oom(k, me, order, ft, gfp, flags, zero)
            break
    end_attempt(k, me)
    return page


def begin_attempt(k: Kernel, me: Task, compact_first: bool) -> None:
    """The initial values of the locals of __alloc_pages_slowpath()."""
    prio = CompactPriority.ASYNC if compact_first else CompactPriority.SYNC_LIGHT
    k.task[me].attempt.compact_priority = prio


def end_attempt(k: Kernel, me: Task) -> None:
    """They are gone."""
    k.task[me].attempt.assign(
        did_some_progress=False,
        no_progress_loops=0,
        compact_priority=CompactPriority.SYNC_FULL,
        compact_result=CompactResult.SKIPPED,
        compaction_retries=0,
        laps=0,
        gave_up=None,
        migratetype=Migratetype.UNMOVABLE,
        order=0,
        patient=False,
    )


def __alloc_pages_direct_reclaim(
    k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp, flags: AllocFlags, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_pages_direct_reclaim(); v4: only where something was freed, and that did
    not help, are the per-CPU lists drained.
    """
    yield from __perform_reclaim(k, me, gfp)
    if not k.task[me].attempt.did_some_progress:
        return None
    page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    if page is None and (Design.pcplists or Bounds.reserve > 0):
        yield from unreserve_highatomic_pageblock(k, me, ft, False)
        for zone in Zone:
            if Design.pcplists:
                yield from drain_all_pages(k, me, zone)
        page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    return page


def compact_order_of(order: Order, ft: Freetype) -> int:
    """__alloc_pages_direct_compact(): an unmapped request needs a whole block; v4."""
    if ft[1] is Kind.UNMAPPED and Design.compact_unmapped:
        return max(order, pageblock_order())
    return order


def __alloc_pages_direct_compact(
    k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp, flags: AllocFlags, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_pages_direct_compact(): for order 0 nothing, but v4's unmapped requests."""
    compact_order = compact_order_of(order, ft)
    if compact_order == 0:
        return None
    prio = k.task[me].attempt.compact_priority
    result = yield from try_to_compact_pages(k, me, order, compact_order, ft, prio)
    k.task[me].attempt.compact_result = result
    page = k.task[me].capture.page
    k.task[me].capture.assign(page=None, order=0, ft=(Migratetype.UNMOVABLE, Kind.MAPPED), zone=Zone(0))
    if result is CompactResult.SKIPPED:
        return None
    if page is not None:
        yield from prep_new_page(k, me, page, order, ft, zero)
    else:
        page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    if page is not None:
        compaction_defer_reset(k, page.block.zone)
    return page


# atomic: a hint, read counter by counter; the lists are tried under the lock next
def should_retry_reclaim(k: Kernel, me: Task, order: Order, ft: Freetype) -> bool:
    """__alloc_pages_slowpath(): is another round worth it, for reclaim's sake? Proposed: for compaction's."""
    attempt = k.task[me].attempt
    if attempt.did_some_progress:
        attempt.laps = min(3, attempt.laps + 1)
    if Design.compact_harder and ft[1] is Kind.UNMAPPED and can_compact_harder(k, me):
        attempt.compact_priority = CompactPriority.SYNC_FULL
        return True
    again = should_reclaim_retry(k, me, order)
    return again


def can_compact_harder(k: Kernel, me: Task) -> bool:
    """Proposed: compaction was tried, or would have been, and not at the highest priority."""
    attempt = k.task[me].attempt
    return (
        attempt.compact_result is not CompactResult.SKIPPED
        and attempt.compact_priority is not CompactPriority.SYNC_FULL
    )


def should_reclaim_retry(k: Kernel, me: Task, order: Order) -> bool:
    """mm/page_alloc.c, should_reclaim_retry(); v4: any progress makes it begin to count again (the orders of
    this model are not costly). It goes on while all that is reclaimable would do; its end, at which it gives
    up the reserve instead, is in __alloc_pages_slowpath().
    """
    attempt = k.task[me].attempt
    if attempt.did_some_progress:
        attempt.no_progress_loops = 0
    else:
        attempt.no_progress_loops += 1
    if attempt.no_progress_loops > Bounds.retries:
        return False
    return any(is_worth_reclaiming(k, zone, order) for zone in Zone)


def is_worth_reclaiming(k: Kernel, zone: Zone, order: Order) -> bool:
    """should_reclaim_retry(): would the zone be above its mark if everything was reclaimed?"""
    available = k.zone[zone].nr_free + zone_reclaimable_pages(k, zone)
    return __zone_watermark_ok(k, zone, order, Bounds.watermark, AllocFlags.NONE, available)


# atomic: a hint, read counter by counter
def should_compact_retry(k: Kernel, me: Task, order: Order) -> bool:
    """mm/page_alloc.c, should_compact_retry(); v4: not for order 0; else again where it seemed to
    succeed, and then with a higher priority, until there is none.
    """
    attempt = k.task[me].attempt
    if order == 0:
        return False
    if attempt.compact_result is CompactResult.SKIPPED:
        return any(could_be_compacted(k, zone, order) for zone in Zone)
    if attempt.compact_result is CompactResult.SUCCESS and attempt.compaction_retries < Bounds.retries:
        attempt.compaction_retries += 1
        return True
    if attempt.compact_priority is CompactPriority.SYNC_FULL:
        return False
    attempt.compact_priority = CompactPriority.SYNC_FULL
    attempt.compaction_retries = 0
    return True


def could_be_compacted(k: Kernel, zone: Zone, order: Order) -> bool:
    """mm/compaction.c, compaction_zonelist_suitable(): with a part of what is reclaimable freed."""
    available = k.zone[zone].nr_free + zone_reclaimable_pages(k, zone) // order
    mark = Bounds.watermark + Bounds.compact_gap
    return __zone_watermark_ok(k, zone, 0, mark, AllocFlags.NONE, available)


def __alloc_pages_may_oom(
    k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp, flags: AllocFlags, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, __alloc_pages_may_oom(), v4: one more look, and then a process is killed."""
    if Design.drain_first and Design.pcplists:
        for zone in Zone:
            yield from drain_all_pages(k, me, zone)
    page = yield from get_page_from_freelist(k, me, order, ft, gfp, flags, zero)
    if page is None:
        assumed("a request that needs the OOM killer counts as one that fails")
        yield from give_up(k, me, order, ft, gfp)
    return page


def give_up(k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp) -> Steps:
    """warn_alloc(), or out_of_memory(): what the request was is noted for the properties."""
    k.task[me].attempt.assign(gave_up=ft[1], migratetype=ft[0], order=order, patient=may_block(gfp))
    yield
