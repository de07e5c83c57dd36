"""Every block that can run in a state: which there are, and what each of them does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checker.engines.outcome import Event
from checker.engines.points import block_lines
from checker.engines.positions import Position
from checker.engines.stepping import Operations, Result, Stepper
from checker.language.context import current
from checker.language.errors import shown_path
from checker.language.index import Index
from checker.language.source import is_library
from checker.language.steps import Operation
from checker.language.world import Snapshot, World, arguments

Once = frozenset[tuple[Index, Operation]]


@dataclass(frozen=True)
class Node:
    """A state: the shared one, where each actor is, and which of the `once` operations were started."""

    snapshot: Snapshot
    positions: tuple[Position | None, ...]
    once: Once
    level: int
    parent: int | None
    event: Event | None

    @property
    def inside(self) -> Operations:
        return tuple(None if position is None else position.operation for position in self.positions)


@dataclass(frozen=True)
class Edge:
    """A transition, or (with a fault) a block that ended badly. `block` is its place for the fired counts."""

    event: Event
    block: str
    actor: int | None
    result: Result
    started: tuple[Index, Operation] | None  # an operation that this scenario lets start once


class Successors:
    """The blocks of a world. What a block did is remembered by all that it depends on."""

    def __init__(self, world: World, full: bool) -> None:
        self.world = world
        self.stepper = Stepper(world, full)
        self.arguments = {each: arguments(each, world) for each in (*world.operations, *world.actions)}
        self.memory: dict[Hashable, Sequence[Edge]] = {}

    def of(self, node: Node) -> Iterator[Edge]:
        """Every block that can run in a state, with every vector of choices."""
        inside = node.inside
        for number, position in enumerate(node.positions):
            if self.stepper.may_move(number, node.snapshot, inside):
                if position is None:
                    starts = self._remembered((number, node.snapshot), self._starts(number, node, inside))
                    yield from (edge for edge in starts if edge.started not in node.once)
                else:
                    resumes = self._resumes(number, position, node, inside)
                    yield from self._remembered((position, node.snapshot), resumes)
        yield from self._remembered(("actions", node.snapshot), self._acts(node, inside))

    def _remembered(self, key: Hashable, edges: Iterator[Edge]) -> Sequence[Edge]:
        """It depends on the shared state and on the position, unless the block asks who is `running`."""
        known = self.memory.get(key)
        if known is None:
            current.asked_running = False
            known = tuple(edges)
            if not current.asked_running:
                self.memory[key] = known
        return known

    def _starts(self, number: int, node: Node, inside: Operations) -> Iterator[Edge]:
        actor = self.world.actors[number]
        for operation in actor.all_operations:
            mark = None if operation in actor.operations else (actor.member, operation)
            block = _block(operation.name, operation.file, operation.line)
            for given in self.arguments[operation]:
                for result in self.stepper.starts(number, operation, given, node.snapshot, inside):
                    event = Event("start", actor.member, operation.name, given, result.choices)
                    yield Edge(event, block, number, result, mark)

    def _resumes(self, number: int, position: Position, node: Node, inside: Operations) -> Iterator[Edge]:
        member, name = self.world.actors[number].member, position.operation.name
        block = _block(name, *position.place)
        for result in self.stepper.resumes(number, position, node.snapshot, inside):
            yield Edge(Event("resume", member, name, (), result.choices), block, number, result, None)

    def _acts(self, node: Node, inside: Operations) -> Iterator[Edge]:
        for action in self.world.actions:
            block = _block(action.name, action.file, action.line)
            for member in [None] if action.actor is None else list(action.actor):
                for given in self.arguments[action]:
                    for result in self.stepper.acts(action, member, given, node.snapshot, inside):
                        event = Event("action", member, action.name, given, result.choices)
                        yield Edge(event, block, None, result, None)

    def blocks(self) -> Iterator[str]:
        """Every block that there is, so that those which never fire can be named."""
        for operation in self.world.operations:
            yield _block(operation.name, operation.file, operation.line)
            for function in _generators_of(operation):
                for line in block_lines(function.__code__):
                    yield _block(operation.name, function.__code__.co_filename, line)
        for action in self.world.actions:
            yield _block(action.name, action.file, action.line)


@functools.lru_cache(maxsize=4096)
def _block(name: str, file: str, line: int) -> str:
    return f"{name}:{shown_path(file)}:{line}"


def _generators_of(operation: Operation) -> list[Callable[..., Any]]:
    """An operation's function and the sub-operations that it can be seen to name, transitively."""
    found: list[Callable[..., Any]] = [operation.function]
    for function in found:
        for name in function.__code__.co_names:
            value = function.__globals__.get(name)
            value = getattr(value, "function", value)
            if (
                inspect.isgeneratorfunction(value)
                and value not in found
                and not is_library(value.__code__.co_filename)
            ):
                found.append(value)
    return found
