"""Whether an expression that can fail (an assert in a helper, None used as an index) fails in the same
states, or only in more, when an order grows: docs/design/eager.md."""

from __future__ import annotations

from checker.compiler.fibres import asks_of_fibres, fails_alike
from checker.compiler.ir import Apply, Call, Counted, Expr, Fold, Literal, Load, Read
from checker.compiler.ir_statements import Assign, Check, For, Helper, If, Return, Stmt
from checker.compiler.monotone import Monotone
from checker.compiler.orders import DOWN, FIXED, UP
from checker.compiler.sites import has_site
from checker.compiler.walking import walk

_SHORT = ("({0} && {1})", "({0} || {1})", "({0} ? {1} : {2})")


def touches(expr: Expr, values: Monotone) -> bool:
    """Does it read, anywhere, what can move?"""
    if isinstance(expr, Load) and expr.leaf.key in values.order:
        return True
    if isinstance(expr, Read) and values.variables.get(expr.variable, FIXED) != FIXED:
        return True
    if isinstance(expr, Call) and not expr.helper.loads.isdisjoint(values.order):
        return True
    return any(touches(child, values) for child in expr.children())


def is_steady(expr: Expr, values: Monotone) -> bool:
    """What can fail is evaluated whatever moves, so it fails in the same states."""
    if not has_site(expr) or not touches(expr, values):
        return True
    if isinstance(expr, Apply) and expr.operator in _SHORT:
        first, *rest = expr.arguments
        if touches(first, values):
            return is_steady(first, values) and not any(map(has_site, rest))
    elif isinstance(expr, Fold) or (isinstance(expr, Call) and expr.helper.can_fail):
        return False
    return all(is_steady(child, values) for child in expr.children())


def stays_bad(expr: Expr, values: Monotone, bad: bool) -> bool:
    """Once it has the value `bad`, or has failed, does it stay so? (Its polarity is looked at elsewhere.)"""
    if not has_site(expr) or not touches(expr, values):
        return True
    if isinstance(expr, Counted):
        return stays_bad(expr.value, values, bad)
    if isinstance(expr, Apply):
        return _operator_stays(expr, values, bad)
    if isinstance(expr, Fold) and expr.kind == ("any" if bad else "all"):
        asked = asks_of_fibres(expr, values) if bad else None
        if asked is not None:
            return fails_alike(expr, asked[0], values)
        guards = [test for group in expr.filters for test in group]
        parts = [part for group in expr.bindings for _, part in group]
        parts += [child for _, domain in expr.loops for child in domain.children()]
        return (
            values.members(expr).within(UP)
            and all(is_steady(each, values) for each in (*guards, *parts))
            and stays_bad(expr.body, values, bad)
        )
    if isinstance(expr, Call) and all(is_steady(argument, values) for argument in expr.arguments):
        inner = values.inside(expr.helper, tuple(map(values.of, expr.arguments)))
        return _body_stays(expr.helper.body, inner, bad)
    return is_steady(expr, values)


def _operator_stays(expr: Apply, values: Monotone, bad: bool) -> bool:
    if expr.operator == "!{0}":
        return stays_bad(expr.arguments[0], values, not bad)
    if expr.operator in ("({0} && {1})", "({0} || {1})"):
        left, right = expr.arguments
        if (expr.operator == "({0} || {1})") == bad:
            return stays_bad(left, values, bad) and stays_bad(right, values, bad)
        guards = values.of(left).within(UP if bad else DOWN) and is_steady(left, values)
        return guards and stays_bad(right, values, bad)
    return is_steady(expr, values)


def _body_stays(body: list[Stmt], values: Monotone, bad: bool) -> bool:
    return all(_statement_stays(stmt, values, bad) for stmt in body)


def _statement_stays(stmt: Stmt, values: Monotone, bad: bool) -> bool:
    if isinstance(stmt, Return):
        return stmt.value is None or stays_bad(stmt.value, values, bad)
    if isinstance(stmt, If):
        if touches(stmt.test, values):
            return _early_return_stays(stmt, values, bad)
        return _body_stays(stmt.then, values, bad) and _body_stays(stmt.orelse, values, bad)
    if isinstance(stmt, For):
        fixed = not any(touches(child, values) for child in stmt.domain.children())
        return fixed and _body_stays(stmt.body, values, bad)
    if isinstance(stmt, (Assign, Check)):
        return all(is_steady(expr, values) for expr in stmt.expressions())
    return False


def _early_return_stays(stmt: If, values: Monotone, bad: bool) -> bool:
    """`if test: return True`, and nothing else: what comes after is skipped."""
    only = stmt.then[0] if len(stmt.then) == 1 and not stmt.orelse else None
    if not isinstance(only, Return) or not isinstance(only.value, Literal):
        return False
    test = values.of(stmt.test)
    if bool(only.value.code) == bad:
        return test.within(UP) and stays_bad(stmt.test, values, True)
    return test.within(DOWN) and is_steady(stmt.test, values)


def stays_bad_in(helper: Helper, values: Monotone) -> bool:
    """A whole claim: once violated, or failing, it stays so."""
    exprs = [expr for stmt in walk(helper.body) for expr in stmt.expressions()]
    if not any(map(has_site, exprs)) or not any(touches(expr, values) for expr in exprs):
        return True
    inner = values.inside(helper, tuple(FIXED for _ in helper.parameters))
    return _body_stays(helper.body, inner, False)
