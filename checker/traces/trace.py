"""A counterexample as a list of steps: who did what in which column, at which line, and what changed.

It is built from what the replay of the real generators saw, so it says nothing that was not run.
"""

from __future__ import annotations

import functools
import linecache
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from checker.language import Index
from checker.language.errors import CheckerError, shown_path
from checker.language.world import World
from checker.traces.effects import Effect, effects
from checker.traces.pictures import Picture
from checker.traces.values import call, shown
from checker.traces.witness import Witness

Snapshot = tuple[Any, ...]
MOST_NAMES = 3  # that one line of a column names
Calls = dict[tuple[Index | None, str], str]  # actor and function: its latest call, as it is shown


class EventLike(Protocol):
    """One transition: which actor did which block, with which arguments and choices."""

    @property
    def kind(self) -> str: ...
    @property
    def actor(self) -> Index | None: ...
    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> tuple[object, ...]: ...
    @property
    def choices(self) -> tuple[int, ...]: ...


class FrameLike(Protocol):
    """A generator function that is suspended."""

    @property
    def function(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


class StepLike(Protocol):
    """What a replay saw while it ran one event."""

    @property
    def event(self) -> EventLike: ...
    @property
    def before(self) -> Snapshot: ...
    @property
    def after(self) -> Snapshot: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def function(self) -> str: ...
    @property
    def stops(self) -> tuple[str, int] | None: ...
    @property
    def fault(self) -> object | None: ...
    @property
    def calls(self) -> tuple[str, ...]: ...
    @property
    def lines(self) -> tuple[tuple[str, int], ...]: ...
    @property
    def under(self) -> tuple[str, ...]: ...
    @property
    def chain_before(self) -> Sequence[FrameLike]: ...
    @property
    def chain_after(self) -> Sequence[FrameLike]: ...
    @property
    def chosen(self) -> tuple[object, ...]: ...
    @property
    def assumed(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Change:
    path: str
    old: object
    new: object
    entries: frozenset[str] = frozenset()  # the members that it is about: those on its way, old and new ones

    def __str__(self) -> str:
        return f"{self.path}: {shown(self.old)} -> {shown(self.new)}"


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
    function: str  # the generator that the place is in
    finished: bool  # the operation returned
    chosen: tuple[object, ...]
    assumed: tuple[str, ...]
    changes: tuple[Change, ...]
    arguments: tuple[object, ...] = ()
    choices: tuple[int, ...] = ()  # the numbers of what was chosen, by which it runs again
    within: tuple[str, ...] = ()  # the sub-operations, outermost first, in which it goes on

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
    with world:
        return tuple(_step(world, number, step, called) for number, step in enumerate(steps, 1))


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


def waits_for(frame: FrameLike) -> str:
    """The condition of a wait; an actor at its body or at a `yield` right before it is at that wait too."""
    nearby = (linecache.getline(frame.file, frame.line + by).strip() for by in (0, -1, 1))
    return next((line.removesuffix(":") for line in nearby if line.startswith("while ")), "")


def named_cells(world: World, snapshot: Snapshot) -> tuple[tuple[str, object], ...]:
    return tuple((cell.path, value) for cell, value in zip(world.cells, snapshot, strict=True))


def lanes_of(steps: Sequence[TraceStep]) -> tuple[str, ...]:
    """The columns in the order of their members: CPU0 before CPU1 whoever moved first."""
    return tuple(sorted({step.lane for step in steps}, key=_lane_order))


def _lane_order(lane: str) -> tuple[str, int]:
    letters = lane.rstrip("0123456789")
    return letters, int(lane[len(letters) :] or 0)


def _step(world: World, number: int, step: StepLike, called: Calls) -> TraceStep:
    event = step.event
    suspended = {frame.function for frame in step.chain_before}
    ongoing = {key: text for key, text in called.items() if key[0] is event.actor and key[1] in suspended}
    for text in step.calls:  # in order: the innermost of several calls of one function counts
        called[event.actor, text.partition("(")[0]] = _as_shown(text, event.actor)
    wrote = effects(step.lines)
    file, line = (
        (wrote[0].file, wrote[0].line) if wrote and event.kind == "resume" else (step.file, step.line)
    )
    return TraceStep(
        number=number,
        kind=event.kind,
        lane=_lane(world, step),
        actor="" if event.actor is None else shown(event.actor),
        operation=event.name,
        text=_text(step, wrote, called, ongoing),
        place=f"{shown_path(file)}:{line}",
        line=re.sub(r"\s*# (atomic|mutant)\b.*", "", linecache.getline(file, line)).strip(),
        function=step.function,
        finished=event.kind != "action" and step.stops is None and step.fault is None,
        chosen=tuple(step.chosen),
        assumed=tuple(step.assumed),
        changes=_changes(world, step.before, step.after),
        arguments=tuple(event.arguments),
        choices=tuple(event.choices),
        within=tuple(frame.function for frame in step.chain_before[1:]) if event.kind == "resume" else (),
    )


def _text(step: StepLike, wrote: Sequence[Effect], called: Calls, ongoing: Calls) -> str:
    """A start by its call, an action in angle brackets, and what goes on by the functions that wrote."""
    event = step.event
    if event.kind == "action":
        return f"<{call(event.name, event.arguments)}>"
    if event.kind == "start":
        return call(event.name, event.arguments)
    return _what_went_on(step, wrote, called, ongoing) + "".join(
        f": {value.name}" for value in step.chosen if isinstance(value, Enum)
    )


def _what_went_on(step: StepLike, wrote: Sequence[Effect], called: Calls, ongoing: Calls) -> str:
    """The calls, made by the operation and its sub-operations themselves, in which something was written; of
    several of one function, the one that went on."""
    event = step.event
    if not wrote or any(isinstance(value, Enum) for value in step.chosen):
        return _towards(step, called)
    called = {**called, **ongoing}
    outermost = dict(zip(step.lines, step.under, strict=True))
    names = dict.fromkeys(_caller(effect, outermost, event, called) for effect in wrote)
    return ", ".join(list(names)[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")


def _caller(effect: Effect, outermost: Mapping[tuple[str, int], str], event: EventLike, called: Calls) -> str:
    helper = outermost.get((effect.file, effect.line), "")
    if helper:
        return _as_shown(helper, event.actor)
    if effect.function == event.name:
        return effect.text
    return called.get((event.actor, effect.function), f"{effect.function}()")


def _towards(step: StepLike, called: Calls) -> str:
    """A block that writes nothing: the function that it has come to, or where it chose the one it was in."""
    chain = step.chain_before if step.chosen else step.chain_after
    name = chain[-1].function if chain else step.event.name
    return called.get((step.event.actor, name), f"{name}()")


def _as_shown(text: str, actor: Index | None) -> str:
    """`take(<Kernel>, task0, lock1)` as `take(lock1)`: the state and the actor are known."""
    name, _, rest = text.partition("(")
    rest = re.sub(r"<\w+\.(\w+): [^<>]*>", r"\1", rest)  # a member of an Enum, by its name
    arguments = re.sub(r"<\w[^<>]*>", "", rest.removesuffix(")")).split(", ")
    return f"{name}({', '.join(each for each in arguments if each and each != repr(actor))})"


def _changes(world: World, before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    return tuple(
        Change(cell.path, old, new, members_in(cell.steps, old, new))
        for cell, old, new in zip(world.cells, before, after, strict=True)
        if type(old) is not type(new) or old != new
    )


def members_in(*values: object) -> frozenset[str]:
    """The names of the members in values, at any depth: `page0`."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, Index):
            found.add(shown(value))
        elif isinstance(value, tuple | set | frozenset):
            found |= members_in(*value)
    return frozenset(found)


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
