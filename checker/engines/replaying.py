"""Runs a counterexample through the real generators again, and watches what the model does on the way."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from checker.engines.outcome import Event, Violation
from checker.engines.positions import Position
from checker.engines.predicates import Predicate
from checker.engines.stepping import Fault, Operations, Result, Stepper
from checker.engines.watching import Watch
from checker.language import steps as language
from checker.language.context import current
from checker.language.errors import ReplayFailed, did_you_mean
from checker.language.index import Index
from checker.language.properties import Property
from checker.language.source import model_files, module_tree
from checker.language.world import Snapshot, World


@dataclass(frozen=True)
class Suspended:
    """One frame of an actor's position: a generator function, and the line it waits at."""

    function: str
    file: str
    line: int


@dataclass(frozen=True)
class Step:
    """One event as it happened. `after` of a block that failed is the state as far as it got."""

    event: Event
    before: Snapshot
    after: Snapshot
    file: str  # where the block begins: the def of a start or action, else the yield that was left
    line: int
    function: str  # the generator function that begins it: the innermost one
    stops: tuple[str, int] | None  # the yield that it stopped at; None: the operation has returned
    entered: tuple[str, ...]  # helpers and sub-operations of the model, in the order of their first call
    calls: tuple[str, ...]  # every one of these calls with its arguments
    chosen: tuple[object, ...]  # what choose() returned
    assumed: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]  # the model's lines that were run
    under: tuple[str, ...]  # for each of them, the outermost helper call that it is part of; "" for none
    chain_before: tuple[Suspended, ...]
    chain_after: tuple[Suspended, ...]
    changes: tuple[tuple[str, Any, Any], ...]  # path of a cell, its old and its new value
    fault: Fault | None = None  # a failing assert or a model error


@dataclass(frozen=True)
class Replay:
    """`agrees`: the last state (or block) is as bad as the violation says; `why` if not."""

    steps: list[Step]
    agrees: bool
    why: str = ""

    @property
    def assumed(self) -> tuple[str, ...]:
        """The assumed steps that it takes, each once, in order."""
        return tuple(dict.fromkeys(text for step in self.steps for text in step.assumed))


class Replayer:
    """Takes a world through a list of events."""

    def __init__(self, world: World, initial: Snapshot, watched: bool = True) -> None:
        self.world = world
        self.stepper = Stepper(world)
        self.stepper.watching = self._around
        self.watched = watched  # whether the lines and calls of a block are noted, which takes longest
        self.positions: list[Position | None] = [None] * len(world.actors)
        self.snapshot = initial
        functions = [each.function for each in (*world.model.operations, *world.model.actions)]
        self.files = model_files(functions)
        self.own: CodeType | None = None
        self.watch = Watch(self.files, [], None)

    @contextmanager
    def _watching(self, generator: Any) -> Iterator[None]:
        known: list[FrameType] = []
        while getattr(generator, "gi_frame", None) is not None:
            if inspect.getgeneratorstate(generator) == inspect.GEN_SUSPENDED:
                known.append(generator.gi_frame)
            generator = generator.gi_yieldfrom
        self.watch = Watch(self.files, known, self.own)
        self.watch.before = sys.gettrace()
        sys.settrace(self.watch)
        try:
            yield
        finally:
            sys.settrace(self.watch.before)

    @contextmanager
    def _around(self, generator: Any) -> Iterator[None]:
        language.assumed_texts.clear()
        with self._watching(generator) if self.watched else nullcontext():
            yield

    def lines_of(self, event: Event) -> list[tuple[str, int]]:
        """The lines that an event runs here."""
        self.watched = True
        self.take(event)
        return self.watch.lines

    def take(self, event: Event) -> Result:
        """Run one event and go where it leads; its choices may have become others. ReplayFailed if it cannot
        happen here."""
        number, position = self._standing(event)
        self._begin(event, position)
        result, _ = self._result(event, number, position)
        self._go_to(result, number)
        return result

    def step(self, event: Event) -> Step:
        """Run one event, and say how it went; ReplayFailed if it cannot happen here."""
        before = self.snapshot
        number, position = self._standing(event)
        file, line, function = self._begin(event, position)
        result, values = self._result(event, number, position)
        if result.choices != event.choices:
            raise ReplayFailed(f"{event.name}: the choices were {result.choices}, not {event.choices}")
        self._go_to(result, number)
        cells = zip(self.world.cells, before, result.snapshot, strict=True)
        return Step(
            event=event,
            before=before,
            after=result.snapshot,
            file=file,
            line=line,
            function=function,
            stops=None if result.position is None else result.position.place,
            entered=tuple(self.watch.entered),
            calls=tuple(self.watch.calls),
            chosen=tuple(values),
            assumed=tuple(language.assumed_texts),
            lines=tuple(self.watch.lines),
            under=tuple(self.watch.under),
            chain_before=_chain(position),
            chain_after=_chain(result.position),
            changes=tuple((cell.path, old, new) for cell, old, new in cells if differs(old, new)),
            fault=result.fault,
        )

    def _standing(self, event: Event) -> tuple[int | None, Position | None]:
        """Which actor it is of, and where that one stands."""
        number = None if event.kind == "action" else self._number(event.actor)
        return number, None if number is None else self.positions[number]

    def _go_to(self, result: Result, number: int | None) -> None:
        self.snapshot = result.snapshot
        if number is not None:
            self.positions[number] = result.position

    def _number(self, actor: Index | None) -> int:
        if actor not in self.stepper.number:
            raise ReplayFailed(f"{actor!r} runs nothing in scenario {self.world.scenario.name}")
        return self.stepper.number[actor]

    def _begin(self, event: Event, position: Position | None) -> tuple[str, int, str]:
        """Where a block begins; notes the function that is the event's own."""
        if event.kind == "resume":
            if position is None:
                raise ReplayFailed(f"{event.actor!r} is idle and cannot go on with {event.name}")
            self.own = position.operation.function.__code__
            return (*position.place, position.frames[-1].code.co_name)
        if position is not None:
            raise ReplayFailed(
                f"{event.actor!r} cannot start {event.name}: it is in {position.operation.name}"
            )
        kind = self.world.actions if event.kind == "action" else self.world.operations
        declared = next((each for each in kind if each.name == event.name), None)
        if declared is None:
            raise ReplayFailed(
                f"there is no `{event.name}` in scenario {self.world.scenario.name}"
                + did_you_mean(event.name, [each.name for each in kind])
            )
        self.own = declared.function.__code__
        return declared.file, declared.line, declared.name

    def _result(
        self, event: Event, number: int | None, position: Position | None
    ) -> tuple[Result, list[object]]:
        inside: Operations = tuple(None if each is None else each.operation for each in self.positions)
        if number is not None and not self.stepper.may_move(number, self.snapshot, inside):
            raise ReplayFailed(f"{event.actor!r} is not enabled")
        if number is None:
            action = next(each for each in self.world.actions if each.name == event.name)
            result, chooser = self.stepper.act(
                action, event.actor, event.arguments, self.snapshot, inside, event.choices
            )
        elif position is None:
            actor = self.world.actors[number]
            operation = next((each for each in actor.all_operations if each.name == event.name), None)
            if operation is None:
                raise ReplayFailed(f"{event.actor!r} does not run {event.name}")
            inside = (*inside[:number], operation, *inside[number + 1 :])
            result, chooser = self.stepper.step(
                number, operation, event.arguments, (), self.snapshot, inside, event.choices
            )
        else:
            result, chooser = self.stepper.step(
                number,
                position.operation,
                position.arguments,
                position.history,
                self.snapshot,
                inside,
                event.choices,
            )
        if result is None:
            raise ReplayFailed(
                f"{event.name} cannot happen here: `when` fails, or there is nothing to choose"
            )
        return result, chooser.values


def _chain(position: Position | None) -> tuple[Suspended, ...]:
    if position is None:
        return ()
    return tuple(
        Suspended(frame.code.co_name, frame.code.co_filename, frame.point.line) for frame in position.frames
    )


def differs(old: object, new: object) -> bool:
    """Whether a cell changed; True is not 1."""
    return type(old) is not type(new) or old != new


def replay_events(
    world: World, initial: Snapshot, events: Sequence[Event], watched: bool = True
) -> list[Step]:
    """Run events from an initial state, up to a block that fails; ReplayFailed says which one does not fit.

    Steps that were not `watched` say nothing of the lines and calls in them.
    """
    operation_of = current.operation_of
    with world:
        try:
            replayer, steps = Replayer(world, initial, watched), []
            for number, event in enumerate(events, 1):
                try:
                    steps.append(replayer.step(event))
                except ReplayFailed as problem:
                    raise ReplayFailed(f"step {number}: {problem.text}") from None
                if steps[-1].fault is not None:
                    break
            return steps
        finally:
            current.operation_of = operation_of
            current.chooser = None


def replay(
    world: World, violation: Violation, properties: Sequence[Property] = (), watched: bool = True
) -> Replay:
    """Run a counterexample again, and see whether its end is as bad as it was said to be."""
    try:
        steps = replay_events(world, violation.initial, violation.events, watched)
    except ReplayFailed as problem:
        return Replay([], False, problem.text)
    with world:
        why = disagreement(world, violation, steps, properties)
    return Replay(steps, not why, why)


def disagreement(
    world: World, violation: Violation, steps: list[Step], properties: Sequence[Property]
) -> str:
    """What speaks against the violation; empty if nothing does."""
    bad_block = violation.kind in ("assert", "model error")
    fault = steps[-1].fault if steps else None
    if fault is not None and not (bad_block and len(steps) == len(violation.events)):
        return f"step {len(steps)} fails: {fault.message}"
    if bad_block:
        if fault is None:
            return "the last block does not fail"
        same = fault.kind == violation.kind and _same_statement(fault.location, violation.location or "")
        return "" if same else f"the last block fails differently: {fault.property}: {fault.message}"
    if violation.kind == "deadlock":
        return _not_stuck(world, steps)
    known = {**world.model.properties, **{each.name: each for each in properties}}
    found = known.get(violation.property)
    if found is None:
        return f"there is no property {violation.property}{did_you_mean(violation.property, known)}"
    after = steps[-1].after if steps else violation.initial
    states = [world.view(after)]
    if violation.kind == "step":
        states = [world.view(steps[-1].before), *states]
    with standing(world, steps):
        holds = Predicate(found)(*states)
    if holds is (violation.kind == "reachable"):
        return ""
    return f"{found.name} {'does not hold' if violation.kind == 'reachable' else 'holds'} there"


@contextmanager
def standing(world: World, steps: Sequence[Step]) -> Iterator[None]:
    """Answer `running` as after these steps."""
    inside: dict[Index | None, str | None] = {}
    for step in steps:
        if step.event.kind != "action":
            inside[step.event.actor] = None if step.stops is None else step.event.name
    operations = {each.name: each for each in world.operations}
    before = current.operation_of
    current.operation_of = lambda actor: operations.get(inside.get(actor) or "")  # type: ignore[call-overload]
    try:
        yield
    finally:
        current.operation_of = before


def _not_stuck(world: World, steps: list[Step]) -> str:
    """A replay shows that somebody is inside an operation; that it stays there is the search's word."""
    stuck: set[Index] = set()
    for step in steps:
        if step.event.actor is not None and step.event.kind != "action":
            (stuck.discard if step.stops is None else stuck.add)(step.event.actor)
    return "" if stuck or not world.actors else "nobody is inside an operation there"


def _same_statement(one: str, other: str) -> bool:
    """Whether two `file:line` lie in one statement: engines may point at different lines of a long one."""
    if one == other:
        return True
    (file, _, first), (other_file, _, second) = one.rpartition(":"), other.rpartition(":")
    tree = module_tree(file)
    if file != other_file or tree is None or not first.isdigit() or not second.isdigit():
        return False
    low, high = sorted((int(first), int(second)))
    return any(
        isinstance(node, ast.Assert | ast.Assign | ast.AugAssign | ast.Expr | ast.Return)
        and node.lineno <= low
        and high <= (node.end_lineno or node.lineno)
        for node in ast.walk(tree)
    )
