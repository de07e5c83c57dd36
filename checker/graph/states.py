"""From a world to the graph of its states: every one that can be reached, and the steps between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx

from checker.engines.aftermath import stepping
from checker.engines.outcome import Event, Limits
from checker.engines.python import Search
from checker.engines.successors import Node
from checker.language.context import current
from checker.language.errors import CheckerError
from checker.language.world import World
from checker.traces.values import call, shown

Graph = Any  # a networkx.DiGraph: the library has no types


@dataclass(frozen=True)
class States:
    """`graph`: nodes are numbered in the order in which they were found; an edge has `steps`, its labels.

    `failing`: asserts and model errors that end a path.
    """

    world: World
    nodes: list[Node]
    graph: Graph
    failing: tuple[str, ...]


def states_of(world: World, limits: Limits, progress: Any) -> States:
    """Refused if a limit comes first: half a graph looks like a whole one."""
    search = Search(world, (), limits, progress)
    outcome = search.run()
    if not outcome.complete:
        raise CheckerError(
            f"{world.scenario.name}: {outcome.ended} after {outcome.states:,} states; nothing was drawn",
            advice="take a smaller scenario or smaller bounds, or raise --max-states",
        )
    return States(world, search.nodes, _graph(search), tuple(outcome.violations))


def _graph(search: Search) -> Graph:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(search.nodes)))
    with stepping(search.world):
        current.operation_of = search.stepper.operation_of
        for number, node in enumerate(search.nodes):
            for event, to in _steps(search, node):
                steps = graph.edges[number, to]["steps"] if graph.has_edge(number, to) else []
                graph.add_edge(number, to, steps=[*steps, label(event)])
    return graph


def _steps(search: Search, node: Node) -> Iterator[tuple[Event, int]]:
    for edge in search.successors.of(node):
        if edge.result.fault is None:
            positions = node.positions
            if edge.actor is not None:
                positions = (*positions[: edge.actor], edge.result.position, *positions[edge.actor + 1 :])
            once = node.once if edge.started is None else node.once | {edge.started}
            yield edge.event, search.index[edge.result.snapshot, positions, once]


def label(event: Event) -> str:
    """`task0: free_page(page1)`, `task0: free_page`, `<fill_tlb(cpu0, page1)>`."""
    actor = () if event.actor is None else (event.actor,)
    if event.kind == "action":
        return f"<{call(event.name, (*actor, *event.arguments))}>"
    name = call(event.name, event.arguments) if event.kind == "start" else event.name
    return f"{shown(event.actor)}: {name}"


def fields_of(states: States) -> list[dict[str, str]]:
    """What is not the same in all states: fields, and where each actor is."""
    found = [_whole(states.world, node) for node in states.nodes]
    differing = [name for name in found[0] if len({each[name] for each in found}) > 1]
    return [{name: each[name] for name in differing} for each in found]


def _whole(world: World, node: Node) -> dict[str, str]:
    cells = zip(world.cells, node.snapshot, strict=True)
    found = {cell.path: shown(value) for cell, value in cells}
    for actor, position in zip(world.actors, node.positions, strict=True):
        at = "idle"
        if position is not None:
            file, line = position.place
            at = f"{position.operation.name} at {Path(file).name}:{line}"
        found[shown(actor.member)] = at
    return found
