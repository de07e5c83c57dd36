"""`check report`: the whole matrix as pages, with the traces, the searches, coverage and bounds."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from checker.answering import with_an_engine
from checker.cells.cells import exit_code
from checker.cells.matrix import as_data, matrix_of
from checker.cells.text import markdown
from checker.commands.table_options import given_here, table_options, wanted_here, words_of
from checker.engines.proof import Result
from checker.findings.repairs import posted
from checker.findings.writing import pages_of
from checker.language.model import Model
from checker.language.obligations import obligations
from checker.options import request_of
from checker.reports.site import FOLDER as TRACES
from checker.reports.site import Report, files_of, write
from checker.reports.traces import TracePage
from checker.request import designs_named
from checker.screen import Screen
from checker.writing import make_folder

FOLDER = "reports"
HELP = """The whole matrix as pages: its findings with a page for each, what was searched, coverage, bounds.

The designs are those that were posted as a series of patches, unless some are named. The same model gives the
same bytes. With --property or --scenario it is a part, and without the bounds.
"""


def report_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(output: str, **given: Any) -> int:
        assert model is not None
        options = given_here(given)
        request = with_an_engine(request_of(options), screen)
        designs = designs_named(options["designs"], model) or posted(model) or [""]
        wanted = wanted_here(options, model)
        make_folder("output", Path(output) / TRACES)
        with screen.counted("searches") as told:
            made = matrix_of(request, model, list(dict.fromkeys(designs)), wanted, told)
        by_name = {each.name: each for each in wanted}
        violated = [cell for cell in made.cells() if cell.places]
        tasks = [TracePage(request, model, cell, by_name.get(cell.row.name)) for cell in violated]
        with screen.counted("pages") as told:
            pages = pages_of(tasks, told)
        part = bool(options["properties"] or options["scenarios"])
        command = shlex.join(words_of("report", options))
        files = files_of(Report(command, made, tasks, pages, [] if part else _bounds()), Path(output))
        files["matrix.md"] = "\n".join([*markdown(made, command), ""])
        files["matrix.json"] = json.dumps(as_data(made), indent=1) + "\n"
        write(Path(output), files)
        screen.line(f"{len(files)} files in {output}, from {Path(output) / 'index.html'} on")
        return exit_code(made.cells())

    params = [
        *table_options(bounds),
        click.Option(
            ["--output"], default=FOLDER, metavar="FOLDER", help=f"Where the pages go, if not to {FOLDER}."
        ),
    ]
    return click.Command("report", callback=run, params=params, help=HELP)


def _bounds() -> list[Sequence[Result]]:
    """Every obligation in all its cases. z3 is imported only where there are some."""
    known = list(obligations().values())
    if not known:
        return []
    from checker.engines.proving import prove

    return [results for results in (list(prove(each, {})) for each in known) if results]
