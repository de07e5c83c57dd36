"""`check --sweep`: how far the bounds can be raised within the time, and what holds up to there."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import click

from checker.answering import progress_of
from checker.finding import design_name
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.options import request_of
from checker.output import Output
from checker.request import Request, only_for, scenarios_of, wanted_properties
from checker.screen import Screen
from checker.sweep_report import as_data, conclusions, heading, searched_line, worst
from checker.sweeping import Sweep

SECONDS = 60.0  # for all scenarios, where nobody says how long
OTHERS = ("resume", "checkpoint", "form", "follow", "verbose", "why", "itf", "html", "svg", "junit", "sarif")


def sweep_option() -> click.Option:
    return click.Option(
        ["--sweep"], is_flag=True, help="Raise the bounds step by step, for a minute or for --time."
    )


def sweep(model: Model, given: Mapping[str, Any], screen: Screen, output: Output) -> int:
    request = request_of(given)
    _check(request, given)
    wanted = wanted_properties(request, model)
    scenarios = [each for each in scenarios_of(request, model) if only_for(wanted, each)]
    left, sweeps, data = request.limits.seconds or SECONDS, [], []
    for number, scenario in enumerate(scenarios):
        begun = time.monotonic()
        share = left / (len(scenarios) - number)
        one = Sweep(request, model, scenario, wanted, share, progress_of(output, screen))
        sweeps.append(one)
        told = _told(one, screen, output)
        data.append(told)
        left = max(left - (time.monotonic() - begun), 0.1)
        if one.interrupted:
            break
    code = worst(sweeps)
    if output.form == "json":
        design = design_name(request, model) or None
        screen.line(
            json.dumps({"version": 1, "exit_code": code, "design": design, "scenarios": data}, indent=2)
        )
    return code


def _told(one: Sweep, screen: Screen, output: Output) -> dict[str, Any]:
    text = output.form == "text"
    if text:
        screen.lines(heading(one))
    for found in one.upwards():
        if text:
            screen.lines(searched_line(one, found))
    smallest = one.smallest()
    whole = one.is_whole
    if text:
        screen.lines(conclusions(one, smallest, whole))
        screen.line()
    return as_data(one, smallest, whole)


def _check(request: Request, given: Mapping[str, Any]) -> None:
    if request.engine != "native":
        raise CheckerError(f"--sweep is for the native engine, not for --engine {request.engine}")
    for name in OTHERS:
        if given.get(name):
            raise CheckerError(f"--sweep and --{'format' if name == 'form' else name} do not go together")
    if request.each_cause or request.fine:
        option = "--each-cause" if request.each_cause else "--atomicity fine"
        raise CheckerError(f"--sweep and {option} do not go together")
    if not request.properties and not request.all:
        raise CheckerError("--sweep needs --property NAME or --all")
