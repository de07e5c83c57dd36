"""Free page reporting: the host is told which pages it may discard."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.free_list import page_is_buddy
from model.freetype import FreeList
from model.kernel import Contents, Context, Kernel, Order, Page, Task, Zone
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.page_isolation import __isolate_free_page, __putback_isolated_page
from model.pageblock import get_pfnblock_freetype, is_in, pageblock_order
from model.watermark import is_below_watermark


@operation(Task)
def page_reporting_process(k: Kernel, me: Task, zone: Zone) -> Steps:
    """mm/page_reporting.c, page_reporting_process_zone() and page_reporting_cycle(); v4: every buddy of at
    least a block, on every list whose index is a migratetype but MIGRATE_ISOLATE. Unmapped ones are on none.

    Of the 32 that are reported at a time, from several lists, there is one here; what was reported before is
    reported again. A report that fails is followed by the same drain.

    Trigger: nobody in particular: a worker of a guest with free page reporting (virtio-balloon), some seconds
    after pages were freed.
    """
    when(k.task[me].context is not Context.IRQ)
    if is_below_watermark(k, zone, pageblock_order()):
        return
    for page in Page:
        if page.block.zone == zone and is_reported(k, page):
            yield from spin_lock_irqsave(k, me, zone)
            order = k.page[page].order
            taken = False
            if is_reported(k, page):
                taken = __isolate_free_page(k, me, page, order)
            spin_unlock_irqrestore(k, me, zone)
            if taken:
                yield
                report(k, page, order)
                yield from page_reporting_drain(k, me, zone, page, order)


# atomic: the kernel looks under the lock; that this takes it only if need be does not show
def is_reported(k: Kernel, page: Page) -> bool:
    """Does it head a free buddy that one of the cycles comes by?"""
    idx = k.page[page].list
    if not page_is_buddy(k, page, k.page[page].order) or k.page[page].order < pageblock_order():
        return False
    return idx is FreeList.UNMOVABLE or idx is FreeList.MOVABLE or idx is FreeList.HIGHATOMIC


# atomic: the pages are its own, so their order does not show
def report(k: Kernel, head: Page, order: Order) -> None:
    """virtio_balloon's report(): the host discards what is in the pages, and gives zeroes when they are next
    touched.
    """
    for page in Page:
        if is_in(page, head, order):
            k.page[page].assign(contents=Contents.ZERO, secret_of=None)


def page_reporting_drain(k: Kernel, me: Task, zone: Zone, page: Page, order: Order) -> Steps:
    """mm/page_reporting.c, page_reporting_drain(); v4: put back by the freetype that the block has now."""
    yield from spin_lock_irqsave(k, me, zone)
    __putback_isolated_page(k, me, page, order, get_pfnblock_freetype(k, page))
    spin_unlock_irqrestore(k, me, zone)
