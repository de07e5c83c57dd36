"""Notes: flags that steps only ever set, and that only properties read.

Such a flag says that something has happened, for a claim about it: an assert after which the search goes on.
What sets it is part of the claim, not of the steps.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from checker.compiler.source import source_of

Function = Callable[..., Any]


def notes_of(steps: Iterable[Function], claims: Iterable[Function]) -> frozenset[str]:
    """The names of the fields; fields are told apart by name alone."""
    read, raised, changed = set[str](), set[str](), set[str]()
    for function in steps:
        tree = source_of(function).tree
        raising = set(_raising(tree))
        raised |= {node.attr for node in raising}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node not in raising:
                (read if isinstance(node.ctx, ast.Load) else changed).add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg is not None:
                changed.add(node.arg)
    return frozenset(raised - read - changed) & _named_in(claims)


def _raising(tree: ast.AST) -> Iterator[ast.Attribute]:
    """The fields of `k.field = True`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is True:
            yield from (target for target in node.targets if isinstance(target, ast.Attribute))


def _named_in(functions: Iterable[Function]) -> frozenset[str]:
    return frozenset(
        node.attr
        for function in functions
        for node in ast.walk(source_of(function).tree)
        if isinstance(node, ast.Attribute)
    )
