"""The atomic conditions of a predicate, and which of them decide it.

A condition is *deciding* if giving it the value that is worst for the predicate (false where it stands
positively, true under a negation) makes the predicate false without any further condition being evaluated.
A filter, or the left side of an implication, only guards: `all(f(p) for p in Page if guard(p))` is decided
by f, and f is evaluated only where the guard held. A predicate is exercised when some deciding condition was
evaluated. What reads nothing of the state (`B.most <= 2`, `p != Page(0)`) is no condition: it has the same
value in every state, so no run could have gone another way.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from checker.language.source import FunctionNode, function_tree

_QUANTIFIERS = ("any", "all")
# Their values are made of their arguments only. Any other function may look at the state by itself.
_PURE = {"abs", "all", "any", "enumerate", "frozenset", "int", "len", "max", "min", "range", "reversed"}
_PURE |= {"set", "sorted", "sum", "tuple", "zip"}
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)


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
    return list(_conditions_in(tree)) if tree is not None else []


@lru_cache(maxsize=4096)
def _conditions_in(tree: FunctionNode) -> tuple[Condition, ...]:
    of_state = _names_of_state(tree)
    unique = {(each.line, each.column): each for each in _of_block(tree.body) if _reads(each.node, of_state)}
    return tuple(unique[key] for key in sorted(unique))


def _names_of_state(tree: ast.AST) -> set[str]:
    """The parameters, and the locals and loop variables whose values may depend on them."""
    nodes = list(ast.walk(tree))
    known = {each.arg for each in nodes if isinstance(each, ast.arg)}
    given = [pair for each in nodes for pair in _bindings(each)]
    assigned = Counter(
        name for each in nodes if isinstance(each, _ASSIGNMENTS) for name, _ in _bindings(each)
    )
    # Which of several assignments counts may itself depend on the state.
    known |= {name for name, times in assigned.items() if times > 1}
    while grown := {name for name, value in given if name not in known and _reads(value, known)}:
        known |= grown
    return known


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a node binds, each with what it is assigned or drawn from."""
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
        targets, value = [node.target], node.value
    elif isinstance(node, (ast.For, ast.comprehension)):
        targets, value = [node.target], node.iter
    else:
        return
    for target in targets:
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                yield name.id, value


def _reads(node: ast.expr, names: set[str]) -> bool:
    """Whether it may depend on the state: by one of the names, or within a function such as running()."""
    return any(
        (isinstance(each, ast.Name) and each.id in names)
        or (isinstance(each, ast.Call) and not (isinstance(each.func, ast.Name) and each.func.id in _PURE))
        for each in ast.walk(node)
    )


def _of_block(stmts: list[ast.stmt]) -> Iterator[Condition]:
    for number, stmt in enumerate(stmts):
        if isinstance(stmt, ast.Return) and stmt.value is not None:
            yield from _atoms(stmt.value, True, True)
        elif isinstance(stmt, ast.If):
            otherwise = stmt.orelse or stmts[number + 1 :]
            fails = _is_false(stmt.body)
            yield from _atoms(stmt.test, not fails, fails or _is_false(otherwise))
            yield from _of_block(stmt.body)
            yield from _of_block(stmt.orelse)
        elif isinstance(stmt, (ast.For, ast.While)):
            yield from _of_block(stmt.body)


def _is_false(stmts: list[ast.stmt]) -> bool:
    """Whether they begin with `return False`."""
    first = stmts[0] if stmts else None
    return (
        isinstance(first, ast.Return) and isinstance(first.value, ast.Constant) and first.value.value is False
    )


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
    else:
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
