"""The circle on which most is paid for each unit: what is paid in the long run, at worst.

The ratio is raised until no circle is above it: each circle that is found above gives the next ratio, so that
the last one is exact. (Lawler's algorithm, with labels that are corrected until nothing changes.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from checker.costs.graphs import components_of

Edge = tuple[int, int, int, int]  # from, to, what is paid, how many units
Follows = list[tuple[int, int, int] | None]  # by node: to, what is paid, how many units


@dataclass(frozen=True)
class Circle:
    """`ratio`: None if something is paid on it for no unit at all."""

    ratio: Fraction | None


def dearest_circle(count: int, edges: Iterable[Edge]) -> Circle | None:
    """None if no circle has a unit, nor anything paid."""
    everything = list(edges)
    if any(paid for _, _, paid, _ in _inside(count, [each for each in everything if each[3] == 0])):
        return Circle(None)
    inside = _inside(count, everything)
    if not any(units for _, _, _, units in inside):
        return None
    ratio = Fraction(0)
    while (better := _above(count, inside, ratio)) is not None:
        ratio = better
    return Circle(ratio)


def potentials(count: int, edges: Iterable[Edge], ratio: Fraction) -> list[int]:
    """By node, the most on a way from there on within the circles, where each edge counts by how far it is
    above the ratio, in parts of its denominator. No circle is above it.
    """
    sums, better = _relaxed(count, _inside(count, list(edges)), ratio)
    assert better is None
    return sums


def _inside(count: int, edges: Sequence[Edge]) -> list[Edge]:
    """What lies on some circle. In the order of components' targets, so that labels settle in few rounds."""
    number = components_of(count, ((node, to) for node, to, _, _ in edges))
    return sorted((each for each in edges if number[each[0]] == number[each[1]]), key=lambda each: each[1])


def _above(count: int, edges: Sequence[Edge], ratio: Fraction) -> Fraction | None:
    """The ratio of some circle that is above this one."""
    return _relaxed(count, edges, ratio)[1]


def _relaxed(count: int, edges: Sequence[Edge], ratio: Fraction) -> tuple[list[int], Fraction | None]:
    """The labels; final where there is no circle above the ratio."""
    costs, units = ratio.denominator, ratio.numerator
    weighted = [(node, to, paid * costs - done * units, paid, done) for node, to, paid, done in edges]
    sums = [0] * count
    follows: Follows = [None] * count
    while True:
        changed = False
        for node, to, weight, paid, done in weighted:
            if sums[to] + weight > sums[node]:
                sums[node] = sums[to] + weight
                follows[node] = to, paid, done
                changed = True
        if not changed:
            return sums, None
        found = _best_circle(follows)
        if found is not None:
            return sums, found


def _best_circle(follows: Follows) -> Fraction | None:
    """The dearest of the circles that one runs into by always going on as marked; all are above the ratio."""
    seen = [0] * len(follows)
    ratios = []
    for mark, start in enumerate(range(len(follows)), 1):
        node = start
        while not seen[node] and (step := follows[node]) is not None:
            seen[node] = mark
            node = step[0]
        if seen[node] == mark:
            ratios.append(_ratio_from(follows, node))
    return max(ratios, default=None)


def _ratio_from(follows: Follows, start: int) -> Fraction:
    """A circle without a unit costs nothing here, and so is above no ratio."""
    paid = units = 0
    node = start
    while (step := follows[node]) is not None:
        node, paid, units = step[0], paid + step[1], units + step[2]
        if node == start:
            break
    return Fraction(paid, units)
