"""Random and coverage-guided walks in the native engine (walk.h). They find violations, and prove nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.engines import native
from checker.engines.figures import outcome_of
from checker.engines.outcome import Limits, Outcome, ProgressCallback

WALK_LENGTH = 1000  # steps, where nobody says otherwise
SHORTENING_STATES = 1_000_000
WALKED = "walks do not visit every state"


@dataclass(frozen=True)
class Simulation:
    """`pairs`: (location of a block, location of the next) -> how often the second could follow at once."""

    outcome: Outcome  # `states` are the states that were walked through, each as often as it was
    walks: int
    pairs: dict[tuple[str, str], int]
    blocks: tuple[str, ...]  # all there are
    last_new_pair: int  # after how many steps

    @property
    def steps(self) -> int:
        return self.outcome.states


def simulate(
    program: Any,
    properties: list[Any],
    limits: Limits,
    seed: int,
    progress: ProgressCallback | None = None,
) -> Simulation:
    """`max_states` limits the steps of all walks, `max_depth` those of one. The program is no reduced one."""
    with native.Run(program, properties, limits, quick=native.is_short(program, limits)) as run:
        run.run.seed = seed % 2**64
        run.run.walk_length = limits.max_depth or WALK_LENGTH
        run.go(progress, "simulate")
        outcome = outcome_of(program, run.figures())
        outcome.complete = False
        outcome.ended = outcome.ended or WALKED
        outcome.bytes_per_state = 0.0
        simulation = Simulation(
            outcome, run.run.walks, _pairs(program, run.run), _locations(program), run.run.last_new_pair
        )
    _shorten(program, outcome, limits)
    return simulation


def _shorten(program: Any, outcome: Outcome, limits: Limits) -> None:
    """A walk goes astray. Where a search of the first states finds the same, it finds the shortest trace."""
    for found in (outcome.violations, outcome.reached):
        long = [name for name, violation in found.items() if violation.depth > 2]
        if not long:
            continue
        shallow = Limits(max_states=SHORTENING_STATES, threads=limits.threads, memory=limits.memory)
        search = native.explore(program, long, shallow)
        for name, violation in (search.violations | search.reached).items():
            if name in found and violation.depth < found[name].depth:
                found[name] = violation


def _locations(program: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(block.location for block in program.blocks))


def _pairs(program: Any, run: Any) -> dict[tuple[str, str], int]:
    """By place: a block that several actors have is one."""
    blocks = program.blocks
    found: dict[tuple[str, str], int] = {}
    if run.pairs:
        for before, first in enumerate(blocks):
            row = run.pairs[before * len(blocks) : (before + 1) * len(blocks)]
            for after, count in enumerate(row):
                if count:
                    pair = (first.location, blocks[after].location)
                    found[pair] = found.get(pair, 0) + count
    return found
