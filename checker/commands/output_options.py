"""The options that say in which form an answer is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from checker.output import Output
from checker.traces.columns import Style


def output_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--follow"], metavar="ENTRY", help="Only the steps about page0, or about zone[0].locked_by."
        ),
        click.Option(["--verbose"], is_flag=True, help="The whole state after each step."),
        click.Option(["--why"], is_flag=True, help="Search for switches that would make it hold."),
        _file("--itf", "Save each trace for `check replay` (Informal Trace Format)."),
        _file("--html", "Each trace as a page of its own, to step through."),
        _file("--svg", "The sequence diagram of each trace."),
    ]


def _file(option: str, text: str) -> click.Option:
    return click.Option([option], metavar="FILE", type=click.Path(path_type=Path), help=text)


def output_of(given: Mapping[str, Any]) -> Output:
    return Output(
        json=bool(given.get("as_json")),
        itf=given.get("itf"),
        html=given.get("html"),
        svg=given.get("svg"),
        remedies=bool(given.get("why")),
        style=Style(given.get("follow") or "", bool(given.get("verbose"))),
    )
