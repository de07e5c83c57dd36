"""The mermap, and the life of the mm-local region."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch
from model.choices import Walker


@dataclass(frozen=True)
class MermapSwitches:
    """Part of Design."""

    walker: Walker = switch(
        Walker.FLAGS,
        "v4 9/26: apply_to_page_range by flags; mermap_get's are to write empty entries and take no lock, "
        "not to make tables; v2: one for all of that; v1: only tables that are there, under their lock",
    )
    fit_subtracts: bool = switch(
        False, "before v1: whether a request fits is tested by an unsigned difference; v1, v2: by a sum"
    )
    one_mapping: bool = switch(
        False, "ephmap: one mapping per CPU and address space, and none in reserve; dev, v1, v2, v4: several"
    )
    flush_at_put: bool = switch(
        False, "ephmap: each put flushes its addresses on this CPU; dev, v1, v2, v4: none does"
    )
    global_check: bool = switch(
        True, "v1, v2, v4: mermap_get refuses a global protection; before v1 nothing does"
    )
    reserve_slot: bool = switch(
        True, "v2: mermap_get_reserved has a slot of its own; v1: shares the four slots"
    )
    reserve_global: bool = switch(
        False,
        "v1: the reserved path asks for PAGE_KERNEL, which is global when page-table isolation is off; "
        "v4: a non-global protection; v2 20/22: it adds PAGE_KERNEL_NOGLOBAL, and by assumption uses it here "
        "too, as only a part of that patch was read",
    )
    error_unpins: bool = switch(
        True, "v4: migration is disabled by the caller, around it all; v1, v2: stays so after a map error"
    )
    error_unmaps: bool = switch(
        False,
        "proposed: entries written before a map error are cleared; v1, v2, v4: left",
    )
    fork_resets_mermap: bool = switch(
        True, "v4: mermap_mm_init clears mm->mermap.cpu; v1, v2: a child keeps its parent's pointer"
    )
    publish_last: bool = switch(
        False,
        "proposed: mermap_mm_prepare stores mm->mermap.cpu, with release semantics, when all tables and "
        "pointers are set up; v1, v2, v4: right after it was allocated",
    )
    teardown_checks_all: bool = switch(
        True,
        "v4: mermap_mm_teardown looks at each CPU's slots; v1, v2: at its own CPU's, as often as there are "
        "CPUs",
    )
    ldt_checks: bool = switch(
        True, "v2, v4: modify_ldt fails if the mm-local region cannot be set up; v1: goes on"
    )
    rewind_everywhere: bool = switch(
        False,
        "proposed, on arm64: the flush before addresses are used again is of all CPUs (a comment in v1's "
        "header asks for it); v1, v2, v4: for x86 only, where this CPU's is enough",
    )
