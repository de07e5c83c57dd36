"""Which statements are waits (`while condition: yield`), bare yields, and guards (`when(condition)`)."""

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


def is_guard(stmt: ast.stmt) -> bool:
    """`when(condition)`: the block does not exist where it fails."""
    call = stmt.value if isinstance(stmt, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    return getattr(function, "id", getattr(function, "attr", None)) == "when"
