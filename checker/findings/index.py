"""The list of all findings, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from checker.basis import SEQUENTIAL
from checker.cells.cells import Cell, State
from checker.cells.text import group_of
from checker.findings.page import file_name, wrapped


def index(cells: Sequence[Cell], about: Sequence[str], command: str) -> Iterator[str]:
    """`cells`: in the order of their severity. `about`: what each page is about, in a sentence."""
    yield "# Findings"
    yield ""
    yield from wrapped(
        f"Written by `{command}`: a page for each property that is violated in a posted design. The number "
        "is the length of the shortest trace. What is conditional rests on a step that was not read in the "
        f"source, and is a question, not a defect. As everywhere, {SEQUENTIAL}."
    )
    pages = dict(zip((id(cell) for cell in cells), about, strict=True))
    for severity, group in groupby(cells, key=lambda cell: group_of(cell.row)):
        yield ""
        yield f"## {severity}"
        yield ""
        yield "| property | design | verdict | what happens |"
        yield "| --- | --- | --- | --- |"
        for cell in sorted(group, key=lambda each: each.state is State.CONDITIONAL):
            name = f"[{cell.row.name}]({file_name(cell)})"
            yield f"| {name} | {cell.design} | {cell.text} | {pages[id(cell)]} |"
