"""Allocating and freeing pages of both kinds."""

from __future__ import annotations

from checker.language import Steps, assumed
from model.access import access, write_page
from model.bounds import Bounds
from model.clear import clear_page_mermap
from model.design import Design, Stale, Zeroing
from model.flip import __rmqueue_direct_map
from model.free_list import __free_one_page, hand_over
from model.freetype import Freetype, Kind, Migratetype
from model.highatomic import reserve_highatomic_pageblock
from model.kernel import Hand, Kernel, Order, Page, Task, Zone
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.page_poison import kernel_poison_pages, kernel_unpoison_pages
from model.pageblock import get_pfnblock_freetype, is_in
from model.pcp import free_frozen_page_commit, pcp_freetype, pcp_spin_trylock, rmqueue_pcplist
from model.request import AllocFlags, Gfp
from model.rmqueue import rmqueue_buddy
from model.shootdown import flush_tlb_all
from model.tlb import __flush_tlb_all
from model.watermark import zone_watermark_ok


def get_page_from_freelist(
    k: Kernel, me: Task, order: Order, ft: Freetype, gfp: Gfp, flags: AllocFlags, zero: bool
) -> Steps[Page | None]:
    """mm/page_alloc.c, get_page_from_freelist(); v1, v4: zone by zone, the lists and then a flip. Proposed: a
    flip only where the lists of all zones have nothing.
    """
    page: Page | None = None
    if flags is AllocFlags.HIGHATOMIC:  # mutant negate: only a property asks
        k.task[me].attempt.reserves = True
    for zone in Zone:
        if page is None and zone_watermark_ok(k, zone, order, flags):
            page = yield from rmqueue(k, me, zone, order, ft, flags)
            if page is None and not Design.flip_last:
                page = yield from __rmqueue_direct_map(k, me, zone, order, ft, gfp, flags)
    for zone in Zone:
        if Design.flip_last and page is None and zone_watermark_ok(k, zone, order, flags):
            page = yield from __rmqueue_direct_map(k, me, zone, order, ft, gfp, flags)
    if flags is AllocFlags.HIGHATOMIC:  # mutant: only a property asks
        k.task[me].attempt.reserves = False
    if page is not None:
        if flags is AllocFlags.HIGHATOMIC and order > 0 and Bounds.reserve > 0:
            yield from reserve_highatomic_pageblock(k, me, page, order)  # at the end of rmqueue_buddy()
        yield from prep_new_page(k, me, page, order, ft, zero)
    return page


def rmqueue(
    k: Kernel, me: Task, zone: Zone, order: Order, ft: Freetype, flags: AllocFlags
) -> Steps[Page | None]:
    """mm/page_alloc.c, rmqueue(): the per-CPU list for small orders, then the buddy lists."""
    if Design.pcplists and order == 0:
        page = yield from rmqueue_pcplist(k, me, zone, ft, flags)
        if page is not None:
            return page
    page = yield from rmqueue_buddy(k, me, zone, order, ft, flags)
    return page


def prep_new_page(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype, zero: bool) -> Steps:
    """mm/page_alloc.c, prep_new_page(): the hook, and from then on the pages are the caller's."""
    yield
    yield from post_alloc_hook(k, me, page, order, ft, zero)
    hand_over(k, page, order, owner_of(ft), me)
    for other in Page:
        if is_in(other, page, order):
            k.page[other].order = order


def owner_of(ft: Freetype) -> Hand:
    """In whose hands are the pages of a request?"""
    if ft[1] is Kind.UNMAPPED:
        return Hand.CALLER
    return Hand.LRU if ft[0] is Migratetype.MOVABLE else Hand.KERNEL


def post_alloc_hook(k: Kernel, me: Task, page: Page, order: Order, ft: Freetype, zero: bool) -> Steps:
    """mm/page_alloc.c, post_alloc_hook(): v1, v4.

    With init_on_free pages count as zeroed already. v4 refuses `zero` for unmapped requests, but lets
    init_on_alloc through unless hardware tags are in use.
    """
    if Design.stale is Stale.AT_REUSE and any_marked(k, page, order):
        yield from flush_marked(k, me, page, order)
    if Design.hooks_skip_unmapped and ft[1] is Kind.UNMAPPED:
        return
    if Design.debug_pagealloc:
        debug_pagealloc_map_pages(k, me, page, order, True)
        yield
    if Design.page_poisoning:
        yield from kernel_unpoison_pages(k, me, page, order)
    if not Design.init_on_free and (zero or Design.init_on_alloc):
        yield from kernel_init_pages(k, me, page, order)


# atomic: the pages are its own; speculation may come before or after all
def debug_pagealloc_map_pages(k: Kernel, me: Task, head: Page, order: Order, valid: bool) -> None:
    """arch/x86/mm/pat/set_memory.c, __kernel_map_pages(), mainline: only this CPU's TLB is flushed."""
    for page in Page:
        if is_in(page, head, order):
            k.page[page].present = valid
    __flush_tlb_all(k, k.task[me].cpu)  # mutant: other CPUs keep their entries too; it is for debugging


def kernel_init_pages(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_alloc.c, kernel_init_pages(): v1 and v2 by the way that the block's flag says; v4 through the
    direct map only.
    """
    for page in Page:
        if is_in(page, head, order):
            if Design.zeroing is Zeroing.ALLOCATOR and k.pageblock[page.block].flag is Kind.UNMAPPED:
                yield from clear_page_mermap(k, me, page)
            else:
                reached = access(k, me, page, None)
                write_page(k, me, reached, None)  # mutant swap: the page is in nobody else's hands
                yield  # mutant: the page is in nobody else's hands


def __free_frozen_pages(k: Kernel, me: Task, page: Page, order: Order) -> Steps:
    """mm/page_alloc.c, __free_frozen_pages(); v1, v4: prepare, then this CPU's list by the freetype as it is
    read without a lock, or the buddy lists by the freetype as it is under the lock.
    """
    hand_over(k, page, order, Hand.LIMBO, me)
    if Design.free_is_checked and any_marked(k, page, order):
        k.unflushed_free = True
    if Design.stale is Stale.PER_PAGE and any_marked(k, page, order):
        yield from flush_marked(k, me, page, order)
    if (  # mutant swap: the pages are only prepared twice
        Design.free_spares_poisoned and order > 0 and is_poisoned(k, page, order)
    ):
        yield from free_has_hwpoisoned(k, me, page, order)
        return
    prepared = yield from __free_pages_prepare(k, me, page, order)
    if prepared:
        yield from free_prepared(k, me, page, order)


def free_prepared(k: Kernel, me: Task, page: Page, order: Order) -> Steps:
    """The rest of __free_frozen_pages(), which with FPI_PREPARED is all of it."""
    if Design.pcplists and order == 0:  # mutant drop: a per-CPU list is only a cache
        ft = get_pfnblock_freetype(k, page)  # mutant swap: it is read without a lock either way
        yield  # mutant: it is read without a lock either way
        if ft[0] is not Migratetype.ISOLATE:  # mutant drop: such a range is only not to be had
            locked = pcp_spin_trylock(k, me, page.block.zone)
            if locked:
                yield from free_frozen_page_commit(k, me, page.block.zone, page, pcp_freetype(ft), False)
                return
    yield from free_one_page(k, me, page.block.zone, page, order)


# atomic: it may be set after this, before the page is listed, too
def is_poisoned(k: Kernel, head: Page, order: Order) -> bool:
    """PageHWPoison() of any of these pages."""
    return any(k.page[page].poisoned for page in Page if is_in(page, head, order))


def free_has_hwpoisoned(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """Proposed, as in a series by others: the pages around a poisoned one are freed one by one."""
    for page in Page:
        if is_in(page, head, order):
            prepared = yield from __free_pages_prepare(k, me, page, 0)
            if prepared:
                yield from free_one_page(k, me, page.block.zone, page, 0)


def any_marked(k: Kernel, head: Page, order: Order) -> bool:
    """Was any of these pages in a mermap since the last flush? (What was suggested.)"""
    return any(k.page[page].mermapped for page in Page if is_in(page, head, order))


def flush_marked(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """A flush on behalf of these pages, which lose their mark."""
    yield from flush_tlb_all(k, me)
    for page in Page:
        if is_in(page, head, order):
            k.page[page].mermapped = False


def free_one_page(k: Kernel, me: Task, zone: Zone, page: Page, order: Order) -> Steps:
    """mm/page_alloc.c, free_one_page() and split_large_buddy(): each block by its own freetype."""
    yield from spin_lock_irqsave(k, me, zone)
    free_deferred(k, me, zone)  # mutant swap: both under the lock
    split_large_buddy(k, me, page, order)
    spin_unlock_irqrestore(k, me, zone)


# atomic: llist_del_all(): what is pushed meanwhile is left for the next
def free_deferred(k: Kernel, me: Task, zone: Zone) -> None:
    """The same: zone->trylock_free_pages, by whoever has the lock next that others could not have."""
    for page in Page:
        if k.page[page].deferred and page.block.zone == zone:
            k.page[page].deferred = False  # mutant swap: both under the lock
            split_large_buddy(k, me, page, 0)


def split_large_buddy(k: Kernel, me: Task, page: Page, order: Order) -> None:
    """mm/page_alloc.c, split_large_buddy(); v1 and v4."""
    if (1 << order) <= len(page.block.pages):
        __free_one_page(k, me, page, order, get_pfnblock_freetype(k, page))
        return
    __free_one_page(k, me, page, order - 1, get_pfnblock_freetype(k, page))
    other = page + (1 << (order - 1))
    __free_one_page(k, me, other, order - 1, get_pfnblock_freetype(k, other))


def __free_pages_prepare(k: Kernel, me: Task, head: Page, order: Order) -> Steps[bool]:
    """mm/page_alloc.c, __free_pages_prepare(): no poisoned page of order 0 goes on (False); then poisoning,
    init_on_free (v1: through the mermap if unmapped; v4: skipped if unmapped), debug_pagealloc.
    """
    if order == 0 and is_poisoned(k, head, 0):
        hand_over(k, head, 0, Hand.OFFLINE, None)
        return False
    if Design.hooks_skip_unmapped and k.pageblock[head.block].flag is Kind.UNMAPPED:
        return True
    if Design.page_poisoning:
        yield from kernel_poison_pages(k, me, head, order)
    if Design.init_on_free:
        if Design.zeroing is Zeroing.ALLOCATOR:
            if Design.reserve_slot:
                assumed("v2 zeroes on free as v1 does: v2's mm/page_alloc.c was not found")
            yield from kernel_init_pages(k, me, head, order)
        elif Design.hooks_skip_unmapped or k.pageblock[head.block].flag is Kind.MAPPED:
            yield from kernel_init_pages(k, me, head, order)
    if Design.debug_pagealloc:
        yield
        debug_pagealloc_map_pages(k, me, head, order, False)  # mutant: it is for debugging
    return True
