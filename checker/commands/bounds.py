"""`check bounds`: every obligation proved for all values, or refuted with the least ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from checker.commands.bounds_report import as_json, counted, overall, pictures, report
from checker.engines.proof import PROVED, REFUTED, SECONDS, Result
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.obligations import Obligation, obligations
from checker.names import find, setting, typed, unknown
from checker.options import load_option
from checker.request import parsed_time
from checker.saving import check_files
from checker.screen import Screen
from checker.traces.address_map import svg
from checker.writing import write

HOLDS, VIOLATED, UNFINISHED = 0, 1, 3
CASE = "case_"  # prefix of the parameters that narrow the cases
STYLES = {PROVED: "green", REFUTED: "bold red"}
TEXT = """Claims about numbers and addresses, proved by z3 for all values of their parameters.

NAME is that of an obligation, or its short name such as F2; without any, all of them are checked.
"""


class BoundsCommand(click.Command):
    """Parameters of obligations that have few values are options too: --levels 4."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *(_case_option(*each) for each in _cases().items())]


def bounds_command(_model: Model | None, screen: Screen, _bounds: Mapping[str, int]) -> click.Command:
    """Obligations are about no model, and their parameters are no bounds."""

    def run(**given: Any) -> int:
        return check_bounds(screen, given)

    return BoundsCommand(
        "bounds",
        callback=run,
        help=TEXT,
        short_help="Claims about numbers and addresses, proved for all values.",
        params=[
            click.Argument(["names"], nargs=-1, metavar="[NAME]..."),
            click.Option(["--svg"], metavar="FILE", type=click.Path(dir_okay=False), help="Draw it."),
            click.Option(["--time", "seconds"], metavar="TIME", help="For each proof: 30s (default 5s)."),
            load_option(),
            click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on stdout."),
            click.Option(["--no-color"], is_flag=True, help="Plain text on a terminal too."),
        ],
    )


def _cases() -> dict[str, dict[str, Any]]:
    """Every parameter with few values: how they are typed, and what they are."""
    found: dict[str, dict[str, Any]] = {}
    for each in obligations().values():
        for name, values in each.cases.items():
            found.setdefault(name, {}).update((setting(value), value) for value in values)
    return found


def _case_option(name: str, values: Mapping[str, Any]) -> click.Option:
    return click.Option(
        [f"--{typed(name)}", CASE + name],
        multiple=True,
        metavar="|".join(values),
        help=f"Only these {typed(name)}.",
    )


def check_bounds(screen: Screen, given: Mapping[str, Any]) -> int:
    from checker.engines.proving import prove

    wanted = _wanted(given["names"])
    only = {
        name: [_case_value(name, values, word) for word in given[CASE + name]]
        for name, values in _cases().items()
        if given.get(CASE + name)
    }
    if given.get("svg"):
        check_files({"svg": Path(given["svg"])})
    seconds = parsed_time(given["seconds"]) if given.get("seconds") else SECONDS
    everything: list[list[Result]] = []
    for number, obligation in enumerate(wanted):
        narrowed = {
            name: [value for value in values if value in obligation.cases[name]]
            for name, values in only.items()
            if name in obligation.cases
        }
        results = list(prove(obligation, narrowed, seconds))
        if not results:  # none of its cases was asked for
            continue
        everything.append(results)
        if not given["as_json"]:
            _tell(screen, results, bool(given["names"]), first=number == 0)
    if given["as_json"]:
        screen.line(json.dumps({"obligations": [as_json(each) for each in everything]}, indent=2))
    else:
        screen.line()
        screen.line(counted(everything))
    if given.get("svg"):
        _draw(screen, given["svg"], everything, notice=not given["as_json"])
    return _exit_code(everything)


def _wanted(names: Sequence[str]) -> list[Obligation]:
    known = obligations()
    if not known:
        raise CheckerError("there are no obligations", advice="write one with @obligation: --load FILE")
    labels = {each.label.lower(): each for each in known.values() if each.label}
    found = [labels.get(name.lower()) or find("obligation", name, known) for name in names]
    return list(dict.fromkeys(found)) or list(known.values())


def _case_value(name: str, values: Mapping[str, Any], word: str) -> Any:
    if word not in values:
        raise unknown(f"value of --{typed(name)}", word, values)
    return values[word]


def _tell(screen: Screen, results: list[Result], named: bool, first: bool) -> None:
    if not first:
        screen.line()
    lines = list(report(results, pictures=named))
    screen.line(lines[0], STYLES.get(overall(results), "bold yellow"))
    screen.lines(lines[1:])


def _draw(screen: Screen, file: str, everything: Sequence[Sequence[Result]], notice: bool) -> None:
    drawings = [picture for results in everything for picture in pictures(results)]
    write(Path(file), svg(drawings))
    if notice:
        screen.line(f"{len(drawings)} drawing{'s' if len(drawings) != 1 else ''} in {file}")


def _exit_code(everything: Sequence[Sequence[Result]]) -> int:
    verdicts = {overall(results) for results in everything}
    if REFUTED in verdicts:
        return VIOLATED
    return HOLDS if verdicts == {PROVED} else UNFINISHED
