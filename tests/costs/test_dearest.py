"""The dearest schedule of a graph is a way through it, and costs what is said to be the most."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from checker.costs.dearest import dearest
from checker.costs.worst import worst_of
from checker.engines.cost_graph import CostGraph, GraphBuilder, Label

NODES = 6
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 3), st.integers(0, 2)),
    max_size=14,
)


def graph_of(edges: list[tuple[int, int, int, int]]) -> CostGraph:
    built = GraphBuilder()
    for node in range(NODES):
        for origin, to, paid, done in edges:
            if origin == node:
                built.add(to, Label(None, "step", False, False, (paid, done)))
        built.end_state()
    return built.graph(NODES, ())  # a search reaches every state that it has: here all are initial


def sums(graph: CostGraph, states: tuple[int, ...]) -> list[set[tuple[int, int]]]:
    """What each step of a way may pay and do; empty where there is no such step."""
    return [
        {
            graph.labels[graph.label[at]].paid
            for at in range(graph.first[node], graph.first[node + 1])
            if graph.to[at] == to
        }
        for node, to in itertools.pairwise(states)
    ]


@given(EDGES)
def test_it_costs_what_is_said(edges: list[tuple[int, int, int, int]]) -> None:
    edges = list({(a, b): (a, b, paid, done) for a, b, paid, done in edges}.values())  # one from a to b
    graph = graph_of(edges)
    worst = worst_of(graph, [[1], []])[0]
    found = dearest(graph, worst, 0, [1])
    if found is None:
        assert worst.run == 0
        return
    steps = [paid for each in sums(graph, found.states) for paid in each]
    assert len(steps) == len(found.states) - 1  # each is a step of the graph
    if found.again is None:
        assert sum(paid for paid, _ in steps) == worst.run
        return
    assert worst.run is None and found.states[found.again] == found.states[-1]
    turn = steps[found.again :]
    paid, done = (sum(each) for each in zip(*turn, strict=True))
    circle = worst.per[1]
    assert circle is not None and paid > 0 and found.unit == 1
    assert (done == 0) if circle.ratio is None else (Fraction(paid, done) == circle.ratio)
