"""Direct reclaim: a task in need of memory frees pages of processes itself."""

from __future__ import annotations

from checker.language import Steps, assumed, choose
from model.kernel import Hand, Kernel, Page, Task, Zone
from model.locks import might_sleep
from model.page_alloc import __free_frozen_pages
from model.request import Gfp


def is_reclaimable(k: Kernel, page: Page) -> bool:
    """Is it on the LRU, with a place to write it to?"""
    return k.page[page].hand is Hand.LRU and not k.page[page].unevictable


def zone_reclaimable_pages(k: Kernel, zone: Zone) -> int:
    """mm/vmscan.c, zone_reclaimable_pages(); mainline."""
    return sum(1 for page in Page if page.block.zone == zone and is_reclaimable(k, page))


def __perform_reclaim(k: Kernel, me: Task, gfp: Gfp) -> Steps:
    """mm/page_alloc.c, __perform_reclaim(), and mm/vmscan.c, try_to_free_pages(); mainline: pages are taken
    off the LRU and freed, whichever blocks they are in. Dirty ones are written back by their filesystem,
    unless the mask, or the scope that the task is in, forbids it.
    """
    might_sleep(k, me)
    yield
    while gfp is Gfp.KERNEL and not k.task[me].nofs and k.fs_lock is not None:
        yield
    k.task[me].attempt.did_some_progress = False
    if any(is_reclaimable(k, page) for page in Page):  # atomic: under the lock of the LRU
        assumed("one call of try_to_free_pages() frees one page: any, as the LRU knows nothing of blocks")
        page = choose(p for p in Page if is_reclaimable(k, p))  # atomic: the same
        yield from __free_frozen_pages(k, me, page, 0)
        k.task[me].attempt.did_some_progress = True
