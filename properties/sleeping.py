"""Nobody waits where that is not allowed."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(
    rung="architectural",
    severity="deadlock",
    says="something that may sleep was called with interrupts off, preemption off or a spinlock held",
)
def no_sleep_in_atomic(k: Kernel) -> bool:
    """A page-table allocation, and direct reclaim, happen in a context that may sleep.

    might_sleep() in the page allocator; v2 19/22 asserts that interrupts are on.
    """
    return not (k.may_have_slept and k.slept_in_atomic)


@invariant(
    rung="architectural",
    severity="deadlock",
    says="somebody who may have interrupted the holder of a zone's lock waits for it",
)
def nolock_waits_for_no_lock(k: Kernel) -> bool:
    """Whoever allocates or frees from any context waits for no zone's lock.

    mm/page_alloc.c, alloc_pages_nolock(): it may be called from any context, so it only tries.
    """
    return not (k.nolock_used and k.nolock_waited)
