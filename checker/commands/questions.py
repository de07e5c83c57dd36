"""`check questions`: the model's questions, answered by searches."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from checker.answering import with_an_engine
from checker.cells.cells import exit_code
from checker.commands.table_options import given_here, words_of
from checker.findings.questions import answers, pages
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.options import request_of, search_options
from checker.saving import check_files
from checker.screen import Screen
from checker.writing import make_folder, write

FILE = "reports/questions.md"
HELP = """The questions that a model declares, each as a table: alternatives by properties."""


def questions_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(output: str, **given: Any) -> int:
        assert model is not None
        options = given_here({**given, "designs": (), "properties": (), "everything": False})
        request = with_an_engine(request_of(options), screen)
        if not model.questions:
            raise CheckerError("this model asks no question", advice="declare one with Question(...)")
        make_folder("output", Path(output).parent)
        check_files({"output": Path(output)})
        with screen.counted("searches") as told:
            found = answers(request, model, told)
        write(Path(output), "\n".join(pages(found, model, shlex.join(words_of("questions", options)))) + "\n")
        count = len(found)
        screen.line(f"{count} question{'s' if count != 1 else ''} answered in {output}")
        return exit_code(cell for each in found for cells in each.cells for cell in cells)

    params = [
        *(
            option
            for option in search_options(bounds)
            if option.name not in ("design", "scenarios", "as_json")
        ),
        click.Option(["--output"], default=FILE, metavar="FILE", help=f"Where to, if not to {FILE}."),
    ]
    return click.Command("questions", callback=run, params=params, help=HELP)
