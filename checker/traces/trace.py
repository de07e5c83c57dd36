"""A counterexample as a list of steps: who did what in which column, at which line, and what changed.

It is built from what the replay of the real generators saw, so it says nothing that was not run.
"""

from __future__ import annotations

import functools
import linecache
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from checker.language import Index
from checker.language.errors import CheckerError, shown_path
from checker.language.world import World
from checker.traces.changes import Change, changes_between, members_in
from checker.traces.effects import effects, first_lasting
from checker.traces.latches import latches
from checker.traces.naming import Calls, as_shown, text_of
from checker.traces.pictures import Picture
from checker.traces.seen import Snapshot, StepLike
from checker.traces.values import shown
from checker.traces.waits import awaited_fields, waits_for
from checker.traces.witness import Witness


@dataclass(frozen=True)
class TraceStep:
    number: int
    kind: str  # start, resume or action
    lane: str  # the column: CPU0
    actor: str  # task1; empty for an action without an actor
    operation: str
    text: str  # what the column shows
    place: str  # model/flip.py:41
    line: str  # the line that stands there
    function: str  # the innermost generator that it ran in
    finished: bool  # the operation returned
    chosen: tuple[object, ...]
    assumed: tuple[str, ...]
    changes: tuple[Change, ...]
    arguments: tuple[object, ...] = ()
    choices: tuple[int, ...] = ()  # the numbers of what was chosen, by which it runs again
    within: tuple[str, ...] = ()  # the sub-operations, outermost first, in which it goes on
    awaited: frozenset[str] = frozenset()  # the fields that the waits read which it came through

    @property
    def who(self) -> str:
        """`task0 free_page > rmqueue > spin_lock`: the actor, and the calls in which it goes on."""
        return f"{self.actor} {' > '.join((self.operation, *self.within))}".strip()

    @property
    def entries(self) -> frozenset[str]:
        """Every member that the step has to do with, apart from who does it."""
        return members_in(self.arguments, self.chosen).union(*(each.entries for each in self.changes))


@dataclass(frozen=True)
class Why:
    """What a violation rests on. `origin`: the number of the step that made it possible."""

    origin: int | None = None
    reasons: tuple[str, ...] = ()
    circle: tuple[str, ...] = ()  # of a deadlock: who waits for whom, one line for each


@dataclass(frozen=True)
class Standing:
    """Where an actor is: its operation and the sub-operations it is in, each with its place."""

    actor: str
    chain: tuple[tuple[str, str], ...]
    waits_for: str  # the condition of a wait; empty at a plain yield


@dataclass(frozen=True)
class Ending:
    """How it goes on after the violation, where that shows more: of a deadlock, to where nobody can move."""

    steps: tuple[TraceStep, ...] = ()
    inside: tuple[Standing, ...] = ()  # who is inside an operation then


@dataclass(frozen=True)
class Trace:
    name: str  # of the property
    kind: str  # invariant, step, assert, model error, deadlock, always possible
    heading: str  # WARNING, or REACHABLE where it was asked for
    title: str  # what the banner warns of
    sentence: str
    concrete: bool  # the sentence names the members itself
    message: str  # the text of the assert or of the model error
    location: str
    witness: Witness
    lanes: tuple[str, ...]
    steps: tuple[TraceStep, ...]
    inside: tuple[Standing, ...]  # who is inside an operation at the end
    initial: tuple[tuple[str, object], ...]  # path, value
    final: tuple[tuple[str, object], ...]
    context: dict[str, str] = field(default_factory=dict)  # design, scenario, bounds, command
    source: str = ""  # of the property
    remedies: tuple[str, ...] = ()  # changes of the design with which it holds, if they are asked for
    explain: Callable[[], Why] = field(default=Why, compare=False)  # asked only if it is to be shown
    go_on: Callable[[], Ending] = field(default=Ending, compare=False)  # the same
    draw: Callable[[], tuple[Picture, ...]] = field(default=tuple, compare=False)  # the same

    @functools.cached_property
    def why(self) -> Why:
        return self.explain()

    @functools.cached_property
    def ending(self) -> Ending:
        return self.go_on()

    @property
    def shown_steps(self) -> tuple[TraceStep, ...]:
        """With those of the ending, for whoever reads it."""
        return (*self.steps, *self.ending.steps)

    @property
    def shown_lanes(self) -> tuple[str, ...]:
        return lanes_of(self.shown_steps) if self.ending.steps else self.lanes

    @property
    def standing(self) -> tuple[Standing, ...]:
        return self.ending.inside if self.ending.steps else self.inside

    @functools.cached_property
    def pictures(self) -> tuple[Picture, ...]:
        return self.draw()

    @property
    def assumed(self) -> tuple[str, ...]:
        """The assumed steps that the trace takes, each once, in order."""
        return tuple(dict.fromkeys(text for step in self.steps for text in step.assumed))


def trace_steps(world: World, steps: Sequence[StepLike]) -> tuple[TraceStep, ...]:
    called: Calls = {}
    marks = latches(world)
    with world:
        return tuple(_step(world, number, step, called, marks) for number, step in enumerate(steps, 1))


def standing_at_the_end(steps: Sequence[StepLike]) -> tuple[Standing, ...]:
    """Every actor that is inside an operation after the last step, and its chain of calls."""
    last = {
        step.event.actor: step
        for step in steps
        if step.event.actor is not None and step.event.kind != "action"
    }
    return tuple(
        Standing(
            shown(actor),
            tuple((frame.function, f"{shown_path(frame.file)}:{frame.line}") for frame in step.chain_after),
            waits_for(step.chain_after[-1]),
        )
        for actor, step in sorted(last.items(), key=lambda item: _lane_order(shown(item[0])))
        if step.chain_after
    )


def named_cells(world: World, snapshot: Snapshot) -> tuple[tuple[str, object], ...]:
    return tuple((cell.path, value) for cell, value in zip(world.cells, snapshot, strict=True))


def lanes_of(steps: Sequence[TraceStep]) -> tuple[str, ...]:
    """The columns in the order of their members: CPU0 before CPU1 whoever moved first."""
    return tuple(sorted({step.lane for step in steps}, key=_lane_order))


def _lane_order(lane: str) -> tuple[str, int]:
    letters = lane.rstrip("0123456789")
    return letters, int(lane[len(letters) :] or 0)


def _step(world: World, number: int, step: StepLike, called: Calls, marks: frozenset[str]) -> TraceStep:
    """`marks`: fields that it is not named after, unless it has written nothing else."""
    event = step.event
    suspended = {frame.function for frame in step.chain_before}
    ongoing = {key: text for key, text in called.items() if key[0] is event.actor and key[1] in suspended}
    for text in step.calls:  # in order: the innermost of several calls of one function counts
        called[event.actor, text.partition("(")[0]] = as_shown(text, event.actor)
    wrote, changes = effects(step.lines), changes_between(world, step.before, step.after)
    wrote = [each for each in wrote if not each.fields <= marks] or wrote
    about = first_lasting(wrote, changes)
    file, line = (about.file, about.line) if about is not None else (step.file, step.line)
    return TraceStep(
        number=number,
        kind=event.kind,
        lane=_lane(world, step),
        actor="" if event.actor is None else shown(event.actor),
        operation=event.name,
        text=text_of(step, wrote, changes, called, ongoing),
        place=f"{shown_path(file)}:{line}",
        line=re.sub(r"\s*# (atomic|mutant)\b.*", "", linecache.getline(file, line)).strip(),
        function=step.function,
        finished=event.kind != "action" and step.stops is None and step.fault is None,
        chosen=tuple(step.chosen),
        assumed=tuple(step.assumed),
        changes=changes,
        arguments=tuple(event.arguments),
        choices=tuple(event.choices),
        within=tuple(frame.function for frame in step.chain_before[1:]) if event.kind == "resume" else (),
        awaited=awaited_fields(step) if event.kind != "action" else frozenset(),
    )


def _lane(world: World, step: StepLike) -> str:
    """The column of a step: what `@lane` says of its actor, or what that belongs to, or the actor itself."""
    actor = step.event.actor
    if actor is None:
        return ""
    shown_at = _declared_lane(world, actor, step.before)
    return _column(shown_at if shown_at is not None else actor)


def _column(member: Index) -> str:
    outer = type(member).info.outer
    if outer is not None and type(member).info.each == 1:  # an Irq is shown on its Cpu
        return _column(outer[member.number])
    return f"{type(member).__name__.upper()}{member.number}"


def _declared_lane(world: World, actor: Index, snapshot: Snapshot) -> Index | None:
    for lane in world.model.lanes:
        if lane.actor is type(actor):
            try:
                found = lane(world.view(snapshot), actor)
            except CheckerError:
                return None  # presentation only: it never hides a counterexample
            return found if isinstance(found, Index) else None
    return None
