"""Which places of the state each block touches, in which statement, and which locks its actor holds then.

The model's own generators run, on a store that notes every access. States are taken up in the order of how
seldom the block was run that leads to them; so small models are run through, and of a large one each block is
seen early.
"""

from __future__ import annotations

import enum
import heapq
import itertools
import sys
import time
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Protocol

from checker.engines.aftermath import after
from checker.engines.outcome import Progress, ProgressCallback
from checker.engines.positions import Position, Steps
from checker.engines.resources import memory_in_use
from checker.engines.statements import Site, site_of
from checker.engines.stepping import Operations, Result, Stepper
from checker.engines.successors import Edge, Node, Successors
from checker.language.context import Chooser, current
from checker.language.errors import shown_path
from checker.language.index import Index
from checker.language.kinds import is_key
from checker.language.locks import Held, locks_of
from checker.language.steps import Action, Operation
from checker.language.world import Snapshot, World

PROGRESS_SECONDS = 0.2


@dataclass(frozen=True)
class Access:
    """One statement's reading or writing of one cell. `locks`: those held then that cover the cell."""

    cell: int
    write: bool
    site: Site
    locks: frozenset[str]


@dataclass
class Survey:
    """What was seen. A run of a block is the set of its accesses; only operations have blocks here."""

    fields: list[str]  # of each cell, with [] for every element
    blocks: dict[str, set[frozenset[Access]]] = field(default_factory=dict)
    touched: dict[int, set[Hashable]] = field(default_factory=dict)  # cell -> who touched it
    written: set[int] = field(default_factory=set)
    lock_words: set[int] = field(default_factory=set)  # cells that the predicates of locks have read
    states: int = 0
    complete: bool = False
    interrupted: bool = False


class Notes(Protocol):
    def note(self, at: Any, write: bool) -> None: ...


class Cells(list[Any]):
    """The values of a state; notes who asks for which."""

    recorder: Notes | None = None

    def __getitem__(self, at: Any) -> Any:
        if self.recorder is not None:
            self.recorder.note(at, False)
        return super().__getitem__(at)

    def __setitem__(self, at: Any, value: Any) -> None:
        if self.recorder is not None:
            self.recorder.note(at, True)
        super().__setitem__(at, value)


class Recorder(Stepper):
    """Runs blocks, and notes what the one that runs touches."""

    def __init__(self, world: World, survey: Survey) -> None:
        super().__init__(world)
        self.survey = survey
        self.cells = Cells(self.store.cells)
        self.store.cells = self.cells
        self.watching = self._watch
        self.locks = {member: locks_of(world, member) for member in self.members}
        self.actor: Index | None = None
        self.who: Hashable = None
        self.place = ("", 0)  # of the point from which a block goes on
        self.block = ""
        self.run: set[Access] = set()
        self.held: list[Held] | None = None  # None: to be asked again
        self.asked: set[int] = set()  # the cells that the answer depends on

    def step(
        self,
        actor: int,
        operation: Operation,
        arguments: tuple[Any, ...],
        history: Any,
        snapshot: Snapshot,
        inside: Operations,
        vector: tuple[int, ...],
    ) -> tuple[Result | None, Chooser]:
        self.actor = self.who = self.members[actor]
        file, line = self.place if history else (operation.file, operation.line)
        self.block = f"{operation.name}:{shown_path(file)}:{line}"
        return super().step(actor, operation, arguments, history, snapshot, inside, vector)

    def act(
        self,
        action: Action,
        actor: Index | None,
        arguments: tuple[Any, ...],
        snapshot: Snapshot,
        inside: Operations,
        vector: tuple[int, ...],
    ) -> tuple[Result | None, Chooser]:
        self.actor, self.who = None, (action.name, actor)
        return super().act(action, actor, arguments, snapshot, inside, vector)

    @contextmanager
    def _watch(self, generator: Steps | None) -> Iterator[None]:
        self.run, self.held = set(), None
        self.cells.recorder = self
        try:
            yield
        finally:
            self.cells.recorder = None
            if generator is not None:
                self.survey.blocks.setdefault(self.block, set()).add(frozenset(self.run))

    def note(self, at: Any, write: bool) -> None:
        for cell in range(*at.indices(len(self.cells))) if isinstance(at, slice) else (at,):
            self.survey.touched.setdefault(cell, set()).add(self.who)
            if write:
                self.survey.written.add(cell)
            if self.actor is not None:
                site = _site(sys._getframe(2))
                if not site.guard:
                    locks = frozenset(held.lock.name for held in self._holding() if cell in held.cells)
                    self.run.add(Access(cell, write, site, locks))
            if write and cell in self.asked:
                self.held = None  # only now: what is written is covered by what was held before

    def _holding(self) -> list[Held]:
        if self.held is None:
            assert self.actor is not None
            self.asked = set()
            self.cells.recorder = _Asking(self.asked)
            try:
                locks = self.locks[self.actor]
                self.held = [h for h in locks if h.lock(self.state, h.member, *h.arguments) is True]
            finally:
                self.cells.recorder = self
            self.survey.lock_words |= self.asked
        return self.held


class _Asking:
    """In place of the recorder while locks are asked who holds them."""

    def __init__(self, asked: set[int]) -> None:
        self.asked = asked

    def note(self, at: Any, write: bool) -> None:
        self.asked.update(range(at.start, at.stop) if isinstance(at, slice) else (at,))


def _site(frame: Any) -> Site:
    """Where the innermost generator function stands, and the helpers between it and the access."""
    chain: list[tuple[CodeType, int]] = []
    while frame is not None:
        code = frame.f_code
        chain.append((code, frame.f_lasti))
        if code.co_flags & 0x20 and not code.co_name.startswith("<"):  # a generator, and no comprehension
            break
        frame = frame.f_back
    return site_of(tuple(chain))


def survey(
    world: World,
    most_states: int,
    seconds: float | None = None,
    progress: ProgressCallback | None = None,
) -> Survey:
    """Run what can be run in a world, up to a number of states. Ctrl-C ends it too; nothing is lost."""
    found = Survey([_field(cell.steps) for cell in world.cells])
    operation_of = current.operation_of
    with world:
        try:
            _explore(world, found, _Limit(found, most_states, seconds, progress))
        except KeyboardInterrupt:
            found.interrupted = True
        finally:
            current.operation_of = operation_of
            current.chooser = None
    return found


def _field(steps: tuple[str | Index | enum.Enum, ...]) -> str:
    return "".join("[]" if is_key(step) else f".{step}" for step in steps).lstrip(".")


class _Blocks(Successors):
    """Tells the recorder where the block begins that is run next."""

    def __init__(self, world: World, found: Survey) -> None:
        super().__init__(world, False)
        self.stepper: Recorder = Recorder(world, found)

    def _resumes(self, number: int, position: Position, node: Node, inside: Operations) -> Iterator[Edge]:
        self.stepper.place = position.place
        return super()._resumes(number, position, node, inside)


class _Limit:
    """Whether to go on; tells of progress on the way."""

    def __init__(
        self, found: Survey, states: int, seconds: float | None, progress: ProgressCallback | None
    ) -> None:
        self.found, self.states, self.seconds, self.progress = found, states, seconds, progress
        self.began = self.told = time.monotonic()

    def reached(self, waiting: int) -> bool:
        now = time.monotonic()
        if self.progress is not None and now - self.told > PROGRESS_SECONDS:
            self.told = now
            count, seconds = self.found.states, now - self.began
            self.progress(Progress(count, 0, 0, waiting, memory_in_use(), seconds, rate=count / seconds))
        late = self.seconds is not None and now - self.began > self.seconds
        return late or self.found.states >= self.states


def _explore(world: World, found: Survey, limit: _Limit) -> None:
    blocks = _Blocks(world, found)
    fired: Counter[str] = Counter()
    order = itertools.count()
    seen: set[Hashable] = set()
    waiting: list[tuple[int, int, Node]] = []

    def add(node: Node, seldom: int) -> None:
        key = (node.snapshot, node.positions, node.once)
        if key not in seen:
            seen.add(key)
            heapq.heappush(waiting, (seldom, next(order), node))

    for snapshot in world.initial_states():
        add(Node(snapshot, (None,) * len(world.actors), frozenset(), 1, None, None), 0)
    while waiting and not limit.reached(len(waiting)):
        _, _, node = heapq.heappop(waiting)
        found.states += 1
        for edge in blocks.of(node):
            fired[edge.block] += 1
            if edge.result.fault is None:
                add(after(node, edge), fired[edge.block])
    found.complete = not waiting
