"""Allocating and freeing from contexts that may not spin on a lock: tracing programs, in any interrupt."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.design import Design
from model.free_list import hand_over
from model.freetype import Kind, Migratetype
from model.kernel import Hand, Kernel, Page, Task
from model.kernel_callers import use_as_kernel_memory
from model.locks import spin_trylock_irqsave
from model.page_alloc import __free_pages_prepare, split_large_buddy
from model.pageblock import get_pfnblock_freetype
from model.pcp import free_frozen_page_commit, pcp_freetype, pcp_spin_trylock
from model.request import Gfp
from model.slowpath import __alloc_frozen_pages


@operation(Task)
def alloc_pages_nolock(k: Kernel, me: Task, kind: Kind) -> Steps:
    """mm/page_alloc.c, alloc_pages_nolock(), v1 and v4: a page, if a lock can be had at once. It never has
    __GFP_DIRECT_RECLAIM, so that it never flips; the one who asks for an unmapped page gets one that is free
    as such, or none.

    Trigger: root: a BPF program that allocates, attached to a tracepoint or a kprobe, in whatever context
    that is.
    """
    begin_nolock(k, me)
    page = yield from __alloc_frozen_pages(k, me, 0, (Migratetype.UNMOVABLE, kind), Gfp.NOLOCK, False)
    k.task[me].trylocks_only = False
    if page is not None and kind is Kind.MAPPED:
        use_as_kernel_memory(k, me, page)
        yield


@operation(Task)
def free_pages_nolock(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/page_alloc.c, free_pages_nolock(), v1 and v4.

    Trigger: root: a BPF program that frees, in whatever context it runs.
    """
    when(k.page[page].holder == me and k.page[page].order == 0)
    when(k.page[page].hand is Hand.KERNEL or k.page[page].hand is Hand.CALLER)
    begin_nolock(k, me)
    yield from __free_frozen_page_trylock(k, me, page)
    k.task[me].trylocks_only = False


def begin_nolock(k: Kernel, me: Task) -> None:
    """From here on it may have interrupted whoever has the lock that it needs."""
    k.nolock_used = True
    k.task[me].trylocks_only = True


def __free_frozen_page_trylock(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/page_alloc.c, __free_frozen_pages() with FPI_TRYLOCK, v1 and v4: this CPU's list, or the buddy
    lists, if their lock can be had at once; else the page waits for the next one who has it.
    """
    hand_over(k, page, 0, Hand.LIMBO, me)
    prepared = yield from __free_pages_prepare(k, me, page, 0)
    if not prepared:
        return
    zone = page.block.zone
    ft = get_pfnblock_freetype(k, page)
    yield
    if Design.pcplists and ft[0] is not Migratetype.ISOLATE:
        cached = pcp_spin_trylock(k, me, zone)
        if cached:
            yield from free_frozen_page_commit(k, me, zone, page, pcp_freetype(ft), True)
            return
    locked = spin_trylock_irqsave(k, me, zone)
    if locked:
        split_large_buddy(k, me, page, 0)
        k.zone[zone].locked_by = None
    else:
        add_page_to_zone_llist(k, page)


def add_page_to_zone_llist(k: Kernel, page: Page) -> None:
    """mm/page_alloc.c, add_page_to_zone_llist(): an atomic push onto zone->trylock_free_pages."""
    k.page[page].assign(deferred=True, holder=None)
