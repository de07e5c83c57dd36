"""The locals that statements bind and read."""

from __future__ import annotations

import ast
from collections.abc import Iterable


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
