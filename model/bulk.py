"""Several pages in one call."""

from __future__ import annotations

from checker.language import Steps, choose, operation, when
from model.bounds import Bounds
from model.callers import use_page
from model.design import Design, Zeroing
from model.freetype import Kind, Migratetype, freetype_idx
from model.kernel import Context, Kernel, Page, Task, Zone
from model.kernel_callers import use_as_kernel_memory
from model.page_alloc import prep_new_page
from model.pcp import del_from_pcplist, is_on_pcplist, pcp_spin_trylock, pcp_spin_unlock, rmqueue_bulk
from model.request import AllocFlags


@operation(Task)
def alloc_pages_bulk(k: Kernel, me: Task, kind: Kind) -> Steps:
    """mm/page_alloc.c, alloc_pages_bulk(), mainline: the list's lock is held until all pages are prepared,
    zeroing included. By a gfp flag of v1 and v2 they may be unmapped; v4's flag cannot be given to it.

    Trigger: no privilege for ordinary pages: a pipe, or the receive ring of a network card; nobody that is
    known asks for unmapped ones.
    """
    when(Design.pcplists and k.task[me].context is Context.PROCESS)
    when(kind is Kind.MAPPED or Design.zeroing is Zeroing.ALLOCATOR)
    ft = (Migratetype.UNMOVABLE, kind)
    pindex = freetype_idx(ft)
    zone = Zone(0)
    yield
    locked = pcp_spin_trylock(k, me, zone)
    if not locked:
        return
    cpu = k.task[me].cpu
    for _nr in range(Bounds.pcp_batch):
        if not any(is_on_pcplist(k, page, zone, cpu, pindex) for page in Page):
            yield from rmqueue_bulk(k, me, zone, cpu, ft, AllocFlags.NONE)
        found = any(is_on_pcplist(k, page, zone, cpu, pindex) for page in Page)
        if found:
            page = choose(p for p in Page if is_on_pcplist(k, p, zone, cpu, pindex))
            del_from_pcplist(k, me, page, cpu)
            yield from prep_new_page(k, me, page, 0, ft, True)
            if kind is Kind.UNMAPPED:
                use_page(k, me, page)
            else:
                use_as_kernel_memory(k, me, page)
    pcp_spin_unlock(k, me, zone)
