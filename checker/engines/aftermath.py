"""What can happen after a trace: the states from its end on, up to a number of them."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from checker.engines.outcome import Event
from checker.engines.replaying import Replayer
from checker.engines.successors import Edge, Node, Successors
from checker.language.context import current
from checker.language.world import Snapshot, World


@dataclass(frozen=True)
class Found:
    """An edge that was looked for, and how many steps after the end it comes."""

    edge: Edge
    steps: int


@dataclass(frozen=True)
class Aftermath:
    """`found` is None: there is none among `states`, which are all there are if `complete`."""

    found: Found | None
    states: int
    complete: bool


@contextmanager
def stepping(world: World) -> Iterator[None]:
    """In force while blocks of a world are run; what was in force before is afterwards."""
    operation_of = current.operation_of
    with world:
        try:
            yield
        finally:
            current.operation_of = operation_of
            current.chooser = None


def end_of(world: World, initial: Snapshot, events: Sequence[Event]) -> Node:
    """The state that events lead to, with where each actor is then."""
    replayer = Replayer(world, initial)
    started = set()
    runs = {actor.member: actor for actor in world.actors}
    for event in events:
        step = replayer.step(event)
        if event.kind == "start" and event.actor is not None:
            actor = runs[event.actor]
            operation = next(each for each in actor.all_operations if each.name == step.event.name)
            if operation not in actor.operations:
                started.add((event.actor, operation))
    return Node(replayer.snapshot, tuple(replayer.positions), frozenset(started), 0, None, None)


def after(node: Node, edge: Edge) -> Node:
    """The state that an edge leads to."""
    positions = node.positions
    if edge.actor is not None:
        positions = (*positions[: edge.actor], edge.result.position, *positions[edge.actor + 1 :])
    once = node.once if edge.started is None else node.once | {edge.started}
    return Node(edge.result.snapshot, positions, once, node.level + 1, None, None)


def key_of(node: Node) -> Hashable:
    identities = tuple(None if each is None else each.identity for each in node.positions)
    return node.snapshot, identities, node.once


def first_after(world: World, end: Node, wanted: Callable[[Node, Edge], bool], most_states: int) -> Aftermath:
    """The first edge of that kind, level by level; a block that fails leads nowhere."""
    successors = Successors(world, False)
    seen: set[Hashable] = {key_of(end)}
    level = [end]
    while level:
        following: list[Node] = []
        for node in level:
            for edge in successors.of(node):
                if edge.result.fault is not None:
                    continue
                if wanted(node, edge):
                    return Aftermath(Found(edge, node.level + 1), len(seen), True)
                reached = after(node, edge)
                if key_of(reached) not in seen:
                    if len(seen) >= most_states:
                        return Aftermath(None, len(seen), False)
                    seen.add(key_of(reached))
                    following.append(reached)
        level = following
    return Aftermath(None, len(seen), True)


def sampled(world: World, most_states: int) -> Iterator[tuple[Node, Edge]]:
    """Edges from the initial states on, those of seldom blocks first: a sample of what can happen."""
    successors = Successors(world, False)
    fired: Counter[str] = Counter()
    order = itertools.count()
    seen: set[Hashable] = set()
    waiting: list[tuple[int, int, Node]] = []
    idle = (None,) * len(world.actors)
    for snapshot in world.initial_states():
        heapq.heappush(waiting, (0, next(order), Node(snapshot, idle, frozenset(), 0, None, None)))
    for _ in range(most_states):
        if not waiting:
            return
        _, _, node = heapq.heappop(waiting)
        for edge in successors.of(node):
            fired[edge.block] += 1
            if edge.result.fault is None:
                yield node, edge
                reached = after(node, edge)
                if key_of(reached) not in seen:
                    seen.add(key_of(reached))
                    heapq.heappush(waiting, (fired[edge.block], next(order), reached))
