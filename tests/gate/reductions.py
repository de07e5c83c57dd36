"""What a reduction must not change, worked out on the graph of all states that the python engine builds."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from typing import Any

from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.engines.predicates import Predicate
from checker.language.properties import INVARIANT, REACHABLE, STEP

Cost = tuple[int, int]  # operation steps, hardware steps


class Graph(reference.Search):
    """Every state and every step of a world; `hardware` names actions whose steps count for nothing."""

    def __init__(
        self, world: Any, properties: list[Any], project: Any, hardware: Collection[str], most: int
    ) -> None:
        limits = Limits(max_states=most, keep_going=True)
        super().__init__(world, properties, limits, project=project, keep_edges=True)
        self.hardware = hardware
        self.steps: list[tuple[int, int, str]] = []
        self.bad_states: dict[str, set[int]] = {}
        self.bad_steps: dict[str, set[tuple[int, bool]]] = {}

    def _arrive(self, number: int, node: Any, edge: Any) -> int:
        successor = super()._arrive(number, node, edge)
        self.steps.append((number, successor, edge.event.name))
        return successor

    def _check_step(self, number: int, node: Any, edge: Any) -> None:
        super()._check_step(number, node, edge)
        for each in self._of_kind(STEP):
            before, after = self.stepper.look_twice(node.snapshot, edge.result.snapshot)
            if not each(before, after):
                self._note_step(each.name, number, edge)

    def _fault(self, number: int, edge: Any, fault: Any) -> None:
        super()._fault(number, edge, fault)
        self._note_step(fault.property, number, edge)

    def _note_step(self, name: str, number: int, edge: Any) -> None:
        self.bad_steps.setdefault(name, set()).add((number, edge.event.name in self.hardware))

    def _check_state(self, number: int, node: Any) -> None:
        super()._check_state(number, node)
        view = self.stepper.look(node.snapshot, node.inside)
        for each in self._of_kind(INVARIANT, REACHABLE):
            if each(view) is (each.kind == REACHABLE):
                self.bad_states.setdefault(each.name, set()).add(number)

    def _of_kind(self, *kinds: str) -> list[Predicate]:
        return [each for each in self.predicates if each.kind in kinds]

    def distances(self) -> dict[int, Cost]:
        """The fewest operation steps to each state, and then the fewest of hardware."""
        after: dict[int, list[tuple[int, bool]]] = {}
        for number, successor, name in self.steps:
            after.setdefault(number, []).append((successor, name in self.hardware))
        known: dict[int, Cost] = {}
        waiting = [((0, 0), n) for n, node in enumerate(self.nodes) if node.parent is None]
        while waiting:
            cost, number = heapq.heappop(waiting)
            if number in known:
                continue
            known[number] = cost
            for successor, free in after.get(number, []):
                heapq.heappush(waiting, (_more(cost, free), successor))
        return known

    def shortest(self) -> dict[str, Cost]:
        """Of everything that is found in a state or in a step: the steps of the shortest trace."""
        costs = self.distances()
        found = {name: min(costs[n] for n in numbers) for name, numbers in self.bad_states.items()}
        for name, steps in self.bad_steps.items():
            found[name] = min(_more(costs[n], free) for n, free in steps)
        return found


def _more(cost: Cost, hardware: bool) -> Cost:
    return cost[0] + (not hardware), cost[1] + hardware
