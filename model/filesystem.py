"""A filesystem that allocates while it holds a lock of its own."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.callers import use_page
from model.freetype import Kind, Migratetype
from model.kernel import Context, Kernel, Task
from model.request import Gfp
from model.slowpath import __alloc_frozen_pages


@operation(Task)
def write_without_direct_map(k: Kernel, me: Task) -> Steps:
    """A filesystem whose files have no direct map adds a page to one, with GFP_NOFS as it holds a lock that
    its own writing back takes. No posted caller does this.

    Trigger: no posted caller: it takes a filesystem that puts files without a direct map behind its own
    locks.
    """
    when(k.task[me].context is not Context.IRQ)
    yield
    while k.fs_lock is not None:
        yield
    k.fs_lock = me
    ft = (Migratetype.UNMOVABLE, Kind.UNMAPPED)
    page = yield from __alloc_frozen_pages(k, me, 0, ft, Gfp.NOFS, False)
    if page is not None:
        use_page(k, me, page)
    k.fs_lock = None
