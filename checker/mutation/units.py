"""What changes as a whole: a statement, or a `yield` and the wait after it, which are one program point."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from checker.language.waits import is_bare_yield, is_wait
from checker.mutation.mutant import one_line


@dataclass
class Unit:
    """A statement that changes as a whole; a `yield` and the wait after it are one."""

    stmts: list[ast.stmt]

    @property
    def first(self) -> ast.stmt:
        return self.stmts[0]

    @property
    def last(self) -> ast.stmt:
        return self.stmts[-1]

    @property
    def size(self) -> int:
        return sum(1 for stmt in self.stmts for _ in ast.walk(stmt))

    @property
    def text(self) -> str:
        return one_line(self.last)


def units_of(stmts: list[ast.stmt]) -> list[Unit]:
    units: list[Unit] = []
    for stmt in stmts:
        if is_wait(stmt) and units and len(units[-1].stmts) == 1 and is_bare_yield(units[-1].last):
            units[-1].stmts.append(stmt)
        else:
            units.append(Unit([stmt]))
    return units


def waits_of(tree: ast.FunctionDef) -> set[tuple[int, ...]]:
    """Where a function waits, and where besides a `yield` stands that is one with the wait."""
    found: set[tuple[int, ...]] = set()
    lists = [
        value
        for node in ast.walk(tree)
        for name, value in ast.iter_fields(node)
        if name in ("body", "orelse") and isinstance(value, list)
    ]
    for stmts in lists:
        for at, stmt in enumerate(stmts):
            if is_wait(stmt):
                found.add((stmt.lineno, stmt.col_offset))
                if at > 0 and is_bare_yield(stmts[at - 1]):
                    before = stmts[at - 1]
                    found.add((stmt.lineno, stmt.col_offset, before.lineno, before.col_offset))
    return found
