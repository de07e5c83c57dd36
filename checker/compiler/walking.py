"""Going through the intermediate representation: the statements of a body, and the expressions in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checker.compiler.ir import Call, Expr, LeafKey, Load, Selected
from checker.compiler.ir_statements import Choose, Helper, Perform, Stmt


def walk(stmts: list[Stmt]) -> list[Stmt]:
    """The statements and all inside them, in the order of the text."""
    found: list[Stmt] = []
    _walk(stmts, found)
    return found


def _walk(stmts: list[Stmt], found: list[Stmt]) -> None:
    for stmt in stmts:
        found.append(stmt)
        for body in stmt.bodies():
            _walk(body, found)


def with_helpers(body: list[Stmt], seen: set[Helper] | None = None) -> list[Stmt]:
    """The statements, and those of the helpers that they perform."""
    seen = set() if seen is None else seen
    found = []
    for stmt in walk(body):
        found.append(stmt)
        if isinstance(stmt, Perform) and stmt.helper not in seen:
            seen.add(stmt.helper)
            found += with_helpers(stmt.helper.body, seen)
    return found


def visit(expr: Expr, action: Callable[[Expr], None]) -> None:
    action(expr)
    for child in expr.children():
        visit(child, action)


def loaded(exprs: Iterable[Expr]) -> set[LeafKey]:
    """The leaves of the state that are read for these expressions."""
    found: set[LeafKey] = set()

    def note(expr: Expr) -> None:
        if isinstance(expr, Load):
            found.add(expr.leaf.key)
        elif isinstance(expr, Call):
            found.update(expr.helper.loads)

    for expr in exprs:
        visit(expr, note)
    return found


def chooses(body: list[Stmt]) -> bool:
    """May running these statements ask for a choice?"""
    return any(isinstance(stmt, Choose) for stmt in with_helpers(body))


def variants_in(bodies: Iterable[list[Stmt]]) -> set[int]:
    """The variants that some statement asks for."""
    found: set[int] = set()

    def note(expr: Expr) -> None:
        if isinstance(expr, Selected):
            found.add(expr.variant)

    for body in bodies:
        for stmt in walk(body):
            for expr in stmt.expressions():
                visit(expr, note)
    return found
