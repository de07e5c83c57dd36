"""The kernel's own accesses find what they are meant for."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(rung="architectural", severity="fault", says="the kernel touched an address that is not mapped")
def no_kernel_fault(k: Kernel) -> bool:
    """No access of the kernel finds its page absent, and no NULL is used (notes on the allocator, S4, D2 and
    D22)."""
    return not k.kernel_fault


@invariant(
    rung="architectural",
    severity="corruption",
    says="the kernel wrote a page that was in somebody else's hands",
)
def no_foreign_write(k: Kernel) -> bool:
    """No access writes a page that the writer does not hold (notes on the mermap, S1; on the allocator,
    D1)."""
    return not k.foreign_write
