"""`check estimate`: how many states there will be, before anybody waits for them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from checker.ahead import Ahead
from checker.building import asked
from checker.commands.table_options import given_here
from checker.engines.estimating import Estimate
from checker.engines.outcome import INTERRUPTED, STATES, TIME, Limits
from checker.finding import design_name
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.options import request_of, search_options
from checker.report import item
from checker.request import Request, Wanted, only_for, scenarios_of, wanted_properties, world_of
from checker.screen import Screen, shown_bytes, shown_count, shown_time

HELP = """How many states each scenario will have, from a search of ten seconds for all of them together.

Exit code: 0 each is known or estimated, 3 there is nothing to go by, 2 the request or the model is wrong.
"""
SECONDS = 10.0


@dataclass(frozen=True)
class Size:
    """What is known of a scenario. `estimate`: None if there is nothing to go by, or all are known."""

    scenario: str
    states: int
    depth: int
    seconds: float
    bytes_per_state: float
    complete: bool
    ended: str | None
    estimate: Estimate | None

    @property
    def rate(self) -> float:
        return self.states / self.seconds if self.seconds > 0 else 0.0


def estimate_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(**given: Any) -> int:
        assert model is not None
        options = given_here(given)
        request = request_of(options)
        if request.engine != "native":
            raise CheckerError(f"estimate is for the native engine, not for --engine {request.engine}")
        request = dataclasses.replace(request, all=request.all or not request.properties)
        sizes = []
        for size in sizes_of(request, model):
            sizes.append(size)
            if not options["as_json"]:
                screen.lines(lines_of(size))
        code = 0 if all(size.complete or size.estimate is not None for size in sizes) else 3
        if options["as_json"]:
            data = {"version": 1, "exit_code": code, "design": design_name(request, model) or None}
            screen.line(json.dumps({**data, "scenarios": [as_data(size) for size in sizes]}, indent=2))
        return code

    params = [
        click.Option(["--property", "properties"], multiple=True, metavar="NAME", help="For this property."),
        click.Option(["--all", "everything"], is_flag=True, help="Every property, in every scenario."),
        *(
            option
            for option in search_options(bounds)
            if option.name not in ("max_depth", "max_states", "each_cause")
        ),
    ]
    return click.Command("estimate", callback=run, params=params, help=HELP)


def sizes_of(request: Request, model: Model) -> Iterator[Size]:
    """Each scenario gets an equal share of the time that is left. Compiling is not counted."""
    wanted = wanted_properties(request, model)
    worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
    asked_here = [(world, here) for world in worlds if (here := only_for(wanted, world.scenario))]
    left, ahead = request.limits.seconds or SECONDS, Ahead(reduced=request.reduced)
    for number, (world, here) in enumerate(asked_here):
        for each in asked_here[number : number + 2]:
            ahead.start(*each)
        share = max(left / (len(asked_here) - number), 0.01)
        limits = dataclasses.replace(request.limits, seconds=share, keep_going=True)
        size = size_of(ahead.take(world, here), world.scenario.name, here, limits)
        left -= size.seconds
        yield size
        if size.ended == INTERRUPTED:
            return


def size_of(program: Any, scenario: str, wanted: list[Wanted], limits: Limits) -> Size:
    """What is small is found by a program that was compiled in a hurry."""
    from checker.engines import native

    for here, quick in native.attempts(program, limits):
        size = _searched(program, scenario, wanted, here, quick)
        if size.ended not in (STATES, TIME):
            break
    return size


def _searched(program: Any, scenario: str, wanted: list[Wanted], limits: Limits, quick: bool) -> Size:
    from checker.engines import native

    with native.Run(program, asked(wanted), limits, quick=quick) as run:
        run.estimate_at_end()
        run.go(None)
        outcome = run.outcome()
        known = outcome.complete or outcome.ended is None
        return Size(
            scenario,
            outcome.states,
            outcome.depth,
            outcome.seconds,
            outcome.bytes_per_state,
            outcome.complete,
            outcome.ended,
            None if known else run.estimate(),
        )


def lines_of(size: Size) -> Iterator[str]:
    if size.complete:
        yield from item(
            size.scenario, f"{size.states:,} states, all there are; depth {size.depth}, {size.seconds:.2f} s"
        )
        return
    known = f"{size.states:,} states up to depth {size.depth} after {size.seconds:.1f} s ({size.ended})"
    if size.estimate is None:
        yield from item(size.scenario, f"{known}: that says nothing yet")
        return
    low, middle, high = size.estimate.low, size.estimate.middle, size.estimate.high
    soonest, latest = (shown_time(count / size.rate) for count in (low, high))
    least, most = (shown_bytes(count * size.bytes_per_state) for count in (low, high))
    yield from item(
        size.scenario,
        f"{shown_count(low)} to {shown_count(high)} states, perhaps {shown_count(middle)}; "
        f"{soonest} to {latest} in all at {size.rate:,.0f} states/s, {least} to {most} of memory. "
        f"Known: {known}",
    )


def as_data(size: Size) -> dict[str, Any]:
    """{"scenario", "states": known, "depth", "seconds", "rate", "bytes_per_state", "complete": bool, "ended",
    "estimate": null | {"low", "middle", "high"}}"""
    data = dataclasses.asdict(size)
    data["rate"] = size.rate
    return data
