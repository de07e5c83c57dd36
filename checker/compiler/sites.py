"""Which expressions can fail at all."""

from __future__ import annotations

from collections.abc import Collection

from checker.compiler.codes import code_range
from checker.compiler.ir import Apply, Call, Expr, Fold, Literal, Read, Variable
from checker.compiler.ir_statements import If, Return
from checker.language.types import OptionalType


def has_site(expr: Expr) -> bool:
    """Can it fail at all?"""
    if isinstance(expr, (Apply, Fold)) and expr.check is not None:
        return True
    if isinstance(expr, Call) and expr.helper.can_fail:
        return True
    return any(map(has_site, expr.children()))


def asked_for_none(stmt: If) -> set[Variable]:
    """`if x is None: return`: the local that is something after it."""
    test = stmt.test
    left = any(isinstance(inner, Return) for inner in stmt.then[-1:])
    if not left or not isinstance(test, Apply) or test.operator != "({0} == {1})":
        return set()
    value, other = test.arguments
    if not isinstance(value, Read) or not isinstance(value.variable.type, OptionalType):
        return set()
    none = code_range(value.variable.type)[0]
    return {value.variable} if isinstance(other, Literal) and other.code == none else set()


def cannot_fail(expr: Expr, present: Collection[Variable]) -> bool:
    """`present`: locals that are not None."""
    if isinstance(expr, Apply) and expr.operator.startswith("not_none("):
        value = expr.arguments[0]
        return isinstance(value, Read) and value.variable in present
    if isinstance(expr, Call):
        return not has_site(expr)
    own = isinstance(expr, (Apply, Fold)) and expr.check is not None
    return not own and all(cannot_fail(child, present) for child in expr.children())
