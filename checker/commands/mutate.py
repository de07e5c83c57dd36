"""`check mutate flip_block`: changes its steps one at a time, and says which properties notice."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import click

from checker.answering import with_an_engine
from checker.commands.table_options import given_here
from checker.engines.outcome import Outcome
from checker.finding import design_name, trace_of
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.mutation.functions import Chosen
from checker.mutation.report import as_data, lines_of
from checker.mutation.running import Mutation
from checker.mutation.verdicts import exit_code
from checker.options import request_of, search_options
from checker.request import Request, wanted_properties
from checker.screen import Screen
from checker.traces.text import lines_of as lines_of_trace
from checker.traces.trace import Trace
from checker.verdict import Run

HELP = """Does some property notice when a step is changed?

The steps of the operations, sub-operations and helpers NAME are dropped, swapped with their neighbours and
negated, one at a time. What no property notices survives: the step may be needless, or a property is missing.
A comment `# mutant: reason` beside a statement says why changing it is harmless.

Exit code: 0 all are noticed or have a reason, 1 some are not, or a reason is wrong, 3 some are undecided.
"""


def mutate_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(names: tuple[str, ...], whole: bool, calls: bool, number: int | None, **given: Any) -> int:
        assert model is not None
        if not names and not whole:
            raise CheckerError("say what to change: the name of an operation or function, or --all")
        options = given_here(given)
        request = with_an_engine(request_of(options), screen)
        asked = dataclasses.replace(request, all=not request.properties)
        mutation = Mutation(
            request, model, wanted_properties(asked, model), Chosen(names, whole, calls), number
        )
        machine = options["as_json"]
        with screen.counted("mutants") as told:
            mutation.go(told)
        records = mutation.found()
        if number is not None and not records and not mutation.stopped:
            raise CheckerError(f"there is no mutant {number} here: there are {len(mutation.records)}")
        if machine:
            screen.line(json.dumps(as_data(mutation, design_name(request, model)), indent=2))
            return exit_code(records)
        if number is not None and records:
            words = [*names, *(["--all"] if whole else []), *(["--calls"] if calls else [])]
            screen.lines(_trace_lines(mutation, request, [*words, "--trace", str(number)]))
        for line, style in lines_of(mutation):
            screen.line(line, style)
        return exit_code(records)

    params: list[click.Parameter] = [
        click.Argument(["names"], nargs=-1, metavar="[NAME]..."),
        click.Option(["--all", "whole"], is_flag=True, help="Everything that a scenario runs."),
        click.Option(["--calls"], is_flag=True, help="Also what the named ones call, directly or not."),
        click.Option(["--property", "properties"], multiple=True, metavar="NAME", help="Only this property."),
        click.Option(
            ["--trace", "number"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Only mutant N, with its counterexample.",
        ),
        *search_options(bounds),
    ]
    return click.Command("mutate", callback=run, params=params, help=HELP)


def _trace_lines(mutation: Mutation, request: Request, words: list[str]) -> Iterator[str]:
    """The shortest counterexample of the one mutant that was searched, if there is one."""
    record = mutation.found()[0]
    if record.shortest is None:
        return
    scenario, violation = record.shortest
    made = mutation.prepared[scenario]
    wanted = next((each for each in made.wanted if each.covers(violation.property)), None)
    with made.alone(record.number):
        trace = trace_of(request, Run(made.world, made.wanted, Outcome(), request.engine), violation, wanted)
        yield from lines_of_trace(_of_mutant(trace, request, words))
    yield ""


def _of_mutant(trace: Trace, request: Request, words: list[str]) -> Trace:
    """Found again only by the command that makes the change; its number counts through all scenarios."""
    asked = [("--property", name) for name in request.properties]
    asked += [("--scenario", name) for name in request.scenario_names]
    options = [*words, *(word for pair in asked for word in pair), *request.options()]
    context = {**trace.context, "command": shlex.join(["check", "mutate", *options])}
    return dataclasses.replace(trace, context=context)
