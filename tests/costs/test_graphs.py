"""Components, longest paths and dearest circles of small random graphs, against what enumeration finds."""

from __future__ import annotations

from fractions import Fraction

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.costs.graphs import components_of, longest
from checker.costs.ratio import Circle, dearest_circle

NODES = 5
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 3), st.integers(0, 2)),
    max_size=9,
)


def circles(edges: list[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    """What each simple circle costs, and its units; of parallel edges every combination."""
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from(range(NODES))
    best = []
    for node, to, paid, units in edges:
        graph.add_edge(node, to, paid=paid, units=units)
    for circle in networkx.simple_cycles(networkx.DiGraph(graph)):
        sums = {(0, 0)}
        for node, to in zip(circle, [*circle[1:], circle[0]], strict=True):
            choices = {(each["paid"], each["units"]) for each in graph.get_edge_data(node, to).values()}
            sums = {(paid + more, units + done) for paid, units in sums for more, done in choices}
        best += sums
    return best


@given(EDGES)
def test_the_dearest_circle(edges: list[tuple[int, int, int, int]]) -> None:
    found = [(paid, units) for paid, units in circles(edges) if paid or units]
    expected: Circle | None = None
    if any(units == 0 for _, units in found):
        expected = Circle(None)
    elif found:
        expected = Circle(max(Fraction(paid, units) for paid, units in found))
    assert dearest_circle(NODES, edges) == expected


@given(EDGES)
def test_the_longest_paths(edges: list[tuple[int, int, int, int]]) -> None:
    """By going on for as many steps as there are nodes, and twice that: what still grows has no limit."""
    weighted = [(node, to, paid) for node, to, paid, _ in edges]

    def after(steps: int) -> list[int]:
        sums = [0] * NODES
        for _ in range(steps):
            sums = [
                max([sums[node], *(paid + sums[to] for at, to, paid in weighted if at == node)])
                for node in range(NODES)
            ]
        return sums

    expected = [a if a == b else None for a, b in zip(after(NODES), after(3 * NODES), strict=True)]
    assert longest(NODES, weighted) == expected


@given(EDGES)
def test_components(edges: list[tuple[int, int, int, int]]) -> None:
    pairs = [(node, to) for node, to, _, _ in edges]
    number = components_of(NODES, pairs)
    graph = networkx.DiGraph(pairs)
    graph.add_nodes_from(range(NODES))
    assert {frozenset(n for n in range(NODES) if number[n] == which) for which in set(number)} == {
        frozenset(each) for each in networkx.strongly_connected_components(graph)
    }
    assert all(number[node] >= number[to] for node, to in pairs)


@pytest.mark.parametrize("length", [1, 2, 400])
def test_a_long_circle(length: int) -> None:
    """Most circles of a model are long, with few steps that cost."""
    edges = [(node, (node + 1) % length, 0, 0) for node in range(length - 1)]
    edges += [(length - 1, 0, 2, 3), (length - 1, 0, 1, 4)]
    assert dearest_circle(length, edges) == Circle(Fraction(2, 3))
