"""The flip: whole free pageblocks cross the direct-map boundary."""

from __future__ import annotations

from checker.language import Steps
from model.access import access, write_page
from model.design import Design, FailureList, FlipMode, Remainder, Scrub
from model.direct_map import Result, set_direct_map_valid_noflush, undo_direct_map
from model.free_list import (
    __free_one_page,
    account_freepages,
    expand,
    is_empty,
    is_on,
)
from model.freetype import FreeList, Freetype, Kind, Migratetype, freetype_idx, other_flags
from model.kernel import Block, Kernel, Order, Page, Task, Zone
from model.locks import (
    cpus_read_trylock,
    cpus_read_unlock,
    might_sleep,
    spin_lock_irqsave,
    spin_unlock_irqrestore,
)
from model.page_poison import kernel_poison_pages
from model.pageblock import (
    first_page,
    is_in,
    mark_flipping,
    max_page_order,
    pageblock_order,
    set_pageblock_freetype_flags,
    set_pageblock_migratetype,
)
from model.request import AllocFlags, Gfp, may_block
from model.rmqueue import __rmqueue, __rmqueue_claim, __rmqueue_steal, fallback, has_fallback
from model.shootdown import flush_tlb_all, flush_tlb_kernel_range
from model.watermark import is_below_watermark


def __rmqueue_direct_map(
    k: Kernel, me: Task, zone: Zone, order: Order, want: Freetype, gfp: Gfp, flags: AllocFlags
) -> Steps[Page | None]:
    """mm/page_alloc.c, __rmqueue_direct_map(); v1, v2 19/22 and v4."""
    if Design.flip_last and flags is AllocFlags.NOFRAGMENT:  # mutant swap: `source` is not used there
        return None
    # It may have to wait for other CPUs, and for memory.
    if not Design.unmapped_requests:
        return None
    source = flipped_from(want)
    if freetype_idx(source) is FreeList.NO_LIST or not may_block(gfp):
        return None
    might_sleep(k, me)
    if not cpus_read_trylock(k, me):
        return None
    page = yield from flip_blocks(k, me, zone, order, source, want, gfp, flags)
    cpus_read_unlock(k, me)
    return page


def flip_blocks(
    k: Kernel,
    me: Task,
    zone: Zone,
    order: Order,
    source: Freetype,
    want: Freetype,
    gfp: Gfp,
    flags: AllocFlags,
) -> Steps[Page | None]:
    """The rest of __rmqueue_direct_map(); as proposed, no CPU is brought up meanwhile."""
    # Wholly free blocks of the other kind, taken under the lock. They may change their migratetype.
    alloc_order = max(order, pageblock_order())
    yield from spin_lock_irqsave(k, me, zone)
    if Design.flip_last:
        page = __rmqueue(k, me, zone, order, want, flags)
        if page is not None:
            spin_unlock_irqrestore(k, me, zone)
            return page
    page = take_blocks(k, me, zone, alloc_order, source, flags)
    if page is not None:
        note_flip(k, zone, order, want)
        count_flip(k, page, alloc_order)  # mutant: only a property asks how often
        mark_flipping(k, page, alloc_order, True)
    spin_unlock_irqrestore(k, me, zone)
    if page is None:
        return None
    # Interrupts are on and no lock is held: change the entries.
    if want[1] is Kind.MAPPED and Design.scrub is Scrub.BEFORE_MAP:
        yield from clear_blocks(k, me, page, alloc_order)
    if Design.flip_keeps_scope and gfp is Gfp.NOFS:
        k.task[me].nofs = True
    result = yield from set_direct_map_valid_noflush(k, me, page, alloc_order, want[1] is Kind.MAPPED)
    if Design.flip_keeps_scope:
        k.task[me].nofs = False
    if result is Result.FAILED:  # mutant swap: a flush before the failed block is given back only costs
        yield from give_back(k, me, zone, page, alloc_order, want)
        return None
    if want[1] is Kind.MAPPED:
        yield from scrub(k, me, page, alloc_order)
        if Design.hooks_skip_unmapped and Design.page_poisoning:
            yield from kernel_poison_pages(k, me, page, alloc_order)
    elif Design.unmap_flush:
        yield from flush_unmapped_blocks(k, me, zone, page, alloc_order)
    # The flags tell everybody what the blocks' pages are.
    for block in Block:
        if is_in(Page(int(block) * len(block.pages)), page, alloc_order):
            yield  # mutant: the pages of the block are in nobody else's hands
            set_pageblock_freetype_flags(k, block, want[1])
    if order == alloc_order and source[0] is want[0]:  # mutant drop: the rest that is listed is nothing
        mark_flipping(k, page, alloc_order, False)
        return page  # mutant: the rest that is listed is nothing
    # The rest goes to the lists of its new kind.
    yield from spin_lock_irqsave(k, me, zone)  # mutant swap: the block's pages are in nobody else's hands
    if source[0] is not want[0]:  # mutant swap: both under the lock
        set_pageblock_migratetype(k, page, alloc_order, want[0])
    list_remainder(k, me, zone, page, order, alloc_order, want)
    mark_flipping(k, page, alloc_order, False)
    spin_unlock_irqrestore(k, me, zone)
    return page


def kept_by_watermark(k: Kernel, zone: Zone, order: Order, source: Freetype) -> bool:
    """Proposed: does the watermark keep the blocks? Unmapped ones are of no use to whoever may not sleep."""
    if not Design.flip_keeps_reserve or source[1] is Kind.UNMAPPED:
        return False
    return is_below_watermark(k, zone, order)


def take_blocks(
    k: Kernel, me: Task, zone: Zone, order: Order, source: Freetype, flags: AllocFlags
) -> Page | None:
    """The __rmqueue() calls of __rmqueue_direct_map(): v1 and v2 19/22 one from mode NORMAL, which goes on to
    claiming and stealing by itself; v4 then one more from mode CLAIM, which has nothing left to find.
    """
    page: Page | None = None
    if kept_by_watermark(k, zone, order, source):
        return None
    if Design.flip_mode is not FlipMode.CLAIM:
        page = __rmqueue(k, me, zone, order, source, flags)
    if page is None and Design.flip_mode is not FlipMode.NORMAL:  # mutant drop: nothing is left
        page = __rmqueue_claim(k, me, zone, order, source, flags)  # mutant: nothing is left
        if page is None and flags is not AllocFlags.NOFRAGMENT:  # mutant: nothing is left
            page = __rmqueue_steal(k, me, zone, order, source)  # mutant: nothing is left
    return page


def note_flip(k: Kernel, zone: Zone, order: Order, want: Freetype) -> None:
    """For the claim that a flip is the last resort: would a free page of the wanted kind have done?"""
    k.flipped = True
    for other in Zone:
        if any(
            other != zone
            and current_order >= order
            and not is_empty(k, other, current_order, freetype_idx(want))
            for current_order in range(max_page_order() + 1)
        ):
            k.flipped_before_zone = True
    for current_order in range(max_page_order() + 1):
        if current_order >= order and not is_empty(k, zone, current_order, freetype_idx(want)):
            k.flipped_early = True
        if (
            current_order >= order
            and has_fallback(want)
            and not is_empty(k, zone, current_order, freetype_idx(fallback(want)))
        ):
            k.flipped_early = True


def count_flip(k: Kernel, page: Page, order: Order) -> None:
    """For the claim that blocks do not go back and forth."""
    for block in Block:
        if is_in(first_page(block), page, order):
            k.pageblock[block].flips = min(3, k.pageblock[block].flips + 1)


def flipped_from(want: Freetype) -> Freetype:
    """ft_other of __rmqueue_direct_map(): the flag inverted, the same migratetype; so that for a movable
    request there is nothing to flip.
    """
    if Design.flip_any_type and want[1] is Kind.MAPPED:
        return (Migratetype.UNMOVABLE, Kind.UNMAPPED)
    return other_flags(want)


def list_remainder(
    k: Kernel, me: Task, zone: Zone, page: Page, order: Order, alloc_order: Order, want: Freetype
) -> None:
    """The end of __rmqueue_direct_map(): v1 and v2 free each half, v4 expands."""
    if Design.remainder is Remainder.EXPAND:
        listed = expand(k, me, page, order, alloc_order, want)
        account_freepages(k, me, zone, listed, want)
        return
    for part in range(max_page_order()):
        if order <= part and part < alloc_order:
            __free_one_page(k, me, page + (1 << part), part, want)


def give_back(k: Kernel, me: Task, zone: Zone, page: Page, alloc_order: Order, want: Freetype) -> Steps:
    """The failure path of __rmqueue_direct_map(); each version has its own."""
    if Design.failure_undo:
        yield from undo_direct_map(k, page, alloc_order, want[1])
    if Design.undo_flush and want[1] is Kind.MAPPED:  # mutant swap: `ft` does not depend on it
        yield from flush_tlb_kernel_range(k, me, page, alloc_order)
    wants = Design.failure_list is FailureList.WANTED
    ft = want if wants else flipped_from(want)  # mutant swap: it is no field
    if Design.failure_lock:
        yield from spin_lock_irqsave(k, me, zone)
        __free_one_page(k, me, page, alloc_order, ft)
        mark_flipping(k, page, alloc_order, False)
        spin_unlock_irqrestore(k, me, zone)
    else:
        yield from free_one_page_unlocked(k, me, zone, page, alloc_order, ft)


def free_one_page_unlocked(k: Kernel, me: Task, zone: Zone, page: Page, order: Order, ft: Freetype) -> Steps:
    """__free_one_page() without the lock, v1: what list_add() has read is written back later, and so is the
    counter.

    What somebody else did in between is lost: a page taken off is linked again, one put on is not.
    """
    yield
    idx = freetype_idx(ft)
    linked = {other for other in Page if is_on(k, other, zone, order, idx)}
    counted = k.zone[zone].nr_free
    yield
    for other in Page:
        if other in linked:
            k.page[other].list = idx
        elif is_on(k, other, zone, order, idx):
            k.page[other].list = None
    k.zone[zone].nr_free = counted
    __free_one_page(k, me, page, order, ft)


def scrub(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_alloc.c, __rmqueue_direct_map(), v4: overwrite the pages with zeroes, through the direct map in
    which they have just become present.
    """
    if Design.scrub is Scrub.AFTER_MAP:
        yield from clear_blocks(k, me, head, order)


def clear_blocks(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """clear_page() of each page, by its address in the direct map."""
    for page in Page:
        if is_in(page, head, order):
            reached = access(k, me, page, None)
            write_page(k, me, reached, None)
            yield


def flush_unmapped_blocks(k: Kernel, me: Task, zone: Zone, head: Page, order: Order) -> Steps:
    """The shootdown of __rmqueue_direct_map(); with the what-if, under the zone lock."""
    if Design.flush_under_lock:
        yield from spin_lock_irqsave(k, me, zone)
        yield from flush_tlb_kernel_range(k, me, head, order)
        spin_unlock_irqrestore(k, me, zone)
    elif Design.flip_flushes_all:
        yield from flush_tlb_all(k, me)
    else:
        yield from flush_tlb_kernel_range(k, me, head, order)
