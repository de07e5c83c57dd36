"""`check cost`: what designs pay, at worst over every schedule and on average over random ones."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from checker.answering import with_an_engine
from checker.commands.table_options import designs_asked, given_here
from checker.costs.report import as_data, lines_of
from checker.costs.running import Asked, Table, asked_of, paid_by
from checker.language.cost import Cost
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.names import find, typed
from checker.options import request_of, search_options
from checker.request import scenarios_of
from checker.saving import check_files, numbered, save
from checker.screen import Screen
from checker.traces import text
from checker.traces.trace import Trace

HELP = """What steps cost, as the model counts it with @cost.

For the costs NAME, or all of them: the most that one run of an operation pays, and a whole run, over
every schedule; the most per unit in the long run; and the mean over random schedules. Without --design,
--set and --scenario: of what the model compares.

Exit code: 0 all is known, 3 a search did not come to its end, 2 the request or the model is wrong.
"""
STEPS = 200_000


def cost_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(
        names: tuple[str, ...], seed: int, steps: int, trace: str | None, html: Path | None, **given: Any
    ) -> int:
        assert model is not None
        options = given_here(given)
        request = with_an_engine(request_of(options), screen)
        if request.engine == "symbolic":
            raise CheckerError("cost is for the native and the python engine, not for --engine symbolic")
        designs = designs_asked(options["designs"], model) if options["designs"] else []
        asked = asked_of(dataclasses.replace(request, design=None), model, names, designs)
        traced = _traced(asked, trace)
        if html is not None:
            if traced is None:
                raise CheckerError("--html is for the schedules of --trace NAME")
            check_files({"html": html})
        tables = _tables(asked, model, screen, steps, seed, traced)
        code = 3 if any(each.ended for table in tables for row in table.paid.values() for each in row) else 0
        if options["as_json"]:
            data = {"version": 1, "exit_code": code, "seed": seed}
            screen.line(json.dumps({**data, "comparisons": list(map(as_data, tables))}, indent=2))
        else:
            for table in tables:
                screen.lines(lines_of(table, seed))
                _show_traces(table, screen)
        if html is not None:
            traces = [each.trace for table in tables for row in table.paid.values() for each in row]
            _save_pages(html, [each for each in traces if each is not None], screen)
        return code

    params: list[click.Parameter] = [
        click.Argument(["names"], nargs=-1, metavar="[NAME]..."),
        click.Option(["--design", "designs"], multiple=True, metavar="NAME", help="Only this design."),
        click.Option(["--all", "everything"], is_flag=True, help="In every scenario."),
        click.Option(
            ["--seed"], type=click.IntRange(min=0), default=1, help="Other walks for each number; 1."
        ),
        click.Option(
            ["--steps"],
            type=click.IntRange(min=1),
            default=STEPS,
            help=f"Steps of random walks, for each search; {STEPS}.",
        ),
        click.Option(["--trace"], metavar="NAME", help="Also a schedule on which most of that cost is paid."),
        click.Option(
            ["--html"],
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Each of these schedules as a page of its own, to step through.",
        ),
        *(
            option
            for option in search_options({n: v for n, v in bounds.items() if n not in ("seed", "steps")})
            if option.name not in ("design", "each_cause", "no_reduction")
        ),
    ]
    return click.Command("cost", callback=run, params=params, help=HELP)


def _traced(asked: Sequence[Asked], name: str | None) -> Cost | None:
    """The cost of which a schedule is wanted: one of those that are counted."""
    if name is None:
        return None
    return find("cost", name, {typed(each.name): each for table in asked for each in table.costs})


def _show_traces(table: Table, screen: Screen) -> None:
    for paid in table.paid.values():
        for each in paid:
            if each.trace is not None:
                screen.line()
                screen.lines(text.lines_of(each.trace))


def _save_pages(path: Path, traces: Sequence[Trace], screen: Screen) -> None:
    from checker.traces.html import page

    for number, trace in enumerate(traces, 1):
        save(numbered(path, number), page(trace), screen)


def _tables(
    asked: Sequence[Asked], model: Model, screen: Screen, steps: int, seed: int, traced: Cost | None
) -> list[Table]:
    count = sum(len(scenarios_of(each, model)) for table in asked for each in table.designs.values())
    tables = [Table(each, {}) for each in asked]
    done = 0
    with screen.counted("searches") as told:
        for table in tables:
            for found in paid_by(table.asked, model, steps, seed, traced):
                table.paid.setdefault(found.scenario, []).append(found)
                done += 1
                if told is not None:
                    told(done, count, f"{found.design} {found.scenario}".strip())
    return tables
