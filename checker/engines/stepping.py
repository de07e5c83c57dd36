"""Runs atomic blocks of the real generators: from a state and a position to every outcome of one block."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from checker.engines.loops import LoopGuard
from checker.engines.positions import Position, Seen, Steps, position_of
from checker.language.context import Chooser, Disabled, current
from checker.language.errors import (
    CheckerError,
    ModelError,
    NotAPredicate,
    UnsupportedConstruct,
    located,
    model_frame,
    shown_path,
)
from checker.language.in_order import settle_loops
from checker.language.index import Index
from checker.language.place import Store
from checker.language.source import model_files
from checker.language.steps import Action, Operation
from checker.language.world import Snapshot, World

Operations = tuple[Operation | None, ...]  # what each actor of the world is in

# What Python itself raises where a model does what no model may do, such as reading a field of None.
_PYTHON_ERRORS = (
    *(TypeError, AttributeError, LookupError, ArithmeticError, ValueError, RecursionError),
    UnboundLocalError,
)


@dataclass(frozen=True)
class Fault:
    """What ended a block: a failing assert, or something that no model may do."""

    kind: str  # "assert" | "model error"
    message: str
    location: str  # file:line

    @property
    def property(self) -> str:
        return f"{self.kind}:{self.location}"


@dataclass(frozen=True)
class Result:
    """One run of a block. `position`: None if the operation returned. `snapshot`: as far as it got."""

    choices: tuple[int, ...]
    snapshot: Snapshot
    position: Position | None
    fault: Fault | None


class Stepper:
    """Runs blocks on one store, so that references in locals keep their meaning."""

    def __init__(self, world: World, full: bool = False) -> None:
        self.world = world
        self.full = full
        self.store: Store = world.new_store()
        self.state = world.state_of(self.store)
        self.view_store = Store(list(self.store.cells), read_only=True)
        self.view = world.state_of(self.view_store)
        self.before_store = Store(list(self.store.cells), read_only=True)
        self.before_view = world.state_of(self.before_store)
        self.members = [actor.member for actor in world.actors]
        self.number = {member: number for number, member in enumerate(self.members)}
        everything = [*world.model.operations, *world.model.actions, *world.model.enabled]
        files = model_files([each.function for each in everything])
        settle_loops(files)
        self.guard = LoopGuard(files)
        self.interned: dict[Any, Position] = {}
        self.operations: Operations = (None,) * len(self.members)
        self.watching: Callable[[Steps | None], AbstractContextManager[object]] | None = None
        current.operation_of = self.operation_of

    def operation_of(self, member: object) -> Operation | None:
        number = self.number.get(member)  # type: ignore[call-overload]
        if number is None:
            if not isinstance(member, Index):
                raise ModelError(f"running({member!r}) takes an actor")
            return None
        return self.operations[number]

    # ---- blocks -----------------------------------------------------------------------------------------

    def starts(
        self,
        actor: int,
        operation: Operation,
        arguments: tuple[Any, ...],
        snapshot: Snapshot,
        inside: Operations,
    ) -> Iterator[Result]:
        """Every outcome of an operation's first block."""
        inside = (*inside[:actor], operation, *inside[actor + 1 :])
        return self._every(
            lambda vector: self.step(actor, operation, arguments, (), snapshot, inside, vector)
        )

    def resumes(
        self, actor: int, position: Position, snapshot: Snapshot, inside: Operations
    ) -> Iterator[Result]:
        """Every outcome of the block that begins where an actor stands. Staying at a wait is none."""
        for result in self._every(
            lambda vector: self.step(
                actor, position.operation, position.arguments, position.history, snapshot, inside, vector
            )
        ):
            stays = position.waits and result.position is position and result.snapshot == snapshot
            if not stays or result.fault is not None:
                yield result

    def acts(
        self,
        action: Action,
        actor: Index | None,
        arguments: tuple[Any, ...],
        snapshot: Snapshot,
        inside: Operations,
    ) -> Iterator[Result]:
        """Every outcome of an action."""
        return self._every(lambda vector: self.act(action, actor, arguments, snapshot, inside, vector))

    def _every(self, run: Callable[[tuple[int, ...]], tuple[Result | None, Chooser]]) -> Iterator[Result]:
        """The block runs again for each vector of choices, as an odometer counts."""
        vector: tuple[int, ...] | None = ()
        while vector is not None:
            result, chooser = run(vector)
            if result is not None:
                yield result
            vector = chooser.next_vector()

    def step(
        self,
        actor: int,
        operation: Operation,
        arguments: tuple[Any, ...],
        history: tuple[Seen, ...],
        snapshot: Snapshot,
        inside: Operations,
        vector: tuple[int, ...],
    ) -> tuple[Result | None, Chooser]:
        """One outcome of a block; None if the block does not exist here."""
        generator = operation(self.state, self.members[actor], *arguments)
        self._again(generator, history)
        chooser = self._prepare(snapshot, inside, vector)
        going, fault, disabled = self._run(lambda: _advance(generator, operation), generator)
        if disabled:
            return None, chooser
        choices, after = tuple(chooser.picks), tuple(self.store.cells)
        position = None
        if going and fault is None:
            seen = (*history, (snapshot, choices, inside))
            made = position_of(operation, arguments, seen, generator, self.world.node, self.full)
            position = self.interned.setdefault((actor, made.identity), made)
        generator.close()
        return Result(choices, after, position, fault), chooser

    def _again(self, generator: Steps, history: tuple[Seen, ...]) -> None:
        """Run a new generator to where the old one stood: each block sees and chooses what it did then."""
        for snapshot, choices, inside in history:
            self._prepare(snapshot, inside, choices)
            with self.guard:
                next(generator)

    def act(
        self,
        action: Action,
        actor: Index | None,
        arguments: tuple[Any, ...],
        snapshot: Snapshot,
        inside: Operations,
        vector: tuple[int, ...],
    ) -> tuple[Result | None, Chooser]:
        """One outcome of an action; None if it cannot happen here."""
        chooser = self._prepare(snapshot, inside, vector)
        whole = arguments if actor is None else (actor, *arguments)
        _, fault, disabled = self._run(lambda: action(self.state, *whole) is not None)
        if disabled:
            return None, chooser
        return Result(tuple(chooser.picks), tuple(self.store.cells), None, fault), chooser

    def _prepare(self, snapshot: Snapshot, inside: Operations, vector: tuple[int, ...]) -> Chooser:
        self.store.cells[:] = snapshot
        self.operations = inside
        current.written = False
        current.chooser = Chooser(vector)
        return current.chooser

    def _run(
        self, block: Callable[[], bool], generator: Steps | None = None
    ) -> tuple[bool, Fault | None, bool]:
        """Run one block: whether it stopped at a yield, what ended it, and whether it does not exist here."""
        try:
            if self.watching is None and not self.guard.files:
                return block(), None, False
            with self.guard, nullcontext() if self.watching is None else self.watching(generator):
                return block(), None, False
        except Disabled:
            return False, None, True
        except AssertionError as problem:
            return False, _fault("assert", problem, _without_introspection(str(problem))), False
        except ModelError as problem:
            return False, _fault("model error", problem, problem.text), False
        except CheckerError as problem:
            raise located(problem) from None
        except _PYTHON_ERRORS as problem:
            return False, _fault("model error", problem, f"{type(problem).__name__}: {problem}"), False
        finally:
            current.chooser = None

    # ---- enabled ----------------------------------------------------------------------------------------

    def look(self, snapshot: Snapshot, inside: Operations) -> Any:
        """The state for predicates: read-only, valid until the next look."""
        self.view_store.cells[:] = snapshot
        self.operations = inside
        return self.view

    def look_twice(self, before: Snapshot, after: Snapshot) -> tuple[Any, Any]:
        """Two states for step invariants."""
        self.before_store.cells[:] = before
        self.view_store.cells[:] = after
        return self.before_view, self.view

    def may_move(self, actor: int, snapshot: Snapshot, inside: Operations) -> bool:
        """Whether every `@enabled` of that kind of actor holds."""
        member = self.members[actor]
        for condition in self.world.model.enabled:
            if condition.actor is type(member):
                answer = condition(self.look(snapshot, inside), member)
                if answer is not True and answer is not False:
                    raise NotAPredicate(
                        f"@enabled {condition.name} returned {answer!r}, not a bool"
                    ).at_function(condition.function)
                if not answer:
                    return False
        return True


def _advance(generator: Steps, operation: Operation) -> bool:
    """Run to the next yield; False at the end of the operation."""
    try:
        given = next(generator)
    except StopIteration:
        return False
    if given is not None:
        raise UnsupportedConstruct(
            f"{operation.name}: `yield {given!r}`", advice="a bare `yield` ends a block"
        ).at_function(operation.function)
    return True


def _without_introspection(message: str) -> str:
    """pytest adds values and addresses to the asserts of a test file; a trace is the same anywhere."""
    return "" if message.startswith("assert ") else message.partition("\nassert ")[0]


def _fault(kind: str, problem: Exception, message: str) -> Fault:
    place = model_frame(problem.__traceback__)
    if place is None:
        raise problem  # not the model's doing
    file, line = place
    if isinstance(problem, ModelError) and problem.file == file and problem.line is not None:
        line = problem.line  # of a loop, where it begins
    text = message or linecache.getline(file, line).strip()
    return Fault(kind, text, f"{shown_path(file)}:{line}")
