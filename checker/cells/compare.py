"""Two designs side by side: what was repaired, what was broken, what stayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.cells.cells import Cell, State
from checker.cells.matrix import Matrix, cell_data, exit_code_of

BROKEN, REPAIRED, STILL, OTHER, SAME = (
    "broken",
    "repaired",
    "still violated",
    "otherwise changed",
    "the same",
)
GOOD = (State.HOLDS, State.NO_FAILURE)


@dataclass(frozen=True)
class Change:
    """A property in both designs."""

    before: Cell
    after: Cell

    @property
    def kind(self) -> str:
        bad = (self.before.state.is_violated, self.after.state.is_violated)
        if bad == (True, True):
            return STILL
        if bad == (False, True) and self.before.state in GOOD:
            return BROKEN
        if bad == (True, False) and self.after.state in GOOD:
            return REPAIRED
        return SAME if self.before.state is self.after.state else OTHER


def changes(matrix: Matrix, before: str, after: str) -> dict[str, list[Change]]:
    """By kind, each kind in the order of the matrix: the worst first."""
    found: dict[str, list[Change]] = {kind: [] for kind in (BROKEN, REPAIRED, STILL, OTHER, SAME)}
    for row in matrix.rows:
        change = Change(matrix.cell(row, before), matrix.cell(row, after))
        found[change.kind].append(change)
    return found


def as_data(matrix: Matrix, before: str, after: str) -> dict[str, Any]:
    """{"version": 1, "exit_code", "before", "after", KIND: [{"property", "before": cell, "after": cell}]};
    for KIND and cell see `changes` above and `as_data` in matrix.py."""
    return {
        "version": 1,
        "exit_code": exit_code_of(matrix, after),
        "before": before,
        "after": after,
        **{
            kind: [
                {
                    "property": each.after.row.name,
                    "before": cell_data(each.before),
                    "after": cell_data(each.after),
                }
                for each in found
            ]
            for kind, found in changes(matrix, before, after).items()
        },
    }


def lines_of(matrix: Matrix, before: str, after: str) -> Iterator[tuple[str, str]]:
    """Paragraphs, each with the indentation of its further lines."""
    for kind, found in changes(matrix, before, after).items():
        if kind == SAME:
            names = ", ".join(f"{each.after.row.name} ({each.after.text})" for each in found)
            yield f"{kind} ({len(found)}): {names or 'none'}", "  "
            continue
        yield f"{kind} ({len(found)})" + (":" if found else ""), ""
        for each in found:
            yield f"  {each.after.row.name}: {_told(each.before)} -> {_told(each.after)}", "      "


def _told(cell: Cell) -> str:
    return cell.text + (f" ({cell.places[0].scenario})" if cell.places else "")
