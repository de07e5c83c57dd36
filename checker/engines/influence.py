"""What one actor left behind that sent another one the way it went: where two CPUs got into each other's way.

A cell that another actor wrote last gets its old value back, and the block runs once more from there. If it
then makes other choices or stops elsewhere, and the rest of the trace cannot be followed from where it stops,
the violation rests on that change although it is no part of the bad fact.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.engines.aftermath import stepping
from checker.engines.outcome import Event
from checker.engines.replaying import Replayer, Step, differs
from checker.engines.stepping import Result
from checker.language.errors import CheckerError
from checker.language.world import World

MOST_TRIALS = 2_000  # some seconds; the trace of a random walk may have a thousand steps


@dataclass(frozen=True)
class Influence:
    """Step `on` would have gone another way with the value that step `by` took from the cell; from 0. `at`:
    the last line that both ways have in common."""

    by: int
    on: int
    cell: int
    at: tuple[str, int]


def influence(world: World, steps: Sequence[Step]) -> Influence | None:
    """The latest; not of hardware, nor on the step that shows the violation, whose bad fact tells more."""
    if not steps:  # the initial state itself
        return None
    with stepping(world):
        trial = _Trial(world, steps)
        latest = itertools.islice(_crossings(steps), MOST_TRIALS)
        crossing = next((each for each in latest if trial.turns(*each)), None)
        return None if crossing is None else Influence(*crossing, trial.parting(*crossing))


def _crossings(steps: Sequence[Step]) -> Iterator[tuple[int, int, int]]:
    """Every change that is there when another actor takes a step (by, on, cell), the latest step and change
    first."""
    for on in reversed(range(1, len(steps) - 1)):
        if not _is_of_an_actor(steps[on].event):
            continue
        known: set[int] = set()
        for by in reversed(range(on)):
            changed = _changed(steps[by]) - known
            known |= changed
            if _is_of_an_actor(steps[by].event) and steps[by].event.actor != steps[on].event.actor:
                yield from ((by, on, cell) for cell in sorted(changed))


def _is_of_an_actor(event: Event) -> bool:
    return event.kind != "action"


def _changed(step: Step) -> set[int]:
    cells = enumerate(zip(step.before, step.after, strict=True))
    return {cell for cell, (old, new) in cells if differs(old, new)}


class _Trial:
    """The steps of a trace, to be run from other states."""

    def __init__(self, world: World, steps: Sequence[Step]) -> None:
        self.steps = steps
        # What is run does not matter here, only where to.
        self.replayer = Replayer(world, steps[0].before, watched=False)
        self.positions = []
        for step in steps:
            self.positions.append(list(self.replayer.positions))
            self.replayer.take(step.event)

    def turns(self, by: int, on: int, cell: int) -> bool:
        """Whether the step goes another way, and what followed cannot follow that."""
        self._take_back(by, on, cell)
        result = self._result(self.steps[on])
        if result is None or self._goes_on_as(result, self.steps[on]):
            return False
        return not all(self._follows(step) for step in self.steps[on + 1 :])

    def parting(self, by: int, on: int, cell: int) -> tuple[str, int]:
        """The last line that the step and its other way have in common."""
        self._take_back(by, on, cell)
        step = self.steps[on]
        other = self.replayer.lines_of(step.event)
        both = zip(step.lines, other, strict=False)
        common = [one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], both)]
        return common[-1] if common else (step.file, step.line)

    def _take_back(self, by: int, on: int, cell: int) -> None:
        """To the state before a step, with the cell as an earlier step found it."""
        before = self.steps[on].before
        self.replayer.snapshot = (*before[:cell], self.steps[by].before[cell], *before[cell + 1 :])
        self.replayer.positions = list(self.positions[on])

    def _follows(self, step: Step) -> bool:
        result = self._result(step)
        return result is not None and self._goes_on_as(result, step)

    def _result(self, step: Step) -> Result | None:
        """None: the step cannot be taken here, or the actor would only wait."""
        before = self.replayer.snapshot, list(self.replayer.positions)
        try:
            result = self.replayer.take(step.event)
        except CheckerError:
            return None
        waits = (self.replayer.snapshot, self.replayer.positions) == before
        return None if waits else result

    def _goes_on_as(self, result: Result, step: Step) -> bool:
        stops = None if result.position is None else result.position.place
        return result.choices == step.event.choices and stops == step.stops
