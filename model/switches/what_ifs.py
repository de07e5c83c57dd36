"""What no posted version does. They show that the properties can fail."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch


@dataclass(frozen=True)
class WhatIfSwitches:
    """Part of Design."""

    unmap_flush: bool = switch(True, "what-if when false: an unmapping flip does not flush")
    rewind_flush: bool = switch(
        True, "what-if when false: the mermap reuses addresses without the local flush"
    )
    tables_reach_lazy: bool = switch(
        True, "what-if when false: CPUs that are lazy in an address space keep it while its tables are freed"
    )
    switching_is_asked: bool = switch(
        True, "what-if when false: a CPU that is switching is taken not to have an address space loaded"
    )
    generations: bool = switch(
        True, "what-if when false: the flush of an address space does not move its generation"
    )
    flush_under_lock: bool = switch(
        False, "what-if when true: the flip flushes with the zone lock held and interrupts off"
    )
