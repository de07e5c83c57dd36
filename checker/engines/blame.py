"""Which earlier step a violation rests on: the last one whose change, taken back, would have prevented it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.engines.outcome import Violation
from checker.engines.predicates import Predicate
from checker.engines.replaying import Replayer, Step, replay_events, standing
from checker.language.context import current
from checker.language.errors import CheckerError, shown_path
from checker.language.properties import Property
from checker.language.world import Snapshot, World

INITIAL = "an initial state"


@dataclass(frozen=True)
class Blame:
    """The blocks of a trace: the one that violates, and the number from 0 of the step that it rests on, with
    the number of the cell that it changed."""

    shows: str
    wrote: str
    writer: int | None
    cell: int | None = None


def blame(world: World, violation: Violation, found: Property | None) -> Blame:
    """A cell that an earlier step changed gets its old value back, and the violating block runs once more, in
    the same way: if it does not violate now, the cell is part of the bad fact. `writer` is None where no
    single change is. `found`: the property; None for an assert."""
    if not violation.events:
        return Blame(INITIAL, "", None)
    steps = replay_events(world, violation.initial, violation.events)
    operation_of = current.operation_of
    with world:
        try:
            trial = _Trial(world, violation, found, steps)
            writer, cell = next(
                ((number, cell) for number, cell, before in _taken_back(steps) if trial.prevents(before)),
                (None, None),
            )
        finally:
            current.operation_of = operation_of
            current.chooser = None
    return Blame(block_of(steps[-1]), "" if writer is None else block_of(steps[writer]), writer, cell)


def block_of(step: Step) -> str:
    """A block by where it begins: the operation, and the yields that its actor stands at, outermost first."""
    chain = [(frame.file, frame.line) for frame in step.chain_before] or [(step.file, step.line)]
    places = (f"{shown_path(file)}:{line}" for file, line in chain)
    return f"{step.event.name}: {' > '.join(places)}"


def _taken_back(steps: Sequence[Step]) -> Iterator[tuple[int, int, Snapshot]]:
    """Each last change of a cell, the latest first: its step, the cell, and the state before the last step
    with that cell as it was before."""
    last = steps[-1].before
    seen: set[int] = set()
    for number in reversed(range(len(steps) - 1)):
        before, after = steps[number].before, steps[number].after
        for cell in range(len(last)):
            if cell not in seen and (
                type(before[cell]) is not type(after[cell]) or before[cell] != after[cell]
            ):
                seen.add(cell)
                yield number, cell, (*last[:cell], before[cell], *last[cell + 1 :])


class _Trial:
    """The last step of a trace, to be run from other states."""

    def __init__(
        self, world: World, violation: Violation, found: Property | None, steps: Sequence[Step]
    ) -> None:
        self.world, self.found, self.steps = world, found, steps
        self.kind = violation.kind
        self.replayer = Replayer(world, violation.initial)
        for event in violation.events[:-1]:
            self.replayer.step(event)
        self.positions = list(self.replayer.positions)
        self.event = violation.events[-1]

    def prevents(self, before: Snapshot) -> bool:
        """Whether the block runs from there, and does not violate."""
        self.replayer.snapshot = before
        self.replayer.positions = list(self.positions)
        try:
            step = self.replayer.step(self.event)
            if step.fault is not None:
                return False
            return self.found is None or (step.stops == self.steps[-1].stops and self._holds(step))
        except CheckerError:  # it cannot run there, or the property cannot be asked
            return False

    def _holds(self, step: Step) -> bool:
        states = [self.world.view(step.after)]
        if self.kind == "step":
            states = [self.world.view(step.before), *states]
        with standing(self.world, [*self.steps[:-1], step]):
            assert self.found is not None
            return Predicate(self.found)(*states)
