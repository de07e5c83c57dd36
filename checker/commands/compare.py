"""`check compare v2 v4`: what the second design repairs, what it breaks, what stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from checker.answering import with_an_engine
from checker.cells.compare import as_data, lines_of
from checker.cells.matrix import exit_code_of, matrix_of
from checker.cells.text import paragraphs
from checker.commands.table_options import common_options, given_here, wanted_here
from checker.language.model import Model
from checker.options import request_of
from checker.request import design_named
from checker.screen import Screen

HELP = """What does design AFTER repair of BEFORE, what does it break, and what stays?

The exit code is that of AFTER.
"""


def compare_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(before: str, after: str, **given: Any) -> int:
        assert model is not None
        options = given_here(given)
        request = with_an_engine(request_of(options), screen)
        before, after = design_named(before, model), design_named(after, model)
        with screen.counted("searches") as told:
            made = matrix_of(
                request, model, list(dict.fromkeys((before, after))), wanted_here(options, model), told
            )
        if options["as_json"]:
            screen.line(json.dumps(as_data(made, before, after), indent=2))
        else:
            screen.line(f"{before} -> {after}")
            screen.lines(paragraphs(lines_of(made, before, after)))
        return exit_code_of(made, after)

    params: list[click.Parameter] = [click.Argument(["before"]), click.Argument(["after"])]
    return click.Command("compare", callback=run, params=[*params, *common_options(bounds)], help=HELP)
