"""What a request asks for: the caller's mask, and what the allocator makes of it."""

from __future__ import annotations

from enum import Enum


class Gfp(Enum):
    """What the caller's context allows."""

    KERNEL = "GFP_KERNEL: may sleep and reclaim, interrupts on, no spinlock held"
    NOFS = "GFP_NOFS: may sleep and reclaim, but not enter a filesystem, of which it may hold locks"
    NOWAIT = "GFP_NOWAIT: no direct reclaim, becomes ALLOC_NOBLOCK"
    ATOMIC = "GFP_ATOMIC: the same, and may use the reserves"
    NOLOCK = "alloc_pages_nolock(): from any context; trylocks only"


class AllocFlags(Enum):
    """Which of the alloc_flags are set; those that matter here exclude each other."""

    NONE = "none"
    NOFRAGMENT = "ALLOC_NOFRAGMENT: do not spoil another type's block"
    HIGHATOMIC = "ALLOC_HARDER, and above order 0 ALLOC_HIGHATOMIC: the reserve may be used"
    NOLOCK = "ALLOC_NOLOCK: no lock is waited for"


def may_block(gfp: Gfp) -> bool:
    """mm/page_alloc.c, init_alloc_flags(), v1, v2, v4: without __GFP_DIRECT_RECLAIM, ALLOC_NOBLOCK."""
    return gfp is Gfp.KERNEL or gfp is Gfp.NOFS
