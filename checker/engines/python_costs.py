"""What steps cost, by the python engine: the same graph as that of the native one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.engines import python
from checker.engines.aftermath import key_of
from checker.engines.cost_graph import Collected, GraphBuilder, Label
from checker.engines.outcome import Limits
from checker.engines.successors import Edge, Node
from checker.language.cost import Cost
from checker.language.errors import ModelError, TypeRefused, located
from checker.language.world import World


def collect(world: World, costs: Sequence[Cost], limits: Limits) -> Collected:
    """Search everything, and keep every transition."""
    search = _Search(world, costs, limits)
    outcome = search.run()
    if not outcome.complete:
        return Collected(outcome.states, outcome.transitions, None, outcome.ended or "")
    initial = sum(node.parent is None for node in search.nodes)
    graph = search.built.graph(initial, list(outcome.violations))
    nodes = search.nodes
    return Collected(
        outcome.states, outcome.transitions, graph, "", lambda state: key_of(nodes[state]), key_of
    )


class _Search(python.Search):
    """States are expanded in the order of their numbers, so the graph is built as it is searched."""

    def __init__(self, world: World, costs: Sequence[Cost], limits: Limits) -> None:
        super().__init__(world, (), limits)
        self.costs = costs
        self.built = GraphBuilder()

    def _expand(self, number: int) -> None:
        super()._expand(number)
        self.built.end_state()

    def _arrive(self, number: int, node: Node, edge: Edge) -> int:
        to = super()._arrive(number, node, edge)
        before, after = self.stepper.look_twice(node.snapshot, edge.result.snapshot)
        paid = tuple(_paid(each, before, after) for each in self.costs)
        is_action = edge.actor is None
        member = None if edge.actor is None else self.world.actors[edge.actor].member
        ends = not is_action and edge.result.position is None
        self.built.add(to, Label(member, edge.event.name, edge.event.kind == "start", ends, paid))
        return to


def _paid(cost: Cost, before: Any, after: Any) -> int:
    try:
        paid = cost(before, after)
    except ModelError as problem:
        raise located(problem) from None
    if type(paid) is not int or paid < 0:
        raise TypeRefused(f"{cost.name} returned {paid!r}, not a number from 0 on").at_function(cost.function)
    return paid
