"""The schedule that costs most, as numbers of states: a whole run, or a way to a circle and once round it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from checker.costs.graphs import components_of, longest
from checker.costs.ratio import potentials
from checker.costs.worst import Contracted, Worst
from checker.engines.cost_graph import CostGraph

Step = tuple[int, int, int, int]  # from, to, what is paid, how many units


@dataclass(frozen=True)
class Schedule:
    """`states`: the numbers of the states that it leads through. `again`: the number of steps after which it
    goes round and round; None where it ends. `unit`: the number of the cost that is divided by; None: in all.
    """

    states: tuple[int, ...]
    again: int | None
    unit: int | None


def dearest(graph: CostGraph, worst: Worst, number: int, units: Sequence[int]) -> Schedule | None:
    """Of a cost, the most in all, if there is a limit; else the most for the first unit that has one, or
    without any. None: nothing is ever paid.
    """
    if worst.run is not None:
        return Schedule(_whole(graph, number), None, None) if worst.run else None
    for unit in units:
        circle = worst.per[unit]
        if circle is not None and circle.ratio != 0:
            return _circle(graph, number, unit, circle.ratio)
    return _circle(graph, number, None, None)


def _steps(graph: CostGraph, number: int, unit: int | None) -> list[Step]:
    first, to, label = graph.first, graph.to, graph.label
    paid = [(each.paid[number], 0 if unit is None else each.paid[unit]) for each in graph.labels]
    return [
        (state, to[at], *paid[label[at]])
        for state in range(graph.states)
        for at in range(first[state], first[state + 1])
    ]


def _whole(graph: CostGraph, number: int) -> tuple[int, ...]:
    """Always on to where the most is still to be paid."""
    steps = _steps(graph, number, None)
    left = [most or 0 for most in longest(graph.states, ((a, b, paid) for a, b, paid, _ in steps))]
    leading = _by_origin(graph.states, steps)
    path = [max(range(graph.initial), key=left.__getitem__)]
    while left[path[-1]]:

        def pays(step: Step) -> bool:
            return step[2] > 0 and step[2] + left[step[1]] == left[step[0]]

        def is_free(step: Step) -> bool:
            return step[2] == 0 and left[step[1]] == left[step[0]]

        path += _way(leading, path[-1:], is_free, pays)[1:]
    return tuple(path)


def _circle(graph: CostGraph, number: int, unit: int | None, ratio: Fraction | None) -> Schedule:
    """`ratio` None: a circle on which something is paid, for nothing at all."""
    steps = _steps(graph, number, unit)
    if ratio is None:
        on_circle = [each for each in steps if each[3] == 0]
    else:
        whole = Contracted(graph, [label.paid for label in graph.labels])
        assert unit is not None
        edges = [(a, b, paid[number], paid[unit]) for a, b, paid in whole.edges]
        sums = potentials(whole.count, edges, ratio)
        most = [sums[node] for node in whole.number]
        on_circle = [each for each in steps if _is_tight(each, most, ratio)]
    component = components_of(graph.states, ((a, b) for a, b, _, _ in on_circle))
    inside = [each for each in on_circle if component[each[0]] == component[each[1]]]
    turns = {(a, b) for a, b, paid, done in inside if (done if ratio is not None else paid)}
    leading = _by_origin(graph.states, steps)
    begin = _way(leading, range(graph.initial), lambda step: True, lambda step: step[:2] in turns)
    back = _by_origin(graph.states, inside)
    if begin[-1] == begin[-2]:
        return Schedule(tuple(begin), len(begin) - 2, unit)
    rest = _way(back, begin[-1:], lambda step: True, lambda step: step[1] == begin[-2])
    return Schedule((*begin, *rest[1:]), len(begin) - 2, unit)


def _is_tight(step: Step, sums: Sequence[int], ratio: Fraction) -> bool:
    """Is it part of a way on which most is paid, measured by the ratio? Circles of such steps have it."""
    node, to, paid, done = step
    return sums[to] + paid * ratio.denominator - done * ratio.numerator == sums[node]


def _by_origin(count: int, steps: Iterable[Step]) -> list[list[Step]]:
    leading: list[list[Step]] = [[] for _ in range(count)]
    for step in steps:
        leading[step[0]].append(step)
    return leading


def _way(
    leading: Sequence[Sequence[Step]],
    begin: Iterable[int],
    allowed: Callable[[Step], bool],
    wanted: Callable[[Step], bool],
) -> list[int]:
    """A shortest way by allowed steps to a wanted one, which is its last."""
    before: dict[int, int | None] = dict.fromkeys(begin)
    waiting = deque(before)
    while waiting:
        node = waiting.popleft()
        for step in leading[node]:
            if wanted(step):
                return [*_back(before, node), step[1]]
        for step in leading[node]:
            if step[1] not in before and allowed(step):
                before[step[1]] = node
                waiting.append(step[1])
    raise AssertionError("the graph has a dearest schedule, and no way leads along it")


def _back(before: dict[int, int | None], node: int) -> list[int]:
    path = [node]
    while (earlier := before[path[-1]]) is not None:
        path.append(earlier)
    return path[::-1]
