"""The worst of all schedules: of one run of an operation, of a whole run, and in the long run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.costs.graphs import components, longest
from checker.costs.ratio import Circle, dearest_circle
from checker.engines.cost_graph import CostGraph, Label
from checker.language.index import Index


@dataclass(frozen=True)
class Worst:
    """Of one cost. `operations`: by name, the most that one run of it costs, from its first step to its last,
    its own steps only. `run`: the most that everything costs from the beginning on. None: there is no limit.
    `per`: for each unit, the most that is paid for it on a circle; or in a whole run, if all ends. None: no
    circle has anything, and some whole run no unit.
    """

    operations: dict[str, int | None]
    run: int | None
    per: dict[int, Circle | None]


def worst_of(graph: CostGraph, units: Sequence[Sequence[int]]) -> list[Worst]:
    """For each cost; `units`: the numbers of the costs that it is divided by."""
    whole = Contracted(graph, [label.paid for label in graph.labels])
    found = []
    by_operation = _by_operation(graph, len(units))
    for number, divided_by in enumerate(units):
        most = longest(whole.count, ((a, b, paid[number]) for a, b, paid in whole.edges))
        begin = {whole.number[state] for state in range(graph.initial)}
        circles = {unit: _per(whole, number, unit, begin) for unit in divided_by}
        found.append(Worst(by_operation[number], _most([most[node] for node in begin]), circles))
    return found


def _per(whole: Contracted, number: int, unit: int, begin: set[int]) -> Circle | None:
    """A run that ends is made a circle: from where nothing is paid or done any more to its beginning."""
    edges = [(a, b, paid[number], paid[unit]) for a, b, paid in whole.edges]
    found = dearest_circle(whole.count, edges)
    if found is not None:
        return found
    left = longest(whole.count, ((a, b, paid + done) for a, b, paid, done in edges))
    edges += [(node, whole.count, 0, 0) for node, more in enumerate(left) if more == 0]
    edges += [(whole.count, node, 0, 0) for node in begin]
    closed = dearest_circle(whole.count + 1, edges)
    return closed if closed is not None and closed.ratio is not None else None


def _most(sums: Sequence[int | None]) -> int | None:
    return None if None in sums else max((each for each in sums if each is not None), default=0)


def _by_operation(graph: CostGraph, costs: int) -> list[dict[str, int | None]]:
    """For each cost, the most over all actors."""
    sums: list[dict[str, list[int | None]]] = [{} for _ in range(costs)]
    for actor in dict.fromkeys(label.actor for label in graph.labels if label.actor is not None):
        for number, operation, most in _of_actor(graph, actor, costs):
            sums[number].setdefault(operation, []).append(most)
    return [{operation: _most(each) for operation, each in found.items()} for found in sums]


def _of_actor(graph: CostGraph, actor: Index, costs: int) -> Iterator[tuple[int, str, int | None]]:
    """What others do is free. Starts are left out of the graph and an end leads nowhere, so that a path is
    within one run of an operation.
    """
    nothing = (0,) * costs
    own = [label.actor == actor for label in graph.labels]
    weights = [label.paid if mine else nothing for label, mine in zip(graph.labels, own, strict=True)]
    apart = [mine and (label.starts or label.ends) for label, mine in zip(graph.labels, own, strict=True)]
    inside = Contracted(graph, weights, apart)
    ends = set(_ends_of(graph, apart, inside))
    starts = set(_starts_of(graph, apart, inside))
    for number in range(costs):
        edges = [(a, b, paid[number]) for a, b, paid in inside.edges]
        edges += [(a, inside.count, label.paid[number]) for a, label in ends]
        most = longest(inside.count + 1, edges)
        for node, label in starts:
            rest = most[node] if node is not None else 0
            yield number, label.operation, None if rest is None else label.paid[number] + rest


def _ends_of(graph: CostGraph, apart: Sequence[bool], inside: Contracted) -> Iterator[tuple[int, Label]]:
    for state, _, which in _edges(graph):
        if apart[which] and not graph.labels[which].starts:
            yield inside.number[state], graph.labels[which]


def _starts_of(
    graph: CostGraph, apart: Sequence[bool], inside: Contracted
) -> Iterator[tuple[int | None, Label]]:
    """Where a run of an operation is after its first step; None if that was all."""
    for _, to, which in _edges(graph):
        label = graph.labels[which]
        if apart[which] and label.starts:
            yield None if label.ends else inside.number[to], label


def _edges(graph: CostGraph) -> Iterator[tuple[int, int, int]]:
    first, to, label = graph.first, graph.to, graph.label
    for state in range(graph.states):
        for at in range(first[state], first[state + 1]):
            yield state, to[at], label[at]


class Contracted:
    """States that lead to one another for nothing are one node; of equal edges one is kept."""

    def __init__(
        self, graph: CostGraph, weights: Sequence[tuple[int, ...]], apart: Sequence[bool] | None = None
    ) -> None:
        """`apart`: labels of transitions that are left out."""
        left_out = apart or [False] * len(weights)
        free = [not any(weight) and not out for weight, out in zip(weights, left_out, strict=True)]
        first, to, label = graph.first, graph.to, graph.label

        def successors(state: int) -> list[int]:
            return [to[at] for at in range(first[state], first[state + 1]) if free[label[at]]]

        self.number = components(graph.states, successors)
        self.count = max(self.number, default=-1) + 1
        number = self.number
        self.edges = {
            (number[state], number[other], weights[which])
            for state, other, which in _edges(graph)
            if not left_out[which] and not (free[which] and number[state] == number[other])
        }
