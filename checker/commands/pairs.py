"""`check pairs`: every two operations together, in the smallest world in which both reach their last line."""

from __future__ import annotations

import json
from typing import Any

import click

from checker.answering import with_an_engine
from checker.finding import design_name
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.names import find
from checker.options import merged, request_of, search_options
from checker.pairs import Pair, PairSearch, pairs_of
from checker.pairs_report import basis, details, exit_code, json_report, table
from checker.screen import Screen
from checker.traces.text import lines_of

HELP = """Every two operations in the smallest world in which both reach their last line.

All properties are checked. With two OPERATIONs, only these two, and the traces of what they violate.
"""


def pairs_command(model: Model | None, screen: Screen, bounds: Any) -> click.Command:
    def pairs(operations: tuple[str, ...], rows: tuple[str, ...], **given: Any) -> int:
        assert model is not None
        outer = click.get_current_context().parent
        options = merged(outer.params if outer is not None else {}, given)
        request = with_an_engine(request_of({**options, "everything": True, "properties": ()}), screen)
        if request.engine == "symbolic":
            raise CheckerError("pairs are for the native and the python engine, not for --engine symbolic")
        if options["why"] and not operations:
            raise CheckerError("--why is for the traces of two operations: name them")
        search = PairSearch(request, model, _asked(model, operations, rows))
        search.go(None if options["as_json"] else screen.progress())
        if options["why"]:
            search.add_remedies()
        design = design_name(request, model)
        if options["as_json"]:
            screen.line(json.dumps(json_report(search, design, bool(operations)), indent=2))
        else:
            _tell(screen, search, design, rows, bool(operations))
        return exit_code(search)

    why = click.Option(["--why"], is_flag=True, help="Search for switches that would make it hold.")
    parameters = [option for option in search_options(bounds) if option.name != "scenarios"]
    return click.Command(
        "pairs",
        callback=pairs,
        help=HELP,
        params=[
            click.Argument(["operations"], nargs=-1, metavar="[OPERATION OPERATION]"),
            click.Option(["--with", "rows"], multiple=True, metavar="OPERATION", help="Only its pairs."),
            why,
            *parameters,
        ],
    )


def _asked(model: Model, operations: tuple[str, ...], rows: tuple[str, ...]) -> list[Pair]:
    known = {each.name: each for each in model.current_operations}
    if not known:
        raise CheckerError("this model has no operations, so there are no pairs of them")
    if len(operations) not in (0, 2) or (operations and rows):
        raise CheckerError("name two operations, or one --with OPERATION, or none for all pairs")
    if operations:
        one, other = (find("operation", name, known) for name in operations)
        return [Pair(one, other)]
    return pairs_of(model, [find("operation", name, known) for name in rows])


def _tell(screen: Screen, search: PairSearch, design: str, rows: tuple[str, ...], with_traces: bool) -> None:
    if with_traces:
        for found in search.pairs[0].found.values():
            screen.lines(lines_of(found.trace))
            screen.line()
    else:
        screen.lines(table(search, design, [name.replace("-", "_") for name in rows]))
        screen.line()
    screen.lines(details(search))
    if any(True for _ in details(search)):
        screen.line()
    screen.lines(basis(search))
