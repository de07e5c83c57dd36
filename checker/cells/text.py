"""The matrix as text: a table for a terminal, and one in Markdown with what it rests on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

from checker.basis import SEQUENTIAL
from checker.cells.cells import Cell, Row
from checker.cells.matrix import Matrix

WIDTH = 75
NAME, COLUMN = 22, 12
LEGEND = (
    "violated N: the shortest trace has N steps. conditional N: only by traces that take a step which is "
    "marked as assumed. not exercised: nothing that was searched could have decided against it. "
    "incomplete: some search ended early."
)
NO_FAILURE = "does not fail: the assert was never seen to fail in this design, and may not have been reached."
CUT = "Where an assert fails or the model errs the path ends: nothing is known of what would come after it."


def paragraphs(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Each wrapped, its further lines indented as it says."""
    for text, indent in texts:
        yield from textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def table(matrix: Matrix) -> Iterator[str]:
    """As many designs side by side as fit."""
    most = (WIDTH - NAME) // (COLUMN + 1)
    for first in range(0, len(matrix.designs), most):
        yield from _part(matrix, matrix.designs[first : first + most])
        yield ""
    yield from textwrap.wrap(" ".join(legend(matrix)), WIDTH)


def legend(matrix: Matrix) -> Iterator[str]:
    yield LEGEND
    if any(cell.causes for cell in matrix.cells()):
        yield CAUSES
    if any(row.kind == "assert" for row in matrix.rows):
        yield NO_FAILURE
    if any(row.kind in ("assert", "model error") for row in matrix.rows):
        yield CUT


CAUSES = "N causes: of a property, told apart by the block where it shows and the block that last wrote it."


def _part(matrix: Matrix, designs: Sequence[str]) -> Iterator[str]:
    yield from _line(["", *(design or "verdict" for design in designs)])
    for severity, rows in groupby(matrix.rows, key=group_of):
        yield f"{severity}:"
        for row in rows:
            yield from _line([f"  {row.name}", *(matrix.cell(row, design).text for design in designs)])


def group_of(row: Row) -> str:
    if row.kind in ("assert", "model error"):
        return "met on the way"
    return row.severity or ("to be reached" if row.kind == "reachable" else "other")


def _line(texts: Sequence[str]) -> Iterator[str]:
    """One row, each text wrapped within its column."""
    indent = "    " if texts[0].startswith("  ") else ""
    columns = [
        textwrap.wrap(text, NAME if number == 0 else COLUMN, subsequent_indent="" if number else indent)
        or [""]
        for number, text in enumerate(texts)
    ]
    for words in zip_longest(*columns, fillvalue=""):
        yield (f"{words[0]:{NAME}} " + " ".join(f"{word:{COLUMN}}" for word in words[1:])).rstrip()


def markdown(matrix: Matrix, command: str) -> Iterator[str]:
    """The table, then for each violated cell where it is violated, then what was searched."""
    yield "# Properties by design"
    yield ""
    yield f"Written by `{command}`. {' '.join(legend(matrix))}"
    yield f"The scenario in which a trace is shortest stands under its length. As everywhere, {SEQUENTIAL}."
    yield ""
    yield f"| property | severity | {' | '.join(matrix.designs)} |"
    yield "| --- | --- |" + " --- |" * len(matrix.designs)
    for row in matrix.rows:
        cells = (_short(matrix.cell(row, design)) for design in matrix.designs)
        yield f"| {row.name} | {group_of(row)} | {' | '.join(cells)} |"
    yield from _details(matrix)
    yield from _searches(matrix)


def _short(cell: Cell) -> str:
    where = f"<br>{cell.places[0].scenario}" if cell.places else ""
    text = f"**{cell.text}**" if cell.state.is_violated else cell.text
    return text + where


def _details(matrix: Matrix) -> Iterator[str]:
    yield from ("", "## Where and why", "")
    for cell in matrix.cells():
        if cell.places:
            yield f"* **{cell.row.name}**, {cell.design}: {cell.state.value}"
            for place in cell.places:
                bad = place.violated
                assumed = f"; assumed: {'; '.join(bad.assumed)}" if bad.assumed else ""
                message = f" ({bad.message})" if bad.message else ""
                cause = f"; shows in `{bad.shows}`" + (f", after `{bad.wrote}`" if bad.wrote else "")
                yield f"  * {place.scenario}: {bad.steps} steps{message}{cause if bad.shows else ''}{assumed}"
        elif cell.why:
            yield f"* {cell.row.name}, {cell.design}: {cell.state.value}: {cell.why}"


def _searches(matrix: Matrix) -> Iterator[str]:
    yield from ("", "## What was searched", "")
    if any(each.reduced for each in matrix.searches):
        yield from ("r: reduced counts, by eager actions or by symmetric indexes.", "")
    yield f"| scenario | bounds | {' | '.join(f'states, {design}' for design in matrix.designs)} |"
    yield "| --- | --- |" + " --- |" * len(matrix.designs)
    scenarios = dict.fromkeys(each.scenario for each in matrix.searches)
    bounds = {world.scenario.name: world.bounds for world in matrix.worlds}
    for scenario in scenarios:
        told = ", ".join(f"{name}={value}" for name, value in bounds[scenario].items())
        states = (_states(matrix, scenario, design) for design in matrix.designs)
        yield f"| {scenario} | {told} | {' | '.join(states)} |"


def _states(matrix: Matrix, scenario: str, design: str) -> str:
    for each in matrix.searches:
        if (each.scenario, each.design) == (scenario, design):
            reduced = " r" if each.reduced else ""
            return f"{each.states:,}{reduced}" + (f" ({each.ended})" if each.ended else "")
    return ""
