"""`check findings`: a page for every property that is violated in a posted design."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from checker.answering import with_an_engine
from checker.cells.cells import exit_code
from checker.cells.matrix import matrix_of
from checker.commands.table_options import given_here, table_options, wanted_here, words_of
from checker.findings.repairs import posted
from checker.findings.writing import Task, asked_together, pages_of, write
from checker.language.model import Model
from checker.options import request_of
from checker.request import designs_named
from checker.screen import Screen
from checker.writing import make_folder

FOLDER = "reports/findings"
HELP = """A page for each property that is violated in a posted design: trace, repair, trigger, and a mail.

The designs are those that were posted as a series of patches, unless some are named.
"""


def findings_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(output: str, **given: Any) -> int:
        assert model is not None
        options = given_here(given)
        request = with_an_engine(request_of(options), screen)
        designs = designs_named(options["designs"], model) or posted(model) or [""]
        wanted = wanted_here(options, model)
        make_folder("output", Path(output))
        with screen.counted("searches") as told:
            made = matrix_of(request, model, list(dict.fromkeys(designs)), wanted, told)
        by_name = {each.name: each for each in wanted}
        violated = [cell for cell in made.cells() if cell.places]
        together = asked_together(violated, by_name)
        tasks = [Task(request, model, cell, by_name.get(cell.row.name), together) for cell in violated]
        with screen.counted("pages") as told:
            pages = pages_of(tasks, told)
        write(Path(output), tasks, pages, shlex.join(words_of("findings", options)))
        screen.line(f"{len(pages)} page{'s' if len(pages) != 1 else ''} in {output}")
        return exit_code(made.cells())

    params = [
        *table_options(bounds),
        click.Option(
            ["--output"], default=FOLDER, metavar="FOLDER", help=f"Where the pages go, if not to {FOLDER}."
        ),
    ]
    return click.Command("findings", callback=run, params=params, help=HELP)
