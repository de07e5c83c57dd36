"""`check matrix`: a verdict for every property and every design."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from checker.answering import with_an_engine
from checker.cells.cells import exit_code
from checker.cells.matrix import Matrix, as_data, matrix_of
from checker.cells.text import markdown, table
from checker.commands.table_options import designs_asked, given_here, table_options, wanted_here, words_of
from checker.language.model import Model
from checker.options import request_of
from checker.saving import check_files
from checker.screen import Screen
from checker.writing import make_folder, write

HELP = """Properties x designs: holds, violated (in how many steps), conditional, not exercised, incomplete.

Results are kept by content: what has not changed is not searched again.
"""


def matrix_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(markdown_file: str | None, **given: Any) -> int:
        assert model is not None
        options = given_here(given)
        request = with_an_engine(request_of(options), screen)
        designs = designs_asked(options["designs"], model)
        if markdown_file:
            make_folder("markdown", Path(markdown_file).parent)
            check_files({"markdown": Path(markdown_file)})
        with screen.counted("searches") as told:
            made = matrix_of(request, model, designs, wanted_here(options, model), told)
        if markdown_file:
            words = [*words_of("matrix", options), "--markdown", markdown_file]
            write(Path(markdown_file), "\n".join(markdown(made, shlex.join(words))) + "\n")
        _say(screen, made, options["as_json"])
        return exit_code(made.cells())

    params = [
        *table_options(bounds),
        click.Option(["--markdown", "markdown_file"], metavar="FILE", help="Write the table there too."),
    ]
    return click.Command("matrix", callback=run, params=params, help=HELP)


def _say(screen: Screen, made: Matrix, machine: bool) -> None:
    if machine:
        screen.line(json.dumps(as_data(made), indent=2))
    else:
        screen.lines(table(made))
