"""The python engine: the model's own generators, stepped through every interleaving. It is the reference.

Breadth-first and exact. An actor inside an operation is kept not as a running generator but as what its
blocks saw and chose (`Position.history`), from which it is run again; any state can be continued.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from checker.engines import outcome as ended
from checker.engines.goals import Goal, goals_of, lost_states
from checker.engines.outcome import Event, Limits, Outcome, Progress, ProgressCallback, Violation
from checker.engines.positions import Position
from checker.engines.predicates import Predicate
from checker.engines.replaying import Replay, Step, replay, replay_events
from checker.engines.resources import memory_in_use
from checker.engines.stepping import Fault
from checker.engines.successors import Edge, Node, Once, Successors
from checker.language.context import current
from checker.language.errors import shown_path
from checker.language.index import Index
from checker.language.last_lines import passed
from checker.language.mistakes import refuse_mistakes
from checker.language.properties import DEADLOCK, INVARIANT, REACHABLE, STEP, Property
from checker.language.source import model_files
from checker.language.world import Snapshot, World

__all__ = ["Edge", "Node", "Replay", "Search", "Step", "explore", "replay", "replay_events"]

Project = Callable[[Snapshot, Mapping[Index, Position | None], Once], Hashable]
_POLL = 0.1  # seconds between two looks at memory and two reports of progress


class _Stopped(Exception):
    """A limit was reached."""


def explore(
    world: World,
    properties: Sequence[Property | str] = (),
    limits: Any = None,
    progress: ProgressCallback | None = None,
    project: Project | None = None,
    full: bool = False,
) -> Outcome:
    """Every reachable state. `properties`: Property objects, and "deadlock".

    States are told apart by the live locals of each position; with `full` by all of them; with `project` by
    what it returns.
    """
    model = world.model
    refuse_mistakes(model_files([each.function for each in (*model.operations, *model.actions)]))
    return Search(world, properties, limits or Limits(), progress, project, full).run()


class Search:
    """One search. Afterwards `nodes` and `edges` are the graph (`edges` if goals or `keep_edges` need it)."""

    def __init__(
        self,
        world: World,
        properties: Sequence[Property | str] = (),
        limits: Any = None,
        progress: ProgressCallback | None = None,
        project: Project | None = None,
        full: bool = False,
        keep_edges: bool = False,
    ) -> None:
        self.world = world
        self.limits = limits or Limits()
        self.progress = progress
        self.project = project
        self.full = full
        given = [prop for prop in properties if isinstance(prop, Property)]
        self.deadlock = any(prop == DEADLOCK for prop in properties if isinstance(prop, str))
        self.predicates = [Predicate(prop) for prop in given]
        self.wanted = {prop.name for prop in given} | ({DEADLOCK} if self.deadlock else set())
        self.goals: list[Goal] = goals_of(world, self.predicates, self.deadlock)
        self.keep_edges = keep_edges or bool(self.goals)
        self.nodes: list[Node] = []
        self.edges: list[list[int]] = []  # successors of each expanded node
        self.goal_holds: list[list[bool]] = []
        self.cut: set[int] = set()  # nodes where a path ends: an assert fails, the model is wrong
        self.index: dict[Hashable, int] = {}
        self.snapshots: dict[Snapshot, Snapshot] = {}
        self.memory: dict[
            Hashable, Sequence[Edge]
        ] = {}  # blocks that were run before, by what they depend on
        self.outcome = Outcome()
        self._polled = 0.0

    def run(self) -> Outcome:
        """Search, and say what was found; a limit or Ctrl-C loses nothing."""
        passed.clear()
        self._began = time.monotonic()
        self._memory = memory_in_use()
        operation_of = current.operation_of
        with self.world:
            try:
                self.successors = Successors(self.world, self.full)
                self.stepper = self.successors.stepper
                self.outcome.fired = dict.fromkeys(self.successors.blocks(), 0)
                self._levels()
                self._check_goals()
            except _Stopped as stopped:
                self.outcome.ended = str(stopped)
            except KeyboardInterrupt:
                self.outcome.ended = ended.INTERRUPTED
            finally:
                current.operation_of = operation_of
                current.chooser = None
        return self._finished()

    def _levels(self) -> None:
        for snapshot in self.world.initial_states():
            self._add(snapshot, (None,) * len(self.world.actors), frozenset(), None, None)
        first, outcome = 0, self.outcome
        while first < len(self.nodes):
            outcome.covered_depth = outcome.depth
            if self._all_decided():
                return
            if self.limits.max_depth is not None and outcome.depth >= self.limits.max_depth:
                raise _Stopped(ended.DEPTH)
            last = len(self.nodes)
            for number in range(first, last):
                self._poll(len(self.nodes) - first)
                self._expand(number)
            first = last
        outcome.complete = True

    def _all_decided(self) -> bool:
        decided = self.outcome.violations.keys() | self.outcome.reached.keys()
        return bool(self.wanted) and self.wanted <= decided and not getattr(self.limits, "keep_going", False)

    def _poll(self, frontier: int) -> None:
        now = time.monotonic()
        if self.limits.seconds is not None and now - self._began > self.limits.seconds:
            raise _Stopped(ended.TIME)
        if now - self._polled < _POLL:
            return
        self._polled = now
        memory = memory_in_use() - self._memory
        if self.limits.memory is not None and memory + self._memory > self.limits.memory:
            raise _Stopped(ended.MEMORY)
        if self.progress is not None:
            o, count, seconds = self.outcome, len(self.nodes), now - self._began
            rate = count / seconds if seconds > 0 else 0.0
            self.progress(Progress(count, o.transitions, o.depth, frontier, memory, seconds, rate))

    # ---- one state --------------------------------------------------------------------------------------

    def _expand(self, number: int) -> None:
        node = self.nodes[number]
        successors: dict[int, None] = {}
        for edge in self.successors.of(node):
            if edge.result.fault is not None:
                self._fault(number, edge, edge.result.fault)
                self.cut.add(number)
                continue
            self.outcome.transitions += 1
            self.outcome.fired[edge.block] = self.outcome.fired.get(edge.block, 0) + 1
            successors[self._arrive(number, node, edge)] = None
        if self.keep_edges:
            self.edges.append(list(successors))

    def _arrive(self, number: int, node: Node, edge: Edge) -> int:
        positions = node.positions
        if edge.actor is not None:
            positions = (*positions[: edge.actor], edge.result.position, *positions[edge.actor + 1 :])
        once = node.once if edge.started is None else node.once | {edge.started}
        snapshot = edge.result.snapshot
        self._check_step(number, node, edge)
        return self._add(snapshot, positions, once, number, edge.event)

    def _add(
        self,
        snapshot: Snapshot,
        positions: tuple[Position | None, ...],
        once: Once,
        parent: int | None,
        event: Event | None,
    ) -> int:
        """The number of a state; a new one is looked at by every property."""
        key: Hashable = (snapshot, positions, once)
        if self.project is not None:
            by_member = {actor.member: at for actor, at in zip(self.world.actors, positions, strict=True)}
            key = self.project(snapshot, by_member, once)
        known = self.index.get(key)
        if known is not None:
            return known
        if self.limits.max_states is not None and len(self.nodes) >= self.limits.max_states:
            raise _Stopped(ended.STATES)
        level = 1 if parent is None else self.nodes[parent].level + 1
        snapshot = self.snapshots.setdefault(snapshot, snapshot)
        node = Node(snapshot, positions, once, level, parent, event)
        number = self.index[key] = len(self.nodes)
        self.nodes.append(node)
        self.outcome.depth = max(self.outcome.depth, level)
        self._check_state(number, node)
        return number

    # ---- properties -------------------------------------------------------------------------------------

    def _check_state(self, number: int, node: Node) -> None:
        view = self.stepper.look(node.snapshot, node.inside)
        for predicate in self.predicates:
            if predicate.kind == INVARIANT and predicate.name not in self.outcome.violations:
                if not predicate(view):
                    self._violated(predicate.name, "invariant", number, predicate)
            elif (
                predicate.kind == REACHABLE and predicate.name not in self.outcome.reached and predicate(view)
            ):
                found = Violation(
                    predicate.name, "reachable", node.level, *self.path(number), location=_location(predicate)
                )
                self.outcome.reached[predicate.name] = found
        self.goal_holds.append([goal.holds(node.positions, view) for goal in self.goals])

    def _check_step(self, number: int, node: Node, edge: Edge) -> None:
        steps = [
            each for each in self.predicates if each.kind == STEP and each.name not in self.outcome.violations
        ]
        if not steps:
            return
        before, after = self.stepper.look_twice(node.snapshot, edge.result.snapshot)
        operation_of, current.operation_of = current.operation_of, None  # two states: nobody's `running`
        try:
            for predicate in steps:
                if not predicate(before, after):
                    self._violated(predicate.name, "step", number, predicate, edge.event)
        finally:
            current.operation_of = operation_of

    def _fault(self, number: int, edge: Edge, fault: Fault) -> None:
        if fault.property not in self.outcome.violations:
            self._record(fault.property, fault.kind, number, edge.event, fault.message, fault.location)

    def _violated(
        self, name: str, kind: str, number: int, predicate: Predicate | None, event: Event | None = None
    ) -> None:
        location = None if predicate is None else _location(predicate)
        self._record(name, kind, number, event, "", location)

    def _record(
        self, name: str, kind: str, number: int, event: Event | None, message: str, location: str | None
    ) -> None:
        events, initial = self.path(number)
        events += [] if event is None else [event]
        self.outcome.violations[name] = Violation(
            name, kind, len(events) + 1, events, initial, message, location
        )

    def path(self, number: int) -> tuple[list[Event], Snapshot]:
        """The events that lead to a state, and the initial state that they start from."""
        events = []
        node = self.nodes[number]
        while node.parent is not None:
            assert node.event is not None
            events.append(node.event)
            node = self.nodes[node.parent]
        return events[::-1], node.snapshot

    def _check_goals(self) -> None:
        """What must stay possible: known only when every state was expanded."""
        if not self.outcome.complete:
            return
        first: dict[
            str, tuple[int, Goal]
        ] = {}  # nodes are in order of depth: the first lost one is a shallowest
        for number, goal in enumerate(self.goals):
            holds = [
                each[number] or at in self.cut or (goal.has_successor and bool(self.edges[at]))
                for at, each in enumerate(self.goal_holds)
            ]
            lost = lost_states(self.edges, holds)
            if lost is not None and (goal.property not in first or lost < first[goal.property][0]):
                first[goal.property] = lost, goal
        for lost, goal in first.values():
            location = _location(goal.predicate) if goal.predicate is not None else None
            self._record(goal.property, goal.kind, lost, None, goal.message, location)

    # ---- the end ----------------------------------------------------------------------------------------

    def _finished(self) -> Outcome:
        outcome = self.outcome
        outcome.states = len(self.nodes)
        outcome.last_lines = set(passed)
        outcome.seconds = time.monotonic() - self._began
        outcome.memory_bytes = max(memory_in_use() - self._memory, 0)
        outcome.bytes_per_state = outcome.memory_bytes / max(outcome.states, 1)
        outcome.conditions = {each.name: each.counts() for each in self.predicates if each.conditions}
        return outcome


def _location(predicate: Predicate) -> str:
    return f"{shown_path(predicate.property.file)}:{predicate.property.line}"
