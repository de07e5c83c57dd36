"""`check bisect --property P --design v4`: which patch breaks it, and which repairs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from checker.answering import with_an_engine
from checker.cells.bisect import as_data, lines_of, trees_of
from checker.cells.cells import Cell, State, exit_code
from checker.cells.matrix import matrix_of
from checker.cells.text import paragraphs
from checker.commands.table_options import common_options, given_here, wanted_here
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.options import request_of
from checker.request import design_of
from checker.screen import Screen

HELP = """Which patch of a series breaks a property, and which repairs it?

Every tree of the series is checked whose design differs from the one before. The exit code is that of the
last one; 3 if some search did not end.
"""


def bisect_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(**given: Any) -> int:
        assert model is not None
        options = given_here(given)
        if not options["properties"]:
            raise CheckerError("say which property: --property NAME")
        request = with_an_engine(request_of(options), screen)
        trees = trees_of(model, design_of(request, model) or "")
        designs = [tree.design for tree in trees]
        with screen.counted("searches") as told:
            made = matrix_of(request, model, designs, wanted_here(options, model), told)
        asked = {each.name for each in wanted_here(options, model)}
        found = [[made.cell(row, design) for design in designs] for row in made.rows if row.name in asked]
        code = _code(found)
        if options["as_json"]:
            data = {"version": 1, "exit_code": code, "properties": [as_data(trees, cells) for cells in found]}
            screen.line(json.dumps(data, indent=2))
        else:
            for cells in found:
                screen.lines(paragraphs(lines_of(trees, cells)))
        return code

    design = click.Option(
        ["--design"], metavar="NAME", help="The series, or the patch of it to end at (v4/19)."
    )
    return click.Command("bisect", callback=run, params=[design, *common_options(bounds)], help=HELP)


def _code(found: list[list[Cell]]) -> int:
    unfinished = any(cell.state is State.INCOMPLETE for cells in found for cell in cells)
    return 3 if unfinished else exit_code(cells[-1] for cells in found)
