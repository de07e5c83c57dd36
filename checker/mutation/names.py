"""The locals that statements bind and read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

LEAVING = ast.Return | ast.Break | ast.Continue | ast.Raise


def bound_names(stmts: Iterable[ast.stmt]) -> frozenset[str]:
    """Not those of comprehensions, which are nobody else's."""
    names = frozenset[str]()
    for stmt in stmts:
        inner = {
            id(name)
            for node in ast.walk(stmt)
            if isinstance(node, ast.comprehension)
            for name in ast.walk(node.target)
        }
        names |= {
            node.id
            for node in ast.walk(stmt)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in inner
        }
    return names


def read_names(stmts: Iterable[ast.stmt]) -> frozenset[str]:
    """With the targets of `n += 1`, which are read too."""
    nodes = [node for stmt in stmts for node in ast.walk(stmt)]
    read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    added = {
        node.target.id
        for node in nodes
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return frozenset(read | added)


def surely_bound(stmts: Iterable[ast.stmt]) -> frozenset[str]:
    """Those that have a value wherever control goes on after the statements, for what they do."""
    names = frozenset[str]()
    for stmt in stmts:
        if isinstance(stmt, ast.Assign | ast.AnnAssign):
            names |= bound_names([stmt])
        elif isinstance(stmt, ast.If) and stmt.orelse:
            goes_on = [body for body in (stmt.body, stmt.orelse) if not isinstance(body[-1], LEAVING)]
            if goes_on:
                names |= frozenset.intersection(*(surely_bound(body) for body in goes_on))
        elif isinstance(stmt, ast.While) and isinstance(stmt.test, ast.Constant) and stmt.test.value is True:
            names |= surely_bound(_before_a_break(stmt.body))
    return names


def _before_a_break(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What an endless loop has done before it can end."""
    for stmt in body:
        if any(isinstance(node, ast.Break) for node in ast.walk(stmt)):
            return
        yield stmt
