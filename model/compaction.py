"""Direct compaction: movable pages go from one end of a zone to free pages at the other."""

from __future__ import annotations

from checker.language import Steps, assumed
from model.bounds import Bounds
from model.design import Design
from model.free_list import is_empty, page_is_buddy
from model.freetype import Freetype, Kind, Migratetype, freetype_idx
from model.kernel import (
    Block,
    CompactPriority,
    CompactResult,
    Hand,
    Kernel,
    Order,
    Page,
    Task,
    Zone,
)
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.migrate import folio_isolate_lru, migrate_folio, putback_movable_page
from model.page_alloc import __free_frozen_pages, post_alloc_hook
from model.page_isolation import __isolate_free_page
from model.pageblock import first_page, get_pfnblock_freetype, max_page_order, pageblock_order
from model.pcp import drain_pages_zone
from model.request import AllocFlags
from model.rmqueue import fallback, has_fallback
from model.watermark import __zone_watermark_ok, free_pages_in_mapped_blocks


def suitable_migration_source(k: Kernel, block: Block, ft: Freetype, prio: CompactPriority) -> bool:
    """mm/compaction.c, suitable_migration_source(); WIP of v4: asynchronous compaction stays within blocks of
    the request's own migratetype, so as not to spoil others.
    """
    if prio is not CompactPriority.ASYNC:
        return True
    return get_pfnblock_freetype(k, first_page(block))[0] is ft[0]


def suitable_migration_target(k: Kernel, block: Block, prio: CompactPriority) -> Steps[bool]:
    """mm/compaction.c, suitable_migration_target(); v4 (freetype stage): read without a lock. Whether the
    block is in the direct map is not asked. (A free buddy is large from the order on that compaction is for;
    here from that of a block on.)
    """
    head = first_page(block)
    if is_free_block(k, head):
        return False
    if Design.target_is_mapped and k.pageblock[block].flag is Kind.UNMAPPED:
        return False
    if prio is CompactPriority.SYNC_FULL:
        return True
    yield
    return get_pfnblock_freetype(k, head)[0] is Migratetype.MOVABLE


# atomic: a hint, which may be wrong right after, too
def is_free_block(k: Kernel, head: Page) -> bool:
    """PageBuddy() and buddy_order_unsafe(): does it head a free buddy of a block or more?"""
    return page_is_buddy(k, head, max(k.page[head].order, pageblock_order()))


def isolate_freepages_block(k: Kernel, me: Task, block: Block) -> Steps[bool]:
    """mm/compaction.c, isolate_freepages_block(), v4 (freetype stage): the first free buddy of the block;
    under the lock only PageBuddy is looked at again. If it may not be taken for the watermark's sake, no
    smaller one is tried, and isolate_freepages() ends too: False.
    """
    may_go_on = True
    yield from spin_lock_irqsave(k, me, block.zone)
    if not (Design.target_is_mapped and k.pageblock[block].flag is Kind.UNMAPPED):
        for page in block.pages:
            found = len(k.task[me].freepages) > 0
            if may_go_on and not found and page_is_buddy(k, page, k.page[page].order):
                may_go_on = isolate_one_buddy(k, me, page)
    spin_unlock_irqrestore(k, me, block.zone)
    return may_go_on


def isolate_one_buddy(k: Kernel, me: Task, page: Page) -> bool:
    """The body of the loop of isolate_freepages_block()."""
    order = k.page[page].order
    isolated = __isolate_free_page(k, me, page, order)
    if isolated:
        k.task[me].freepages |= {other for other in Page if page <= other and other - page < 1 << order}
    return isolated


def isolate_freepages(k: Kernel, me: Task, source: Block, prio: CompactPriority) -> Steps:
    """mm/compaction.c, isolate_freepages(); v4 (freetype stage): block by block from the end of the zone down
    to the one that is being emptied, until there is a free page, or the watermark forbids to take one.
    fast_isolate_freepages() before it finds pages of the same kinds of blocks sooner, and is left out.
    """
    assumed("the free scanner begins at the end of the zone: positions cached by earlier runs are not kept")
    for nr in range(Bounds.blocks):
        block = Block(int(source.zone) * Bounds.blocks + Bounds.blocks - 1 - nr)
        if source < block and len(k.task[me].freepages) == 0:
            yield
            suits = yield from suitable_migration_target(k, block, prio)
            if suits:
                may_go_on = yield from isolate_freepages_block(k, me, block)
                if not may_go_on:
                    return


def migrate_pages(k: Kernel, me: Task, source: Page, prio: CompactPriority) -> Steps[bool]:
    """mm/migrate.c, migrate_pages(), with compaction_alloc() for the target, which it makes an allocated one:
    one page at a time.
    """
    if len(k.task[me].freepages) == 0:
        yield from isolate_freepages(k, me, source.block, prio)
    if len(k.task[me].freepages) == 0:
        putback_movable_page(k, source)
        return False
    target = min(k.task[me].freepages)
    k.task[me].freepages.discard(target)
    yield from post_alloc_hook(k, me, target, 0, (Migratetype.MOVABLE, Kind.MAPPED), False)
    yield from migrate_folio(k, me, source, target)
    yield from __free_frozen_pages(k, me, source, 0)
    k.task[me].attempt.laps = 0
    return True


def release_free_list(k: Kernel, me: Task) -> Steps:
    """mm/compaction.c, release_free_list(), mainline: targets that were not needed are made allocated pages,
    so that they can be freed.
    """
    for page in Page:
        if page in k.task[me].freepages:
            k.task[me].freepages.discard(page)
            yield from post_alloc_hook(k, me, page, 0, (Migratetype.MOVABLE, Kind.MAPPED), False)
            yield from __free_frozen_pages(k, me, page, 0)
            yield


def drain_local_pages(k: Kernel, me: Task, zone: Zone) -> Steps:
    """mm/page_alloc.c, drain_local_pages(): this CPU's lists, so that what was freed can merge."""
    yield
    cpu = k.task[me].cpu
    if Design.pcplists and k.zone[zone].pcp_lock[cpu] is None:
        yield from drain_pages_zone(k, me, zone, cpu)


# atomic: a hint, read list by list; the lists are tried under the lock next
def compact_finished(k: Kernel, zone: Zone, order: Order, ft: Freetype) -> bool:
    """mm/compaction.c, __compact_finished(); v4 (a draft of its last patch, too): a page for the request is
    free, or one of a fallback type of the same flags. A block that could be flipped is neither.
    """
    return any(
        not is_empty(k, zone, current_order, freetype_idx(ft))
        or (has_fallback(ft) and not is_empty(k, zone, current_order, freetype_idx(fallback(ft))))
        for current_order in range(max_page_order() + 1)
        if current_order >= order
    )


# atomic: a hint, read counter by counter
def compaction_suit_allocation_order(k: Kernel, zone: Zone, order: Order, ft: Freetype) -> CompactResult:
    """mm/compaction.c, compaction_suit_allocation_order() and compaction_suitable(); v4, which for an
    unmapped request looks at NR_FREE_PAGES_BLOCKS_MAPPED only.
    """
    free = k.zone[zone].nr_free
    if ft[1] is Kind.UNMAPPED:
        free = free_pages_in_mapped_blocks(k, zone)
    if __zone_watermark_ok(k, zone, order, Bounds.watermark, AllocFlags.NONE, free):
        return CompactResult.SUCCESS
    gap = Bounds.watermark + Bounds.compact_gap
    if not __zone_watermark_ok(k, zone, 0, gap, AllocFlags.NONE, k.zone[zone].nr_free):
        return CompactResult.SKIPPED
    return CompactResult.CONTINUE


def compact_zone(
    k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype, prio: CompactPriority
) -> Steps[CompactResult]:
    """mm/compaction.c, compact_zone(); WIP of v4: the source scanner goes up from the start of the zone; each
    movable page it finds is migrated; when it has met the free scanner, that was all.
    """
    suits = compaction_suit_allocation_order(k, zone, order, ft)
    if suits is not CompactResult.CONTINUE:
        return suits
    result = CompactResult.COMPLETE
    for block in zone.blocks:
        yield
        if compact_finished(k, zone, order, ft):
            result = CompactResult.SUCCESS
            break
        if suitable_migration_source(k, block, ft, prio):
            yield from migrate_block(k, me, block, prio)
        if k.task[me].capture.page is not None:
            result = CompactResult.SUCCESS
            break
    yield from release_free_list(k, me)
    return result


def migrate_block(k: Kernel, me: Task, block: Block, prio: CompactPriority) -> Steps:
    """mm/compaction.c, isolate_migratepages_block() and the body of the loop of compact_zone(): page by page,
    and then what was freed is drained.
    """
    for page in block.pages:
        yield
        if k.page[page].hand is Hand.LRU:
            folio_isolate_lru(k, me, page)
            migrated = yield from migrate_pages(k, me, page, prio)
            if not migrated:
                return
    yield from drain_local_pages(k, me, block.zone)


def compact_zone_order(
    k: Kernel, me: Task, zone: Zone, order: Order, compact_order: Order, ft: Freetype, prio: CompactPriority
) -> Steps[CompactResult]:
    """mm/compaction.c, compact_zone_order(): capture control is published before, and withdrawn before what
    was captured is read. A page is captured if it has the order of the request, not that of compaction. v4
    does both around all zones, in __alloc_pages_direct_compact(), with the zone that is being compacted.
    """
    k.task[me].capture.assign(active=True, zone=zone, order=order, ft=ft, page=None)
    yield
    result = yield from compact_zone(k, me, zone, compact_order, ft, prio)
    yield
    k.task[me].capture.active = False
    yield
    if k.task[me].capture.page is not None:
        return CompactResult.SUCCESS
    return result


# atomic: counters without a lock; a mixture changes how often compaction is tried
def compaction_deferred(k: Kernel, zone: Zone) -> bool:
    """mm/compaction.c, compaction_deferred(): after n failures in a row, 2^n - 1 attempts are skipped.

    Left out: compact_order_failed, the lowest order that failed, below which none is skipped.
    """
    limit = 1 << k.zone[zone].compact_defer_shift
    k.zone[zone].compact_considered = min(limit, k.zone[zone].compact_considered + 1)
    return k.zone[zone].compact_considered < limit


# atomic: the same counters
def defer_compaction(k: Kernel, zone: Zone) -> None:
    """mm/compaction.c, defer_compaction()."""
    k.zone[zone].compact_considered = 0
    if k.zone[zone].compact_defer_shift < Bounds.defer_shift:
        k.zone[zone].compact_defer_shift += 1


# atomic: the same counters
def compaction_defer_reset(k: Kernel, zone: Zone) -> None:
    """mm/compaction.c, compaction_defer_reset() after an allocation that succeeded."""
    k.zone[zone].assign(compact_considered=0, compact_defer_shift=0)


def better_of(a: CompactResult, b: CompactResult) -> CompactResult:
    """The larger of two values of enum compact_result."""
    for result in CompactResult:
        if a is result:
            return b
        if b is result:
            return a
    return a


def try_to_compact_pages(
    k: Kernel, me: Task, order: Order, compact_order: Order, ft: Freetype, prio: CompactPriority
) -> Steps[CompactResult]:
    """mm/compaction.c, try_to_compact_pages(): zone by zone until one should serve the request."""
    result = CompactResult.SKIPPED
    for zone in Zone:
        yield
        deferred = False
        if prio is not CompactPriority.SYNC_FULL:
            deferred = compaction_deferred(k, zone)
        if deferred:
            result = better_of(result, CompactResult.DEFERRED)
        else:
            status = yield from compact_zone_order(k, me, zone, order, compact_order, ft, prio)
            result = better_of(result, status)
            if status is CompactResult.SUCCESS:
                return status
            if prio is not CompactPriority.ASYNC and status is CompactResult.COMPLETE:
                defer_compaction(k, zone)
    return result
