"""What a reduced search left open, answered by one that is not reduced."""

from __future__ import annotations

import dataclasses

from checker.engines.outcome import UNDECIDED, Limits, Outcome


def left_for_another(limits: Limits, outcome: Outcome) -> Limits:
    """A limit of time is for both searches together."""
    if limits.seconds is None:
        return limits
    return dataclasses.replace(
        limits, seconds=max(limits.seconds - outcome.seconds + outcome.seconds_before, 0.001)
    )


def completed(reduced: Outcome, full: Outcome) -> Outcome:
    """The second search's outcome if the first gave up; else the first's, with the goals of the second."""
    if reduced.ended == UNDECIDED:
        return dataclasses.replace(full, in_full=[*reduced.in_full, *full.in_full])
    reduced.violations |= {
        name: found for name, found in full.violations.items() if name in reduced.undecided
    }
    reduced.seconds += full.seconds
    reduced.seconds_before += full.seconds_before
    reduced.memory_bytes = max(reduced.memory_bytes, full.memory_bytes)
    reduced.undecided = frozenset()
    if not full.complete:
        reduced.complete, reduced.ended = False, full.ended
        reduced.covered_depth = min(reduced.covered_depth, full.covered_depth)
    return reduced
