"""Free memory can be taken away: by memory hotplug, or for a contiguous range."""

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
