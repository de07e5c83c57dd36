"""Atomic requests above order 0."""

from __future__ import annotations

from checker.language import Steps, operation
from model.freetype import Kind, Migratetype
from model.kernel import Kernel, Task
from model.kernel_callers import use_as_kernel_memory
from model.pageblock import pageblock_order
from model.request import Gfp
from model.slowpath import __alloc_frozen_pages


@operation(Task)
def alloc_atomic_pages(k: Kernel, me: Task, kind: Kind) -> Steps:
    """A driver wants two pages with GFP_ATOMIC; or a user inside mm/ wants them unmapped, which none does.

    Trigger: no privilege: packets that arrive make a network driver allocate so.
    """
    order = min(1, pageblock_order())
    page = yield from __alloc_frozen_pages(k, me, order, (Migratetype.UNMOVABLE, kind), Gfp.ATOMIC, False)
    if page is not None and kind is Kind.MAPPED:
        use_as_kernel_memory(k, me, page)
        yield
