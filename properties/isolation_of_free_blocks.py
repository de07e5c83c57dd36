"""Free memory can be taken away, by memory hotplug or for a contiguous range, until it is given back."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(
    rung="user",
    severity="lost memory",
    says="a block was not isolated although all of it is free: it is unmapped",
)
def free_blocks_can_be_isolated(k: Kernel) -> bool:
    """Offlining or contiguous allocation is not refused a block whose every page is on a buddy list.

    mm/page_isolation.c, start_isolate_page_range(): it fails on unmovable pages, or if somebody else was
    first; v4 adds -EINVAL for freetypes that cannot be isolated.
    """
    return not (k.isolation_asked and k.free_block_refused)


@invariant(
    rung="user",
    severity="lost memory",
    says="a range was isolated and free, and whoever asked for it did not get it",
)
def free_ranges_are_handed_out(k: Kernel) -> bool:
    """A range that could be isolated, and of which every page is on a buddy list then, is allocated.

    Comment above alloc_contig_range(), mm/page_alloc.c: it tries to allocate the given range. Judged where
    one task is at work, as another could free a page too late.
    """
    return not (k.range_asked and k.free_range_refused)


@invariant(
    rung="architectural",
    severity="corruption",
    says="a range that was isolated has a block that is not",
)
def isolation_lasts(k: Kernel) -> bool:
    """A range that start_isolate_page_range() has isolated stays so until who asked for it undoes it.

    Comment above start_isolate_page_range(), mm/page_isolation.c: free pages in the range will never be
    allocated; a block that is isolated already is refused to a second caller.
    """
    return not (k.isolation_relied_on and k.isolation_lost)
