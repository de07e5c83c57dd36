"""`check graph --scenario NAME --by "k.zone_lock" --svg FILE`: the reachable states as a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from checker.expression import Projection
from checker.finding import design_name
from checker.graph.files import check_dot, check_size, graphml, svg
from checker.graph.grouping import Drawing, components, drawing_of
from checker.graph.states import states_of
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.options import load_option, merged, model_options, request_of
from checker.request import scenarios_of, world_of
from checker.saving import check_files, save
from checker.screen import Screen
from checker.traces.columns import WIDTH
from checker.traces.wrapping import wrapped

MOST_STATES = 20_000
HELP = f"""The reachable states of a small scenario as a graph.

Every state is a node, or with --by every value of an expression over the state k. Strongly connected
components are marked: what is inside one can be gone through again and again. Nothing is sliced or reduced.
The search ends with an error after {MOST_STATES:,} states, or --max-states.
"""


def graph_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(**given: Any) -> int:
        assert model is not None
        outer = click.get_current_context().parent
        given = merged(outer.params if outer is not None else {}, given)
        files = {name: given[name] for name in ("graphml", "svg") if given[name] is not None}
        check_files(files)
        if "svg" in files:
            check_dot()
        screen.lines(_drawn(model, screen, given, files))
        return 0

    return click.Command("graph", callback=run, params=_options(bounds), help=HELP)


def _options(bounds: Mapping[str, int]) -> list[click.Parameter]:
    file = click.Path(path_type=Path)
    return [
        click.Option(
            ["--by"], multiple=True, metavar="EXPR", help='Group the states by this, such as "k.zone_lock".'
        ),
        click.Option(["--graphml"], metavar="FILE", type=file, help="The graph for other tools."),
        click.Option(["--svg"], metavar="FILE", type=file, help="A picture of it; needs graphviz."),
        click.Option(["--scenario", "scenarios"], multiple=True, metavar="NAME", help="Which scenario."),
        click.Option(["--max-states"], type=click.IntRange(min=1), help="Not more than this many states."),
        *model_options(bounds),
        load_option(),
        click.Option(["--no-color"], is_flag=True, help="Plain text."),
    ]


def _drawn(
    model: Model, screen: Screen, given: Mapping[str, Any], files: Mapping[str, Path]
) -> Iterator[str]:
    request = request_of(given)
    scenarios = scenarios_of(request, model)
    if len(scenarios) != 1:
        names = ", ".join(each.name for each in scenarios[:6])
        raise CheckerError(
            f"a graph is of one scenario, and there are {len(scenarios)}",
            advice=f"give one with --scenario: {names}{', ...' if len(scenarios) > 6 else ''}",
        )
    by = [Projection(text, model) for text in given["by"]]
    world = world_of(request, model, scenarios[0])
    limits = dataclasses.replace(request.limits, max_states=request.limits.max_states or MOST_STATES)
    progress = screen.progress()
    if progress is not None:
        progress.start(world.scenario.name)
    try:
        states = states_of(world, limits, progress)
    finally:
        if progress is not None:
            progress.stop()
    drawing = drawing_of(states, by)
    for line in _told(drawing, design_name(request, model)):
        yield from wrapped(line, WIDTH, further="    ")
    if "graphml" in files:
        save(files["graphml"], graphml(drawing), screen)
    if "svg" in files:
        check_size(drawing)
        save(files["svg"], svg(drawing), screen)


def _told(drawing: Drawing, design: str) -> Iterator[str]:
    states = drawing.states
    of = f", {design}" if design else ""
    yield f"{states.world.scenario.name}{of}: {_size('state', states.graph)}"
    for text in drawing.by:
        yield f"  by {text}"
    if drawing.by:
        yield f"  {_size('node', drawing.graph)}"
    yield f"strongly connected components of the states: {_counted(components(states.graph))}"
    if drawing.by:
        yield f"strongly connected components of the nodes: {_counted(drawing.components)}"
    for name in states.failing:
        yield f"a path ends here: {name}"


def _size(name: str, graph: Any) -> str:
    counts = (len(graph), name), (graph.number_of_edges(), "edge")
    return ", ".join(f"{count:,} {what}{'s' * (count != 1)}" for count, what in counts)


def _counted(found: Any) -> str:
    largest, final = max(len(each.nodes) for each in found), sum(each.final for each in found)
    return f"{len(found):,}, the largest has {largest:,}; {final:,} cannot be left"
