"""The atomic conditions of a predicate, and which of them decide it.

A condition is *deciding* if giving it the value that is worst for the predicate (false where it stands
positively, true under a negation) makes the predicate false without any further condition being evaluated.
A filter, or the left side of an implication, only guards: `all(f(p) for p in Page if guard(p))` is decided
by f, and f is evaluated only where the guard held. A predicate is exercised when some deciding condition was
evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checker.language.source import function_tree

_QUANTIFIERS = ("any", "all")


@dataclass(frozen=True)
class Condition:
    """`node` is the expression in the function's syntax tree; `line` from 1, `column` from 0."""

    node: ast.expr
    text: str
    line: int
    column: int
    deciding: bool


def conditions_of(function: Callable[..., Any]) -> list[Condition]:
    """In source order; empty if the function's source is not to be had."""
    tree = function_tree(function.__code__)
    if tree is None:
        return []
    found = [condition for stmt in tree.body for condition in _of_statement(stmt)]
    unique = {(condition.line, condition.column): condition for condition in found}
    return [unique[key] for key in sorted(unique)]


def _of_statement(stmt: ast.stmt) -> Iterator[Condition]:
    if isinstance(stmt, ast.Return) and stmt.value is not None:
        yield from _atoms(stmt.value, True, True)
    elif isinstance(stmt, ast.If):
        yield from _atoms(stmt.test, True, False)
        for inner in (*stmt.body, *stmt.orelse):
            yield from _of_statement(inner)
    elif isinstance(stmt, (ast.For, ast.While)):
        for inner in stmt.body:
            yield from _of_statement(inner)


def _atoms(node: ast.expr, positive: bool, deciding: bool) -> Iterator[Condition]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _atoms(node.operand, not positive, deciding)
    elif isinstance(node, ast.BoolOp):
        stops = (
            isinstance(node.op, ast.And) == positive
        )  # the worst value of one operand already settles the whole
        for operand in node.values:
            yield from _atoms(operand, positive, deciding and (stops or operand is node.values[-1]))
    elif isinstance(node, ast.IfExp):
        yield from _atoms(node.test, positive, False)
        yield from _atoms(node.body, positive, deciding)
        yield from _atoms(node.orelse, positive, deciding)
    elif _is_quantifier(node):
        assert isinstance(node, ast.Call) and isinstance(node.args[0], ast.GeneratorExp)
        yield from _of_quantifier(node.args[0], node.func.id == "any", positive, deciding)  # type: ignore[attr-defined]
    elif any(isinstance(each, ast.Name) for each in ast.walk(node)):  # `1 <= 2` decides nothing
        yield Condition(node, ast.unparse(node), node.lineno, node.col_offset, deciding)


def _is_quantifier(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _QUANTIFIERS
        and len(node.args) == 1
        and isinstance(node.args[0], ast.GeneratorExp)
    )


def _of_quantifier(
    inner: ast.GeneratorExp, is_any: bool, positive: bool, deciding: bool
) -> Iterator[Condition]:
    """The worst value of a filter leaves a member out where that harms the predicate; else it lets it in."""
    yield from _atoms(inner.elt, positive, deciding)
    leaving_out_harms = is_any == positive
    for generator in inner.generators:
        for test in generator.ifs:
            yield from _atoms(test, positive if is_any else not positive, deciding and leaving_out_harms)
