"""What a search of the C side left behind, as plain numbers, and what they mean in the words of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.engines.decoding import condition_counts, decode_outcome, read_tape
from checker.engines.outcome import DEPTH, INTERRUPTED, MEMORY, STATES, TIME, UNDECIDED, Outcome

ENDED = (  # the enum of engine.h; None: nothing was left to find out
    None,
    None,
    DEPTH,
    STATES,
    MEMORY,
    TIME,
    INTERRUPTED,
    "more than 128 choices in one atomic block",
    UNDECIDED,
)


STEP_OF_HARDWARE, HARDWARE_FAILS, _, STOP_NOT_MET = 1, 2, 3, 4  # of GaveUp


@dataclass(frozen=True)
class Figures:
    """The results in `Run` of engine.h. They can be written down and read back."""

    states: int
    transitions: int
    depth: int
    bytes: int
    ended: int
    covered_depth: int
    left_out: int
    nanoseconds: int
    nanoseconds_before: int
    gave_up: int
    gave_up_at: int
    undecided_goals: int
    fired: list[int]
    condition_true: list[int]
    condition_false: list[int]
    passed: list[int]
    tape: list[int]


def outcome_of(program: Any, figures: Figures) -> Outcome:
    outcome = Outcome(
        states=figures.states,
        transitions=figures.transitions,
        depth=figures.depth,
        seconds=figures.nanoseconds / 1e9,
        seconds_before=figures.nanoseconds_before / 1e9,
        memory_bytes=figures.bytes,
        bytes_per_state=figures.bytes / max(1, figures.states),
        complete=figures.ended == 0,
        ended=ENDED[figures.ended],
        reduced=program.is_reduced,
        undecided=_undecided(program, figures),
        in_full=_in_full(program, figures),
        stop_not_met=figures.gave_up == STOP_NOT_MET,
        covered_depth=figures.covered_depth,
        left_out=figures.left_out,
    )
    for number, block in enumerate(program.blocks):
        outcome.fired[block.location] = outcome.fired.get(block.location, 0) + figures.fired[number]
    outcome.conditions.update(condition_counts(program, figures.condition_true, figures.condition_false))
    outcome.last_lines = {name for name, came in zip(program.last_lines, figures.passed, strict=True) if came}
    decode_outcome(program, list(read_tape(figures.tape, program.words)), outcome)
    return outcome


def _in_full(p: Any, figures: Figures) -> list[str]:
    """Why a reduced search leaves something open (GaveUp of explore.h)."""
    at = figures.gave_up_at
    if figures.gave_up == STEP_OF_HARDWARE:
        return [f"{p.steps[at]}: hardware steps alone may violate it"]
    if figures.gave_up == HARDWARE_FAILS:
        block = p.blocks[at]
        return [f"{block.name}: {block.location.partition(':')[2]}: it may fail"]
    if figures.gave_up == STOP_NOT_MET:
        waits = ", ".join(p.statistics["waits that hardware ends"])
        return [f"{waits}: who stops at a wait may do what nobody was seen to do"]
    names = {name.partition(":")[0] for name in p.goals} if figures.gave_up else _undecided(p, figures)
    return [f"{name}: the reduced states do not decide it" for name in sorted(names)]


def _undecided(p: Any, figures: Figures) -> frozenset[str]:
    """The properties that a reduced search leaves open: all, or some about what stays possible."""
    if figures.gave_up:
        names = (*p.invariants, *p.steps, *p.reachables, *p.goals, "deadlock")
        return frozenset(name.partition(":")[0] for name in names)
    goals = enumerate(p.goals)
    return frozenset(name.partition(":")[0] for bit, name in goals if figures.undecided_goals >> bit & 1)
