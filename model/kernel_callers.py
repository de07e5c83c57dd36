"""The rest of the kernel: who allocates and frees ordinary pages."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.access import access
from model.freetype import Kind, Migratetype
from model.kernel import Contents, Context, Hand, Kernel, Page, Task
from model.page_alloc import __free_frozen_pages
from model.pageblock import max_page_order, pageblock_order
from model.request import Gfp, may_block
from model.slowpath import __alloc_frozen_pages


def use_as_kernel_memory(k: Kernel, me: Task, page: Page) -> None:
    """Write some bytes through the direct map. What else was in the page stays."""
    reached = access(k, me, page, None)
    if reached is not None:
        k.page[reached].contents = Contents.OTHER  # atomic: part of the access


def may_ask(k: Kernel, me: Task, gfp: Gfp) -> bool:
    """Is that mask allowed in this context? GFP_NOFS is for those who hold a filesystem's lock."""
    if gfp is Gfp.NOFS:
        return False
    if k.task[me].context is Context.IRQ:
        return gfp is Gfp.ATOMIC or gfp is Gfp.NOLOCK
    return True


def spin_lock_of_caller(k: Kernel, me: Task, gfp: Gfp) -> None:
    """Whoever asks with a mask that says that it may not sleep holds a spinlock of its own meanwhile."""
    if not may_block(gfp) and k.task[me].context is not Context.IRQ:
        k.cpu[k.task[me].cpu].preempt_count += 1


def spin_unlock_of_caller(k: Kernel, me: Task, gfp: Gfp) -> None:
    """It is released."""
    if not may_block(gfp) and k.task[me].context is not Context.IRQ:
        k.cpu[k.task[me].cpu].preempt_count -= 1


@operation(Task)
def alloc_kernel_page(k: Kernel, me: Task, gfp: Gfp) -> Steps:
    """Any part of the kernel: allocate an ordinary page and write it, through the direct map.

    Trigger: no privilege: almost every system call allocates such pages; with GFP_ATOMIC, an interrupt of a
    network card does.
    """
    when(may_ask(k, me, gfp))
    spin_lock_of_caller(k, me, gfp)
    page = yield from __alloc_frozen_pages(k, me, 0, (Migratetype.UNMOVABLE, Kind.MAPPED), gfp, False)
    spin_unlock_of_caller(k, me, gfp)
    if page is not None:
        use_as_kernel_memory(k, me, page)
        yield


@operation(Task)
def alloc_zeroed_page(k: Kernel, me: Task, gfp: Gfp) -> Steps:
    """The same with __GFP_ZERO.

    Trigger: no privilege: page tables, pipes and anonymous memory are allocated so.
    """
    when(may_ask(k, me, gfp))
    spin_lock_of_caller(k, me, gfp)
    page = yield from __alloc_frozen_pages(k, me, 0, (Migratetype.UNMOVABLE, Kind.MAPPED), gfp, True)
    spin_unlock_of_caller(k, me, gfp)
    if page is not None:
        k.zero_asked = True
        if (
            k.page[page].contents is not Contents.ZERO or k.page[page].secret_of is not None
        ):  # atomic: no step
            k.zero_missed = True
        use_as_kernel_memory(k, me, page)
        yield


@operation(Task)
def alloc_kernel_block(k: Kernel, me: Task) -> Steps:
    """A request of pageblock order.

    Trigger: no privilege where something offers large buffers, such as huge pages of the kernel's own or a
    large kvmalloc(); else a driver.
    """
    when(k.task[me].context is not Context.IRQ)
    ft = (Migratetype.UNMOVABLE, Kind.MAPPED)
    page = yield from __alloc_frozen_pages(k, me, pageblock_order(), ft, Gfp.KERNEL, False)
    if page is not None:
        use_as_kernel_memory(k, me, page)
        yield


@operation(Task)
def alloc_kernel_blocks(k: Kernel, me: Task) -> Steps:
    """A request of the largest order, which may be of two blocks.

    Trigger: as for a block: a large kvmalloc(), or a driver.
    """
    when(k.task[me].context is not Context.IRQ)
    ft = (Migratetype.UNMOVABLE, Kind.MAPPED)
    page = yield from __alloc_frozen_pages(k, me, max_page_order(), ft, Gfp.KERNEL, False)
    if page is not None:
        use_as_kernel_memory(k, me, page)
        yield


@operation(Task)
def free_kernel_page(k: Kernel, me: Task, page: Page) -> Steps:
    """Give ordinary pages of one's own back; `page` is the first of its allocation.

    Trigger: no privilege: what a system call has allocated is freed at its end.
    """
    when(k.page[page].hand is Hand.KERNEL and k.page[page].holder == me)
    order = k.page[page].order
    when(int(page) % (1 << order) == 0)
    yield from __free_frozen_pages(k, me, page, order)


@operation(Task)
def alloc_movable_page(k: Kernel, me: Task) -> Steps:
    """A process touches ordinary memory: a movable page, on the LRU from then on.

    Trigger: no privilege: a process touches anonymous memory or reads a file.
    """
    when(k.task[me].context is Context.PROCESS)
    ft = (Migratetype.MOVABLE, Kind.MAPPED)
    page = yield from __alloc_frozen_pages(k, me, 0, ft, Gfp.KERNEL, False)
    if page is not None:
        use_as_kernel_memory(k, me, page)


@operation(Task)
def free_movable_page(k: Kernel, me: Task, page: Page) -> Steps:
    """It unmaps it again, also where it was migrated, after which nobody in particular holds it.

    Trigger: no privilege: the process unmaps it.
    """
    when(k.page[page].hand is Hand.LRU and (k.page[page].holder is None or k.page[page].holder == me))
    when(not k.page[page].unevictable)
    yield from __free_frozen_pages(k, me, page, 0)
