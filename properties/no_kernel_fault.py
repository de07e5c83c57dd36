"""The kernel's own accesses find what they are meant for."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(
    rung="architectural",
    severity="fault",
    says="the kernel touched an address that is not mapped, or used a NULL",
)
def no_kernel_fault(k: Kernel) -> bool:
    """No access of the kernel finds its page absent, and no NULL is used.

    mermap_get_reserved() is documented as never failing, and its result is used unchecked (v1).
    """
    return not (k.accessed and k.kernel_fault)


@invariant(
    rung="architectural",
    severity="corruption",
    says="the kernel wrote a page that was in somebody else's hands",
)
def no_foreign_write(k: Kernel) -> bool:
    """No access writes a page that neither the writer nor its process holds.

    Comment above mermap_get(), v1: only memory of the current process may be mapped.
    """
    return not (k.accessed and k.foreign_write)


@invariant(
    rung="architectural",
    severity="fault",
    says="a BUG_ON() is true, and the machine stops",
)
def no_bug(k: Kernel) -> bool:
    """What the kernel checks with BUG_ON() is never so.

    mm/page_alloc.c, __offline_isolated_pages(): a page of a block that goes offline is free, or poisoned.
    """
    return not (k.bug_checked and k.bug_hit)
