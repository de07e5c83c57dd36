"""Runs of a branch that do nothing: they let a block go on as if it had not taken the branch."""

from __future__ import annotations

from dataclasses import dataclass

from checker.compiler.ir import Apply, Expr, Literal, Read, Span, Variable
from checker.compiler.ir_statements import Assign, Choose, If, Stmt
from checker.compiler.sites import has_site

Known = dict[Variable, int | None]  # what was assigned on the way; None: something unknown
_FEW = 64  # candidates of a choice, and runs, that are followed


@dataclass
class Silent:
    """`runs`: what the silent runs assign. `complete`: there are no others."""

    runs: list[Known]
    complete: bool


def silent_runs(body: list[Stmt], given: Known | None = None) -> Silent:
    """The runs that reach the end of the body without a write, a test that can fail, or a jump."""
    found = Silent([given or {}], True)
    for stmt in body:
        runs: list[Known] = []
        for known in found.runs:
            after = _statement(stmt, known)
            runs += after.runs
            found.complete &= after.complete
        found.runs = [dict(items) for items in dict.fromkeys(tuple(run.items()) for run in runs)]
        if len(found.runs) > _FEW:
            return Silent(found.runs[:_FEW], False)
    return found


def _statement(stmt: Stmt, known: Known) -> Silent:
    if isinstance(stmt, Assign) and not has_site(stmt.value):
        return Silent([{**known, stmt.variable: _value(stmt.value, known)}], True)
    if isinstance(stmt, Choose):
        codes = _candidates(stmt)
        return Silent([{**known, stmt.variable: code} for code in codes], bool(codes))
    if isinstance(stmt, If) and not has_site(stmt.test):
        test = _value(stmt.test, known)
        if test is not None:
            inner = silent_runs(stmt.then if test else stmt.orelse, known)
            return Silent(inner.runs, inner.complete)
    return Silent([], False)


def _candidates(stmt: Choose) -> list[int]:
    """The codes among which a choice can always choose; none if that is not known."""
    if stmt.options:
        codes = [option.code for option in stmt.options if isinstance(option, Literal)]
        return codes if len(codes) == len(stmt.options) <= _FEW else []
    fold = stmt.fold
    if fold is None or len(fold.loops) != 1 or any(fold.filters) or any(fold.bindings):
        return []
    variable, domain = fold.loops[0]
    whole = isinstance(fold.body, Read) and fold.body.variable is variable
    if not whole or not isinstance(domain, Span):
        return []
    if not isinstance(domain.low, Literal) or not isinstance(domain.high, Literal):
        return []
    codes = list(range(domain.low.code, domain.high.code, domain.step))
    return codes if len(codes) <= _FEW else []


def _value(expr: Expr, known: Known) -> int | None:
    """The code, where it follows from what was assigned on the way."""
    if isinstance(expr, Literal):
        return expr.code
    if isinstance(expr, Read):
        return known.get(expr.variable)
    if not isinstance(expr, Apply):
        return None
    values = [_value(argument, known) for argument in expr.arguments]
    if any(value is None for value in values):
        return None
    if expr.operator == "({0} == {1})":
        return int(values[0] == values[1])
    if expr.operator == "({0} != {1})":
        return int(values[0] != values[1])
    if expr.operator == "!{0}":
        return int(not values[0])
    return values[0] if expr.operator == "{0}" else None
