"""Taking a block's memory offline, and online again. What holds no memory of its own is left out."""

from __future__ import annotations

from checker.language import Steps, assumed, operation, when
from model.contig import is_mine, migrate_range
from model.free_list import del_page_from_free_list, hand_over, page_is_buddy
from model.freetype import Kind, Migratetype
from model.isolate_range import (
    is_out_of_use,
    start_isolate_page_range,
    test_pages_isolated,
    undo_isolate_page_range,
)
from model.kernel import Block, Context, Hand, Kept, Kernel, Page, Task
from model.locks import lock_hotplug, spin_lock_irqsave, spin_unlock_irqrestore, unlock_hotplug
from model.page_alloc import split_large_buddy
from model.page_isolation import Errno
from model.pageblock import first_page, pageblock_order
from model.pcp import zone_pcp_disable, zone_pcp_enable


@operation(Task)
def offline_pages(k: Kernel, me: Task, block: Block) -> Steps:
    """mm/memory_hotplug.c, offline_pages(); v1, v4: it gives up on any error of the isolation; after that it
    migrates and tests until everything is free or a signal comes, which here it does after two passes.

    Trigger: root: CONFIG_MEMORY_HOTREMOVE; a hypervisor by way of virtio-mem or ACPI.

    Provoke: echo offline > /sys/devices/system/memory/memoryN/state, in a loop.
    """
    when(k.task[me].context is not Context.IRQ and not k.pageblock[block].removed)
    head = first_page(block)
    order = pageblock_order()
    yield from lock_hotplug(k, me)
    if k.pageblock[block].removed:
        unlock_hotplug(k)
        return
    yield from zone_pcp_disable(k, me, block.zone)
    result = yield from start_isolate_page_range(k, me, head, order, True)
    if result is not Errno.DONE:
        zone_pcp_enable(k, block.zone)
        unlock_hotplug(k)
        return
    for _attempt in range(2):
        yield from migrate_range(k, me, head, order)
        isolated = yield from test_pages_isolated(k, me, head, order, True)
        if isolated:
            yield from __offline_isolated_pages(k, me, block)
            zone_pcp_enable(k, block.zone)
            unlock_hotplug(k)
            return
        yield
    yield from undo_isolate_page_range(k, me, head, order)
    zone_pcp_enable(k, block.zone)
    unlock_hotplug(k)


def __offline_isolated_pages(k: Kernel, me: Task, block: Block) -> Steps:
    """mm/page_alloc.c, __offline_isolated_pages(); v1, v4: everything that is not poisoned must be free, and
    is deleted as isolated.
    """
    yield from spin_lock_irqsave(k, me, block.zone)
    for page in block.pages:
        k.bug_checked = True
        if not (is_out_of_use(k, page, True) or is_mine(k, me, page)):  # BUG_ON(!PageBuddy(page))
            k.bug_hit = True
        if page_is_buddy(k, page, k.page[page].order):
            del_page_from_free_list(
                k, me, page, k.page[page].order, (Migratetype.ISOLATE, k.pageblock[block].flag)
            )
    for page in block.pages:
        if k.page[page].hand is not Hand.LIMBO or is_mine(k, me, page) or not is_poisoned(k, page):
            hand_over(k, page, 0, Hand.OFFLINE, None)
    k.pageblock[block].removed = True
    spin_unlock_irqrestore(k, me, block.zone)


@operation(Task)
def online_pages(k: Kernel, me: Task, block: Block) -> Steps:
    """drivers/base/memory.c, memory_block_online(), mainline: refused with -EHWPOISON while a page of the
    block is poisoned, which it asks before it takes mem_hotplug_lock; and mm/memory_hotplug.c,
    online_pages(); v1, v4: the block starts MOVABLE and isolated, its pages are freed into it, it counts as
    online from then on (online_mem_sections()), and the isolation is undone.

    Trigger: root: CONFIG_MEMORY_HOTPLUG; a hypervisor by way of virtio-mem or ACPI.

    Provoke: echo online > /sys/devices/system/memory/memoryN/state.
    """
    when(k.task[me].context is not Context.IRQ and k.pageblock[block].removed)
    head = first_page(block)
    if nr_hwpoison(k, block) > 0:
        return
    yield from lock_hotplug(k, me)
    if not k.pageblock[block].removed:  # device_hotplug_lock sees to it
        unlock_hotplug(k)
        return
    move_pfn_range_to_zone(k, me, block)
    yield from spin_lock_irqsave(k, me, block.zone)
    split_large_buddy(k, me, head, pageblock_order())
    spin_unlock_irqrestore(k, me, block.zone)
    k.pageblock[block].removed = False
    yield from undo_isolate_page_range(k, me, head, pageblock_order())
    unlock_hotplug(k)


# atomic: a counter of the block
def nr_hwpoison(k: Kernel, block: Block) -> int:
    """drivers/base/memory.c, struct memory_block: how many of its pages are poisoned."""
    return sum(1 for page in block.pages if k.page[page].poisoned)


# atomic: the page is off all lists, and only set_mce_nospec() still works on it
def is_poisoned(k: Kernel, page: Page) -> bool:
    """PageHWPoison()."""
    return k.page[page].poisoned


# atomic: nobody looks at a block that is offline
def move_pfn_range_to_zone(k: Kernel, me: Task, block: Block) -> None:
    """mm/memory_hotplug.c, move_pfn_range_to_zone() and memmap_init_range(), v1, v4: each page gets
    a new struct page.
    """
    if k.pageblock[block].flag is Kind.UNMAPPED:
        assumed("a block comes online without flags: that function of the series was not read")
    k.pageblock[block].assign(migratetype=Migratetype.MOVABLE, isolated=True, flag=Kind.MAPPED)
    hand_over(k, first_page(block), pageblock_order(), Hand.LIMBO, me)
    for page in block.pages:
        k.page[page].assign(poisoned=False, kept=Kept.BY_NOTHING)
