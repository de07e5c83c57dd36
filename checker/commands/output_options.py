"""The options that say in which form an answer is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from checker.language.errors import CheckerError
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
        _file("--junit", "The verdicts as JUnit XML."),
        _file("--sarif", "The verdicts as SARIF 2.1.0, with the traces as code flows."),
        click.Option(["--progress"], is_flag=True, help="How far a search is, as lines of JSON on stderr."),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["text", "ktap", "mail"]),
            help="On stdout: text (default), KTAP, or the draft of a mail for each trace.",
        ),
    ]


def _file(option: str, text: str) -> click.Option:
    return click.Option([option], metavar="FILE", type=click.Path(path_type=Path), help=text)


def output_of(given: Mapping[str, Any]) -> Output:
    if given.get("as_json") and given.get("form"):
        raise CheckerError(f"--json and --format {given['form']}: only one of them can be on stdout")
    return Output(
        form="json" if given.get("as_json") else given.get("form") or "text",
        itf=given.get("itf"),
        html=given.get("html"),
        svg=given.get("svg"),
        junit=given.get("junit"),
        sarif=given.get("sarif"),
        progress=bool(given.get("progress")),
        remedies=bool(given.get("why")),
        style=Style(given.get("follow") or "", bool(given.get("verbose"))),
    )
