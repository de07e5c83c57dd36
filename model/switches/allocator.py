"""The lists, isolation and compaction."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch
from model.choices import IsolateUnmapped


@dataclass(frozen=True)
class AllocatorSwitches:
    """Part of Design."""

    merge_compares_flags: bool = switch(
        True, "v2, v4 13/26: freetypes_equal compares flags too; v1 8/19: the migratetype only"
    )
    index_guard: bool = switch(
        True,
        "v4: __rmqueue_smallest refuses a freetype without a list; v1 does not; assumed for v2, not found",
    )
    capture_compares_flags: bool = switch(
        True,
        "v4 24/26: compaction_capture compares flags too; v1: migratetypes only; assumed for v2, not found",
        base=False,
        patches={"v4": 24},
    )
    watermark_any_kind: bool = switch(
        True,
        "v4: above order 0 a zone passes if pages of any kind are large enough; assumed for v1 and v2: "
        "migratetypes only",
    )
    isolate_unmapped: IsolateUnmapped = switch(
        IsolateUnmapped.REFUSED,
        "v4: set_migratetype_isolate refuses an unmapped block; v1 does not; assumed for v2, not found",
    )
    contig_undoes_own: bool = switch(
        False,
        "proposed: alloc_contig_range returns if its range cannot be isolated; v4, and by assumption v1 and "
        "v2: it undoes whatever isolation it finds there",
    )
    putback_splits: bool = switch(
        False,
        "proposed: __putback_isolated_page frees each block by its own freetype; v1, v2, v4, as mainline: "
        "everything by that of the first, though a block of it may have been isolated meanwhile",
    )
    compact_unmapped: bool = switch(
        True,
        "v4 24/26: an unmapped request is compacted for as one of a whole block; v1, v2: as one of its own "
        "order, and so not at all for order 0",
        base=False,
        patches={"v4": 24},
    )
    compact_harder: bool = switch(
        False,
        "proposed: a compaction that did not serve an unmapped request is repeated at the highest priority; "
        "v4: should_compact_retry sees order 0, so that the priority stays and only reclaim counts",
    )
    drain_first: bool = switch(
        False, "proposed: per-CPU lists are drained once before a request gives up, reclaim's progress or not"
    )
    target_is_mapped: bool = switch(
        False,
        "proposed: compaction's free scanner passes over unmapped blocks, and looks again under the lock",
    )
