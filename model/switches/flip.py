"""Unmapped requests, and the flip of whole blocks."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch
from model.choices import FailureList, FlipMode, Remainder


@dataclass(frozen=True)
class FlipSwitches:
    """Part of Design."""

    unmapped_requests: bool = switch(
        True,
        "v1 17/19, v2 19/22: unmapped requests and the flip exist; v4: so too, by assumption in 21/26: "
        "its number lies between 19 and 24, and v1 has it two patches after what is 19 here",
        base=False,
        patches={"v1": 17, "v2": 19, "v4": 21},
    )
    failure_lock: bool = switch(
        True, "v2 19/22: a failed flip frees its block under the zone lock; v1 17/19: without"
    )
    failure_list: FailureList = switch(
        FailureList.OLD, "v4 21/26: the old freetype; v1 17/19, v2 19/22: the requested one"
    )
    failure_undo: bool = switch(
        True,
        "v4 21/26: a failed flip puts the changed entries back, unchecked; v1 17/19, v2 19/22: leaves them",
    )
    undo_flush: bool = switch(False, "proposed: flush_tlb_kernel_range after the undo of a failed map-back")
    flip_mode: FlipMode = switch(
        FlipMode.BOTH,
        "v4 21/26: the flip looks from both modes; v1 17/19, v2 19/22: from RMQUEUE_NORMAL only",
    )
    remainder: Remainder = switch(
        Remainder.EXPAND, "v4 21/26: expand; v1 17/19, v2 19/22: a loop of __free_one_page"
    )
    flip_last: bool = switch(
        False,
        "proposed: a flip is not tried with ALLOC_NOFRAGMENT, and looks once more for a page of the wanted "
        "kind when it has the zone lock",
    )
    flip_any_type: bool = switch(
        False,
        "proposed: the flip to mapped takes its block from the one unmapped list whatever migratetype is "
        "asked for, and gives the block that migratetype; v1, v2, v4 look for unmapped blocks of the same",
    )
    flip_keeps_scope: bool = switch(
        False,
        "proposed: a flip for a GFP_NOFS request changes the direct map within memalloc_nofs_save(), so that "
        "page tables are allocated with what the request allows",
    )
    flip_flushes_all: bool = switch(
        False,
        "proposed: __rmqueue_direct_map flushes with flush_tlb_all; v1, v2, v4: flush_tlb_kernel_range of "
        "the direct-map addresses",
    )
    flip_excludes_hotplug: bool = switch(
        False,
        "proposed: __rmqueue_direct_map takes cpus_read_trylock(), and fails without; v1, v2, v4: a CPU that "
        "is being brought up misses the flush",
    )
    flip_keeps_reserve: bool = switch(
        False,
        "proposed: __rmqueue_direct_map takes blocks to unmap only where the zone stays above its watermark "
        "without them, as __isolate_free_page does; v1, v2, v4: the watermark was passed for the request's "
        "own order, which may be that of a single page",
    )
    flip_marks_blocks: bool = switch(
        False,
        "proposed: __rmqueue_direct_map marks its blocks under the zone lock until their pages are listed "
        "again, and set_migratetype_isolate answers -EBUSY for them; v1, v2, v4: nothing shows that a block "
        "is in the middle of a flip",
    )
    image_unmapped_first: bool = switch(
        False,
        "proposed: free_kernel_image_pages takes the address in the kernel image away first, and always; v1, "
        "v2, v4, as mainline: afterwards, and only with page-table isolation",
    )
