"""A saved trace, asked of the model as it is now: can its steps still be taken, and is the end still bad?

The file says which steps, by name. Everything that runs is the model's own: names are looked up in it, and an
expression is taken from the command line only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from checker.engines.aftermath import after, end_of, first_after, stepping
from checker.engines.outcome import Event, Violation
from checker.engines.predicates import Predicate
from checker.engines.replaying import Replayer, Step, disagreement
from checker.engines.successors import Edge, Node
from checker.language.declaration import Declaration
from checker.language.errors import CheckerError, ReplayFailed
from checker.language.index import Index
from checker.language.model import Model
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK, Property
from checker.language.types import members
from checker.language.world import Snapshot, World
from checker.traces.itf import Recorded, Saved, texts_of
from checker.traces.values import shown

MOST_STATES = (
    100_000  # that are looked at to see whether somebody is stuck, unless --max-states says otherwise
)
Goal = Callable[[Node, Edge], bool]
STUCK = (DEADLOCK, ALWAYS_POSSIBLE)


class Answer(Enum):
    """The value is the exit code."""

    HARMLESS = 0
    VIOLATED = 1
    OPEN = 3


@dataclass(frozen=True)
class Difference:
    """The first state that is not as it was recorded. Step 0: the initial one."""

    step: int
    path: str
    recorded: str
    now: str

    def __str__(self) -> str:
        return f"{self.path} was {self.recorded} and is {self.now}"


@dataclass(frozen=True)
class Followed:
    """`failed`: the step that cannot be taken; 0 if the trace cannot begin, None if all were taken."""

    answer: Answer
    why: str
    steps: list[Step]
    violation: Violation | None
    failed: int | None = None
    difference: Difference | None = None


def check_model(model: Model, saved: Saved) -> None:
    """A trace of another model is a mistake of whoever asks, and no answer about this one."""
    world = World(model, next(iter(model.scenarios.values())))
    fields = {cell.steps[0] for cell in world.cells}
    recorded = {re.split(r"[.\[]", path)[0] for path in saved.states[0]}
    if not recorded & fields:
        raise CheckerError(
            f"the trace is about another model than {model.name}: it has none of its fields",
            advice="give the model that it is about with --load FILE",
        )


def follow(world: World, saved: Saved, found: Property | None, most_states: int = MOST_STATES) -> Followed:
    """`found`: the property; None for a deadlock, an assert or a model error."""
    with stepping(world):
        initial = _initial(world, saved)
        if isinstance(initial, Difference):
            return Followed(Answer.OPEN, f"the model starts differently: {initial}", [], None, 0, initial)
        events: list[Event] = []
        steps: list[Step] = []
        difference = None
        replayer = Replayer(world, initial)
        for number, recorded in enumerate(saved.steps, 1):
            try:
                event = _event(world, recorded)
                steps.append(replayer.step(event))
            except ReplayFailed as problem:
                return Followed(Answer.OPEN, problem.text, steps, None, number, difference)
            events.append(event)
            difference = difference or _difference(world, steps[-1].after, saved, number)
            fault = steps[-1].fault
            if fault is not None and number < len(saved.steps):
                why = f"it fails now: {fault.message} at {fault.location}"
                return Followed(Answer.OPEN, why, steps, None, number, difference)
    violation = _violation(saved, found, events, initial, steps)
    answer, why = _judged(world, violation, steps, found, most_states)
    return Followed(answer, why, steps, violation, None, difference)


def _initial(world: World, saved: Saved) -> Snapshot | Difference:
    """The initial state that was recorded, as far as the model still has its fields."""
    differences = []
    for snapshot in world.initial_states():
        difference = _difference(world, snapshot, saved, 0)
        if difference is None:
            return snapshot
        differences.append(difference)
    return differences[0]


def _difference(world: World, snapshot: Snapshot, saved: Saved, number: int) -> Difference | None:
    recorded, now = saved.states[number], texts_of(world, snapshot)
    differing = (path for path in recorded if path in now and recorded[path] != now[path])
    return next((Difference(number, path, recorded[path], now[path]) for path in differing), None)


def _event(world: World, recorded: Recorded) -> Event:
    """The step in the model's own terms; ReplayFailed if it has no such thing."""
    kinds: Sequence[Declaration] = world.actions if recorded.kind == "action" else world.operations
    declared = next((each for each in kinds if each.name == recorded.name), None)
    if declared is None:
        what = "action" if recorded.kind == "action" else "operation"
        raise ReplayFailed(f"there is no {what} `{recorded.name}` in scenario {world.scenario.name}")
    if recorded.actor is None and getattr(declared, "actor", None) is not None:
        raise ReplayFailed(f"{declared.name}() is not taken by nobody")
    actor = None if recorded.actor is None else _actor(world, declared, recorded.actor)
    arguments = () if recorded.kind == "resume" else tuple(_arguments(world, declared, recorded.arguments))
    return Event(recorded.kind, actor, recorded.name, arguments, recorded.choices)


def _actor(world: World, declared: Any, name: str) -> Index:
    for member in world.members(declared.actor) if declared.actor is not None else ():
        if shown(member) == name:
            found: Index = member
            return found
    raise ReplayFailed(f"there is no `{name}` that could take {declared.name}()")


def _arguments(world: World, declared: Declaration, given: tuple[str, ...]) -> Iterator[object]:
    kinds = world.parameters(declared)
    if len(kinds) != len(given):
        raise ReplayFailed(f"{declared.name}() takes {len(kinds)} arguments, and {len(given)} were recorded")
    for (name, kind), text in zip(kinds.items(), given, strict=True):
        values = [value for value in members(kind) if shown(value) == text]
        if not values:
            raise ReplayFailed(f"{declared.name}(): `{text}` is no value of {name}")
        yield values[0]


def _violation(
    saved: Saved, found: Property | None, events: list[Event], initial: Snapshot, steps: list[Step]
) -> Violation:
    """For an assert, the statement that fails now: lines move."""
    name = found.name if found is not None else str(saved.about["property"])
    kind, location = str(saved.about["kind"]), str(saved.about.get("location") or "")
    fault = steps[-1].fault if steps else None
    if fault is not None and found is None and fault.kind == kind:
        name, location = fault.property, fault.location
        return Violation(name, kind, len(events) + 1, events, initial, fault.message, location)
    return Violation(name, kind, len(events) + 1, events, initial, "", location or None)


def _judged(
    world: World, violation: Violation, steps: list[Step], found: Property | None, most_states: int
) -> tuple[Answer, str]:
    with stepping(world):
        why = disagreement(world, violation, steps, [found] if found is not None else [])
        if why:
            return Answer.HARMLESS, why
        if violation.kind not in STUCK:
            return Answer.VIOLATED, ""
        end = end_of(world, violation.initial, violation.events)
        goals = _goals(world, end, found)
        if not goals:
            return Answer.HARMLESS, "it holds at the end"
        results = [first_after(world, end, goal, most_states) for goal in goals]
    if any(each.found is None and each.complete for each in results):
        return Answer.VIOLATED, ""
    if any(each.found is None for each in results):
        return Answer.OPEN, f"no way out within {most_states:,} states; --max-states looks at more"
    return Answer.HARMLESS, "there is a way out"


def _goals(world: World, end: Node, found: Property | None) -> list[Goal]:
    """What must stay possible: that the property holds, or that whoever is inside an operation is idle."""
    if found is not None:
        holds = Predicate(found)
        if holds(world.view(end.snapshot)):
            return []
        return [lambda node, edge: holds(world.view(after(node, edge).snapshot))]
    if not world.actors:
        return [lambda node, edge: True]
    inside = [
        number for number, at in enumerate(end.positions) if at is not None and not at.operation.forever
    ]
    return [_idle(number) for number in inside]


def _idle(number: int) -> Goal:
    return lambda node, edge: edge.actor == number and edge.result.position is None
