"""Allocating and freeing single pages of both kinds."""

from __future__ import annotations

from checker.language import Steps, assumed
from model.access import access, write_page
from model.clear import clear_page_mermap
from model.design import Design, Zeroing
from model.flip import Gfp, __rmqueue_direct_map
from model.kernel import Hand, Kernel, Kind, Page, Task
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.pages import __free_one_page, __rmqueue


def rmqueue_buddy(k: Kernel, me: Task, kind: Kind) -> Steps[Page | None]:
    """mm/page_alloc.c, rmqueue_buddy(); v4. The per-CPU lists before it are left out."""
    yield from spin_lock_irqsave(k, me)
    page = __rmqueue(k, me, kind)
    spin_unlock_irqrestore(k, me)
    return page


def get_page_from_freelist(k: Kernel, me: Task, kind: Kind, gfp: Gfp, zero: bool) -> Steps[Page | None]:
    """mm/page_alloc.c, get_page_from_freelist(); v4: the own list, then a flip.

    No slow path: None is the caller's to handle.
    """
    page = yield from rmqueue_buddy(k, me, kind)
    if page is None:
        page = yield from __rmqueue_direct_map(k, me, kind, gfp)
    if page is None:
        return None
    yield
    yield from post_alloc_hook(k, me, page, zero)
    k.page[page].hand = Hand.CALLER if kind is Kind.UNMAPPED else Hand.KERNEL
    return page


def post_alloc_hook(k: Kernel, me: Task, page: Page, zero: bool) -> Steps:
    """mm/page_alloc.c, post_alloc_hook() and kernel_init_pages(); v1.

    v4 never comes here for an unmapped page with `zero`.
    """
    if zero:
        yield from kernel_init_pages(k, me, page)


def kernel_init_pages(k: Kernel, me: Task, page: Page) -> Steps:
    """Zero a page by the way that its block's flag says; v1, v2."""
    if k.flag[page.block] is Kind.UNMAPPED:
        yield from clear_page_mermap(k, me, page)
    else:
        reached = access(k, me, page, None)
        write_page(k, me, reached, None)
        yield


def __free_frozen_pages(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/page_alloc.c, __free_frozen_pages(): prepare, then the buddy lists by the block's flag as it is
    under the lock; v4.
    """
    k.page[page].hand = Hand.LIMBO
    yield from __free_pages_prepare(k, me, page)
    yield from spin_lock_irqsave(k, me)
    __free_one_page(k, page, k.flag[page.block])
    spin_unlock_irqrestore(k, me)


def __free_pages_prepare(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/page_alloc.c, __free_pages_prepare(): init_on_free.

    v1: through the mermap if unmapped; v4: skipped if unmapped.
    """
    if Design.init_on_free:
        if Design.zeroing is Zeroing.ALLOCATOR:
            if Design.reserve_slot:
                assumed("v2 zeroes on free as v1 does: v2's mm/page_alloc.c was not found")
            yield from kernel_init_pages(k, me, page)
        elif k.flag[page.block] is Kind.MAPPED:
            yield from kernel_init_pages(k, me, page)
