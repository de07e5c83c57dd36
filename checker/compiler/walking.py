"""Going through the intermediate representation: the statements of a body, and the expressions in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checker.compiler.ir import Expr, InOperation, Selected
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Check,
    Choose,
    For,
    Helper,
    If,
    Perform,
    Return,
    Stmt,
    Store,
    When,
    While,
    Yield,
)

NESTED = (If, While, For, Block)


def bodies(stmt: Stmt) -> Iterator[list[Stmt]]:
    """The statement lists directly inside a statement."""
    if isinstance(stmt, If):
        yield stmt.then
        yield stmt.orelse
    elif isinstance(stmt, While):
        yield stmt.before
        yield stmt.body
    elif isinstance(stmt, (For, Block)):
        yield stmt.body


def walk(stmts: list[Stmt]) -> list[Stmt]:
    """The statements and all inside them, in the order of the text."""
    found: list[Stmt] = []
    _walk(stmts, found)
    return found


def _walk(stmts: list[Stmt], found: list[Stmt]) -> None:
    for stmt in stmts:
        found.append(stmt)
        if isinstance(stmt, NESTED):
            for body in bodies(stmt):
                _walk(body, found)


def expressions(stmt: Stmt) -> Iterator[Expr]:
    """The expressions a statement itself evaluates (not those of the statements inside it)."""
    if isinstance(stmt, Assign):
        yield stmt.value
    elif isinstance(stmt, Store):
        yield from stmt.index
        yield stmt.value
    elif isinstance(stmt, (If, While, When, Check)):
        yield stmt.test
    elif isinstance(stmt, For):
        yield from stmt.domain.children()
    elif isinstance(stmt, Choose):
        yield from stmt.options
        if stmt.fold is not None:
            yield stmt.fold
    elif isinstance(stmt, Yield) and stmt.wait is not None:
        yield stmt.wait
    elif isinstance(stmt, Perform):
        yield from stmt.arguments
    elif isinstance(stmt, Return) and stmt.value is not None:
        yield stmt.value


def visit(expr: Expr, action: Callable[[Expr], None]) -> None:
    action(expr)
    for child in expr.children():
        visit(child, action)


def chooses(body: list[Stmt]) -> bool:
    """May running these statements ask for a choice?"""
    return any(
        isinstance(s, Choose) or (isinstance(s, Perform) and chooses(s.helper.body)) for s in walk(body)
    )


def variants_in(bodies_: Iterable[list[Stmt]]) -> set[int]:
    """The variants that some statement asks for."""
    found: set[int] = set()

    def note(expr: Expr) -> None:
        if isinstance(expr, Selected):
            found.add(expr.variant)

    for body in bodies_:
        for stmt in walk(body):
            for expr in expressions(stmt):
                visit(expr, note)
    return found


def asks_running(body: list[Stmt], helpers: Iterable[Helper]) -> bool:
    """Does some expression of a block, or of a helper, ask running()?"""
    found: list[Expr] = []

    def note(expr: Expr) -> None:
        if isinstance(expr, InOperation):
            found.append(expr)

    for stmts in (body, *(helper.body for helper in helpers)):
        for stmt in walk(stmts):
            for expr in expressions(stmt):
                visit(expr, note)
    return bool(found)
