"""How a deadlock ends: from a state that leads nowhere else, on to where nothing new can happen any more."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import networkx as nx

from checker.engines.aftermath import after, end_of, key_of, stepping
from checker.engines.outcome import Event
from checker.engines.successors import Node, Successors
from checker.language.world import Snapshot, World

MOST_STATES = 1_000
Came = dict[Hashable, tuple[Hashable, Event] | None]  # from where and by which step one came there first


def ending(
    world: World, initial: Snapshot, events: Sequence[Event], most_states: int = MOST_STATES
) -> list[Event]:
    """The steps that follow, as few as there can be; none if it has ended already, or too much can follow.

    A state from which somebody can never be idle again need not show why: they may still be on the way to the
    wait that will not end.
    """
    with stepping(world):
        end = end_of(world, initial, events)
        graph, came = _following(world, end, most_states)
    if graph is None:
        return []
    last = {node for each in nx.attracting_components(graph) for node in each}
    nearest = next(key for key in came if key in last)  # in the order in which they were found
    found: list[Event] = []
    while (before := came[nearest]) is not None:
        nearest, event = before
        found.append(event)
    return found[::-1]


def _following(world: World, end: Node, most: int) -> tuple[nx.DiGraph | None, Came]:
    """Every state from the end on, with how it was first come to; None for the graph if they are too many."""
    successors = Successors(world, False)
    graph = nx.DiGraph()
    came: Came = {key_of(end): None}
    waiting = [end]
    for node in waiting:
        key = key_of(node)
        graph.add_node(key)
        for edge in successors.of(node):
            if edge.result.fault is not None:
                continue
            reached = after(node, edge)
            other = key_of(reached)
            graph.add_edge(key, other)
            if other not in came:
                if len(came) >= most:
                    return None, came
                came[other] = (key, edge.event)
                waiting.append(reached)
    return graph, came
