"""Which statements are waits: `while condition: yield`, whose whole body is one bare yield."""

from __future__ import annotations

import ast


def is_bare_yield(stmt: ast.stmt) -> bool:
    """A statement that is nothing but `yield`."""
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Yield) and stmt.value.value is None


def is_wait(stmt: ast.stmt) -> bool:
    """A loop that does nothing but let others run until its condition turns false."""
    return (
        isinstance(stmt, ast.While)
        and not stmt.orelse
        and len(stmt.body) == 1
        and is_bare_yield(stmt.body[0])
    )
