"""Expressions compared by what they say: bound variables by their place, temporary locals by their value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.compiler.ir import (
    Apply,
    Bits,
    Call,
    Domain,
    Expr,
    Fold,
    InOperation,
    Literal,
    Load,
    Read,
    Rows,
    Span,
    Variable,
)
from checker.compiler.ir_statements import Assign, For, Stmt
from checker.compiler.liveness import uses
from checker.compiler.walking import walk

Names = Mapping[Variable, Any]


def shape(expr: Expr, names: Names) -> Any:
    """Equal for two expressions that say the same; unlike anything else where that is not known."""
    if isinstance(expr, Literal):
        return ("literal", expr.type, expr.code)
    if isinstance(expr, Read):
        known = names.get(expr.variable, expr.variable)
        return shape(known, names) if isinstance(known, Expr) else ("read", known)
    if isinstance(expr, Load):
        return ("load", expr.root, expr.leaf.key, tuple(shape(i, names) for i in expr.index))
    if isinstance(expr, Apply) and expr.check is None:
        if expr.operator == "{0}":
            return shape(expr.arguments[0], names)
        return ("apply", expr.operator, tuple(shape(a, names) for a in expr.arguments))
    if isinstance(expr, Call):
        return ("call", expr.helper, expr.roots, tuple(shape(a, names) for a in expr.arguments))
    if isinstance(expr, InOperation):
        return ("running", expr.root, expr.actor, shape(expr.member, names), expr.operations)
    return ("other", id(expr))


def domain_shape(domain: Domain, names: Names) -> Any:
    if isinstance(domain, Span):
        return ("span", shape(domain.low, names), shape(domain.high, names), domain.step)
    if isinstance(domain, Bits):
        return ("bits", shape(domain.value, names))
    if isinstance(domain, Rows):
        return ("rows", domain.rows, shape(domain.row, names))
    return ("other", id(domain))


def _bound(fold: Fold) -> dict[Variable, Any]:
    return {variable: f"loop {number}" for number, (variable, _) in enumerate(fold.loops)}


def loops_shape(fold: Fold) -> Any:
    names = _bound(fold)
    return tuple(domain_shape(domain, names) for _, domain in fold.loops)


def filters_of(fold: Fold) -> set[Any] | None:
    """What a member must pass; None where tuples are taken apart, which is not compared."""
    if any(fold.bindings):
        return None
    names = _bound(fold)
    return {each for group in fold.filters for test in group for each in _conjuncts(test, names)}


def body_of(fold: Fold) -> set[Any]:
    return set(_conjuncts(fold.body, _bound(fold)))


def _conjuncts(test: Expr, names: Names) -> list[Any]:
    if isinstance(test, Apply) and test.operator == "({0} && {1})":
        return [each for argument in test.arguments for each in _conjuncts(argument, names)]
    return [shape(test, names)]


def temporaries(body: list[Stmt]) -> dict[Variable, Expr]:
    """Locals that are assigned once, with their values."""
    found = _assigned(body)
    return {v: values[0] for v, values in found.items() if len(values) == 1 and values[0] is not None}


def rebound(body: list[Stmt]) -> set[Variable]:
    """Locals that may have several values in one block."""
    loops = {stmt.variable for stmt in walk(body) if isinstance(stmt, For)}
    return loops | {v for v, values in _assigned(body).items() if len(values) > 1}


def _assigned(body: list[Stmt]) -> dict[Variable, list[Expr | None]]:
    found: dict[Variable, list[Expr | None]] = {}
    for stmt in walk(body):
        variable = getattr(stmt, "variable", None)
        if isinstance(variable, Variable):
            found.setdefault(variable, []).append(stmt.value if isinstance(stmt, Assign) else None)
    return found


def reads(expr: Expr, names: Mapping[Variable, Expr]) -> set[Variable]:
    """The locals that its value follows from, through temporary ones."""
    found: set[Variable] = set()
    waiting = list(uses(expr))
    while waiting:
        variable = waiting.pop()
        if variable not in found:
            found.add(variable)
            waiting += uses(names[variable]) if variable in names else ()
    return found
