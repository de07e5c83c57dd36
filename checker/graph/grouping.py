"""What is drawn: every state as a node, or those together that an expression cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx

from checker.engines.aftermath import stepping
from checker.expression import Projection
from checker.graph.states import Graph, States, fields_of
from checker.language.context import current
from checker.traces.values import shown

MOST_IN_LABEL = 6  # fields; with more, a node shows its number only


@dataclass(frozen=True)
class Component:
    """A strongly connected one: from each node every other can be reached. `final`: and no others."""

    number: int
    nodes: tuple[int, ...]
    final: bool


@dataclass(frozen=True)
class Drawing:
    """Nodes have `label`, `initial`, `depth`, `states`, `component`, `final` and what tells them apart."""

    states: States
    by: tuple[str, ...]
    graph: Graph
    components: tuple[Component, ...]


def drawing_of(states: States, by: Sequence[Projection]) -> Drawing:
    made = _grouped(states, by) if by else _ungrouped(states)
    found = components(made)
    for each in found:
        for node in each.nodes:
            made.nodes[node].update(component=each.number, final=each.final)
    return Drawing(states, tuple(each.text for each in by), made, found)


def components(graph: Graph) -> tuple[Component, ...]:
    """In the order of their first nodes."""
    sets = sorted(
        (sorted(each) for each in nx.strongly_connected_components(graph)), key=lambda each: each[0]
    )
    home = {node: number for number, each in enumerate(sets) for node in each}
    left = {home[start] for start, end in graph.edges if home[start] != home[end]}
    return tuple(Component(number, tuple(each), number not in left) for number, each in enumerate(sets))


def _ungrouped(states: States) -> Graph:
    made = states.graph.copy()
    for number, fields in enumerate(fields_of(states)):
        node = states.nodes[number]
        lines = [f"{name}={value}" for name, value in fields.items()]
        shown_lines = lines if len(lines) <= MOST_IN_LABEL else []
        made.nodes[number].update(
            label="\n".join([str(number), *shown_lines]),
            initial=node.parent is None,
            depth=node.level,
            states=1,
            **fields,
        )
    return made


def _grouped(states: States, by: Sequence[Projection]) -> Graph:
    values = _values(states, by)
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    made = nx.DiGraph()
    for node, value in zip(states.nodes, values, strict=True):
        number = numbers[value]
        if number not in made:
            named = {each.text: text for each, text in zip(by, value, strict=True)}
            made.add_node(number, initial=False, depth=node.level, states=0, **named)
        made.nodes[number]["states"] += 1
        made.nodes[number]["initial"] |= node.parent is None
    for about in made.nodes.values():
        lines = [f"{each.text} = {about[each.text]}" for each in by]
        about["label"] = "\n".join([*lines, f"{about['states']:,} state{'s' * (about['states'] != 1)}"])
    for start, end, about in states.graph.edges(data=True):
        one, other = numbers[values[start]], numbers[values[end]]
        steps = made.edges[one, other]["steps"] if made.has_edge(one, other) else []
        made.add_edge(one, other, steps=list(dict.fromkeys([*steps, *about["steps"]])))
    return made


def _values(states: States, by: Sequence[Projection]) -> list[tuple[str, ...]]:
    world, found = states.world, []
    members = [actor.member for actor in world.actors]
    with stepping(world):
        for node in states.nodes:
            inside = dict(zip(members, node.inside, strict=True))
            current.operation_of = inside.get  # type: ignore[assignment]
            view = world.view(node.snapshot)
            found.append(tuple(shown(each(view)) for each in by))
    return found
