"""Kernel memory that has a vmalloc address besides the one in the direct map."""

from __future__ import annotations

from checker.language import Steps, action, operation, when
from model.freetype import Kind, Migratetype
from model.kernel import Cpu, Hand, Kernel, Page, Task
from model.kernel_callers import use_as_kernel_memory
from model.page_alloc import __free_frozen_pages
from model.request import Gfp
from model.shootdown import flush_tlb_all
from model.slowpath import __alloc_frozen_pages
from model.tlb import is_awake


@operation(Task)
def vmalloc(k: Kernel, me: Task) -> Steps:
    """mm/vmalloc.c, vmalloc() of one page: an ordinary page, mapped a second time.

    Trigger: no privilege: fork() maps a kernel stack with vmalloc(), where CONFIG_VMAP_STACK is set.
    """
    ft = (Migratetype.UNMOVABLE, Kind.MAPPED)
    page = yield from __alloc_frozen_pages(k, me, 0, ft, Gfp.KERNEL, False)
    if page is not None:
        use_as_kernel_memory(k, me, page)
        yield
        k.page[page].alias = True


@operation(Task)
def vfree(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/vmalloc.c, vfree(), mainline: the entry is cleared, the area kept for the next purge, the page freed
    at once.

    Trigger: no privilege: the stack is freed when the task has ended and the cache of stacks is full.
    """
    when(k.page[page].alias and k.page[page].hand is Hand.KERNEL and k.page[page].holder == me)
    k.page[page].alias = False
    yield
    yield from __free_frozen_pages(k, me, page, 0)


@operation(Task)
def purge_vmap_areas(k: Kernel, me: Task) -> Steps:
    """mm/vmalloc.c, __purge_vmap_area_lazy(): when enough areas are waiting, all TLBs are flushed.

    Trigger: no privilege: it happens once enough areas are waiting.
    """
    when(any(page in k.cpu[cpu].alias_tlb for cpu in Cpu for page in Page))
    yield from flush_tlb_all(k, me)


@action(Cpu)
def fill_alias(k: Kernel, me: Cpu, page: Page) -> None:
    """Speculation: cache the vmalloc translation of a page (axiom 2).

    Provoke: nothing has to be done for it to be possible. To make it certain, let a module that runs on that
    CPU read the vmalloc address while it is mapped.
    """
    when(k.page[page].alias and is_awake(k, me) and page not in k.cpu[me].alias_tlb)
    k.cpu[me].alias_tlb.add(page)
