"""The fields of a state as tables: an array of records side by side, a column for each member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Table:
    """`cells` are paths, row by row, or empty. A table without a name has the fields of the state itself."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def cells(self) -> list[list[str]]:
        return [[self.paths.get((row, column), "") for column in self.columns] for row in self.rows]


def tables(paths: Iterable[str]) -> list[Table]:
    """`page[0].hand`: row `hand`, column `[0]` of table `page`. `tlb[1]`: column `[1]` of `tlb`, its row."""
    found: dict[str, Table] = {}
    for path in paths:
        name, column, row = _place(path)
        table = found.setdefault(name, Table(name))
        if column not in table.columns:
            table.columns.append(column)
        if row not in table.rows:
            table.rows.append(row)
        table.paths[row, column] = path
    return list(found.values())


def _place(path: str) -> tuple[str, str, str]:
    record, bracket, row = path.rpartition("].")
    if bracket:
        record += "]"
        name = "".join(part.partition("[")[0] for part in _parts(record))
        return name, "".join(f"[{part.partition('[')[2]}" for part in _parts(record) if "[" in part), row
    if path.endswith("]"):
        name, _, column = path.partition("[")
        return name, f"[{column}", ""
    return "", "", path


def _parts(record: str) -> list[str]:
    """`mm[0].mermap[1]` as `mm[0]`, `.mermap[1]`."""
    parts = record.split(".")
    return [parts[0], *(f".{part}" for part in parts[1:])]
