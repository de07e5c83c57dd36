"""What may sleep does so only where it is allowed to."""

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
