"""Strongly connected components, and longest paths between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Successors = Callable[[int], Sequence[int]]
Edge = tuple[int, int, int]  # from, to, weight


def components(count: int, successors: Successors) -> list[int]:
    """By node, the number of its component. Edges lead to components of the same or a smaller number."""
    return _Tarjan(count, successors).component


def components_of(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """The same, of a graph that is a list of edges."""
    to: list[list[int]] = [[] for _ in range(count)]
    for node, other in edges:
        to[node].append(other)
    return components(count, to.__getitem__)


class _Tarjan:
    """Tarjan's algorithm without recursion: a component is numbered when all that it leads to are."""

    def __init__(self, count: int, successors: Successors) -> None:
        self.successors = successors
        self.component = [-1] * count
        self.low = [0] * count
        self.seen = [0] * count  # when a node was first come to, from 1 on
        self.stack: list[int] = []
        self.time = self.found = 0
        for node in range(count):
            if not self.seen[node]:
                self._from(node)

    def _from(self, root: int) -> None:
        path = [(root, self._enter(root), 0)]
        while path:
            node, following, at = path.pop()
            new = self._look(node, following, at)
            if new < len(following):
                path.append((node, following, new))  # looked at again when what it leads to is done
                path.append((following[new], self._enter(following[new]), 0))
            else:
                self._leave(node)

    def _enter(self, node: int) -> Sequence[int]:
        self.time += 1
        self.seen[node] = self.low[node] = self.time
        self.stack.append(node)
        return self.successors(node)

    def _look(self, node: int, following: Sequence[int], at: int) -> int:
        """To the first successor that was not come to yet, or to the end."""
        seen, low, component = self.seen, self.low, self.component
        for place in range(at, len(following)):
            to = following[place]
            if not seen[to]:
                return place
            if component[to] < 0 and low[to] < low[node]:
                low[node] = low[to]
        return len(following)

    def _leave(self, node: int) -> None:
        if self.low[node] != self.seen[node]:
            return
        while True:
            member = self.stack.pop()
            self.component[member] = self.found
            if member == node:
                break
        self.found += 1


def longest(count: int, edges: Iterable[Edge]) -> list[int | None]:
    """By node, the largest sum on a path from there on; None where it has no limit.

    Weights are not negative, so a sum is unlimited exactly where a path can go round a circle that has one.
    """
    leading: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for node, to, weight in edges:
        leading[node].append((to, weight))
    number = components(count, lambda node: [to for to, _ in leading[node]])
    members: list[list[int]] = [[] for _ in range(max(number, default=-1) + 1)]
    for node, which in enumerate(number):
        members[which].append(node)
    best: list[int | None] = []
    for which, nodes in enumerate(members):
        leaving = ((number[to], weight) for node in nodes for to, weight in leading[node])
        best.append(_best(best, which, leaving))
    return [best[which] for which in number]


def _best(best: list[int | None], which: int, leaving: Iterable[tuple[int, int]]) -> int | None:
    """Of a component: in one without a weight inside, every node has the same."""
    most = 0
    for to, weight in leaving:
        further = 0 if to == which else best[to]
        if further is None or (to == which and weight > 0):
            return None
        most = max(most, weight + further)
    return most
