"""Every design that is asked for, in every scenario: searched to the end, and walked through at random."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.building import compiled_for
from checker.costs.schedule import Priced, schedule_of
from checker.costs.worst import Worst, worst_of
from checker.engines.cost_graph import Collected, Walked
from checker.language.cost import Comparison, Cost
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.patches import default_preset
from checker.language.world import World
from checker.names import find, setting, typed
from checker.request import Request, scenarios_of, world_of
from checker.traces.trace import Trace


@dataclass(frozen=True)
class Asked:
    """A table: some designs, by the name that each has here, in some scenarios. `beside`: from elsewhere."""

    text: str
    designs: dict[str, Request]
    beside: dict[str, str]
    source: str
    costs: tuple[Cost, ...]


@dataclass(frozen=True)
class Paid:
    """One scenario of one design. `worst`: of each cost; none of them where a limit ended the search.
    `trace`: a dearest schedule, if one was asked for and anything is paid.
    """

    design: str
    scenario: str
    states: int
    transitions: int
    ended: str
    cut: tuple[str, ...]
    worst: tuple[Worst, ...]
    walked: Walked | None
    trace: Trace | None = None


@dataclass(frozen=True)
class Table:
    """`paid`: by scenario, one for each design."""

    asked: Asked
    paid: dict[str, list[Paid]]


def asked_of(request: Request, model: Model, names: Sequence[str], designs: Sequence[str]) -> list[Asked]:
    """The designs that are named; or else what the model compares."""
    if not model.costs:
        raise CheckerError("this model says of no step what it costs", advice="declare a function with @cost")
    known = {typed(each.name): each for each in model.costs.values()}
    costs = tuple(dict.fromkeys(find("cost", name, known) for name in names)) or tuple(known.values())
    if model.comparisons and not designs and not request.scenarios and not request.settings:
        return [_compared(request, model, each, costs) for each in model.comparisons]
    chosen = designs or [default_preset(model.design) or ""]
    by_name = {name: dataclasses.replace(request, design=name or None) for name in chosen}
    return [Asked("", by_name, {}, "", costs)]


def _compared(request: Request, model: Model, comparison: Comparison, costs: tuple[Cost, ...]) -> Asked:
    comparison.check(model)
    designs = {}
    for name, values in comparison.alternatives.items():
        settings = tuple(f"{switch}={setting(value)}" for switch, value in values.items())
        designs[name] = dataclasses.replace(
            request, design=comparison.design, settings=settings, scenarios=comparison.scenarios
        )
    kept = tuple(each for each in costs if not comparison.costs or each in comparison.costs)
    return Asked(comparison.text, designs, comparison.beside, comparison.source, kept)


def with_units(costs: Sequence[Cost]) -> tuple[Cost, ...]:
    """And what they are divided by."""
    return tuple(dict.fromkeys([*costs, *(unit for each in costs for unit in each.per)]))


def paid_by(asked: Asked, model: Model, steps: int, seed: int, traced: Cost | None = None) -> Iterator[Paid]:
    """`traced`: one of the costs, of which a dearest schedule is wanted."""
    for name, request in asked.designs.items():
        for scenario in scenarios_of(request, model):
            yield _paid(name, world_of(request, model, scenario), request, asked.costs, steps, seed, traced)


def _paid(
    name: str,
    world: World,
    request: Request,
    wanted: Sequence[Cost],
    steps: int,
    seed: int,
    traced: Cost | None,
) -> Paid:
    costs = with_units(wanted)
    collected, walked = _searched(world, costs, request, steps, seed, traced is not None)
    graph = collected.graph
    units = [[costs.index(unit) for unit in each.per] for each in costs]
    worst = tuple(worst_of(graph, units)) if graph is not None else ()
    trace = None
    if traced in costs and worst:
        priced = Priced(costs, costs.index(traced), units[costs.index(traced)])
        context = {
            "design": name,
            "scenario": f"{world.scenario.name}: {world.scenario.description}".rstrip(": "),
            "bounds": ", ".join(f"{bound}={value}" for bound, value in world.bounds.items()),
            "command": _command(request, world, traced),
        }
        trace = schedule_of(world, priced, collected, worst[priced.number], context)
    return Paid(
        name,
        world.scenario.name,
        collected.states,
        collected.transitions,
        collected.ended,
        tuple(graph.cut) if graph is not None else (),
        worst,
        walked,
        trace,
    )


def _command(request: Request, world: World, traced: Cost) -> str:
    words = ["check", "cost", "--trace", typed(traced.name), *request.options()]
    return shlex.join([*words, "--scenario", world.scenario.name])


def _searched(
    world: World, costs: Sequence[Cost], request: Request, steps: int, seed: int, traced: bool
) -> tuple[Collected, Walked | None]:
    if request.engine == "python":
        from checker.engines import python_costs

        return python_costs.collect(world, costs, request.limits), None
    from checker.engines import costs as native_costs

    program = compiled_for(world, costs)
    collected = native_costs.collect(program, request.limits, traced)
    return collected, native_costs.walk(program, steps, seed, request.limits.threads)
