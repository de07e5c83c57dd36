"""`check estimate`: how many states there will be, before anybody waits for them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from checker.building import asked, compiled_for, with_companions
from checker.commands.table_options import given_here
from checker.engines.estimating import Estimate
from checker.engines.outcome import INTERRUPTED, Limits
from checker.finding import design_name
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.world import World
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
        sizes = list(sizes_of(request, model))
        code = 0 if all(size.complete or size.estimate is not None for size in sizes) else 3
        if options["as_json"]:
            data = {"version": 1, "exit_code": code, "design": design_name(request, model) or None}
            screen.line(json.dumps({**data, "scenarios": [as_data(size) for size in sizes]}, indent=2))
            return code
        for size in sizes:
            screen.lines(lines_of(size))
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
    """Each scenario gets an equal share of the time that is left."""
    wanted = wanted_properties(request, model)
    worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
    left = request.limits.seconds or SECONDS
    for number, world in enumerate(worlds):
        here = only_for(wanted, world.scenario)
        if not here:
            continue
        limits = dataclasses.replace(
            request.limits, seconds=max(left / (len(worlds) - number), 0.01), keep_going=True
        )
        begun = time.monotonic()
        size, compiling = size_of(world, here, limits, request.reduced)
        left -= time.monotonic() - begun - compiling
        yield size
        if size.ended == INTERRUPTED:
            return


def size_of(world: World, wanted: list[Wanted], limits: Limits, reduced: bool) -> tuple[Size, float]:
    """And the seconds that went into compiling, which are not counted."""
    from checker.engines import native

    begun = time.monotonic()
    program = compiled_for(world, with_companions(wanted), reduced=reduced)
    with native.Run(program, asked(wanted), limits) as run:
        compiling = time.monotonic() - begun
        run.estimate_at_end()
        run.go(None)
        outcome = run.outcome()
        known = outcome.complete or outcome.ended is None
        estimate = None if known else run.estimate()
    size = Size(
        world.scenario.name,
        outcome.states,
        outcome.depth,
        outcome.seconds,
        outcome.bytes_per_state,
        outcome.complete,
        outcome.ended,
        estimate,
    )
    return size, compiling


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
