"""One variant out of a tree that has several: its questions are answered."""

from __future__ import annotations

import ast
from collections.abc import Collection

from checker.compiler.variants import asked_for, negation
from checker.mutation.folding import with_bodies


def resolved(stmts: list[ast.stmt], chosen: int, kept: Collection[int]) -> list[ast.stmt]:
    """The statements of one variant; the questions for `kept` ones stay."""
    found: list[ast.stmt] = []
    for stmt in stmts:
        found += _resolved(stmt, chosen, kept)
    return found


def _resolved(stmt: ast.stmt, chosen: int, kept: Collection[int]) -> list[ast.stmt]:
    if isinstance(stmt, ast.If):
        number = asked_for(stmt.test)
        if number is not None and number not in kept:
            return resolved(stmt.body if number == chosen else stmt.orelse, chosen, kept)
    if isinstance(stmt, ast.If | ast.While):
        made = with_bodies(stmt, resolved(stmt.body, chosen, kept), resolved(stmt.orelse, chosen, kept))
        assert isinstance(made, ast.If | ast.While)
        made.test = _resolved_test(stmt.test, chosen, kept)
        return [made]
    if isinstance(stmt, ast.For):
        return [with_bodies(stmt, resolved(stmt.body, chosen, kept), stmt.orelse)]
    if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call) and len(stmt.value.args) == 1:
        test = _resolved_test(stmt.value.args[0], chosen, kept)
        if test is not stmt.value.args[0]:
            call = ast.copy_location(ast.Call(stmt.value.func, [test], []), stmt.value)
            return [ast.copy_location(ast.Expr(call), stmt)]
    return [] if isinstance(stmt, ast.Pass) else [stmt]


def _resolved_test(test: ast.expr, chosen: int, kept: Collection[int]) -> ast.expr:
    found = negation(test)
    if found is None or found[0] in kept:
        return test
    number, condition = found
    return ast.copy_location(ast.UnaryOp(ast.Not(), condition), condition) if number == chosen else condition
