"""What a function says in one design: branches that its switches and bounds decide are no steps of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

END = ast.Return | ast.Break | ast.Continue | ast.Raise


class Folding:
    """`names`: what the function sees; `own`: its locals, of which nothing is known."""

    def __init__(self, names: Mapping[str, Any], own: set[str]) -> None:
        self.names = {name: value for name, value in names.items() if name not in own}
        self.own = own

    def body(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        """The statements without the branches that are never taken, and up to where control leaves."""
        found: list[ast.stmt] = []
        for stmt in stmts:
            found += self._statement(stmt)
            if found and isinstance(found[-1], END):
                break
        return found

    def _statement(self, stmt: ast.stmt) -> list[ast.stmt]:
        if isinstance(stmt, ast.If):
            known = self.known(stmt.test)
            if known is not None:
                return self.body(stmt.body if known else stmt.orelse)
            return [with_bodies(stmt, self.body(stmt.body), self.body(stmt.orelse))]
        if isinstance(stmt, ast.For | ast.While):
            return [with_bodies(stmt, self.body(stmt.body), stmt.orelse)]
        return [stmt]

    def known(self, test: ast.expr) -> bool | None:
        """What a condition always is; None if that depends on more than the design."""
        if isinstance(test, ast.BoolOp):
            decisive = isinstance(test.op, ast.Or)
            parts = [self.known(part) for part in test.values]
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.known(test.operand)
            return None if inner is None else not inner
        read = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        if read & self.own:
            return None
        try:
            value = eval(compile(ast.Expression(test), "<condition>", "eval"), dict(self.names))
        except Exception:  # it is no constant, or it is wrong: then whoever runs it says so
            return None
        return value if isinstance(value, bool) else None


def with_bodies(stmt: ast.stmt, body: list[ast.stmt], orelse: list[ast.stmt]) -> ast.stmt:
    """A compound statement with other bodies, at the same place."""
    fields = dict(ast.iter_fields(stmt))
    body = body or [ast.copy_location(ast.Pass(), stmt)]
    made: ast.stmt = type(stmt)(**{**fields, "body": body, "orelse": orelse})
    return ast.copy_location(made, stmt)
