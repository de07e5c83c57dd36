"""Which expressions can fail (None used as an index, an assert in a helper), and what keeps them from it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from checker.compiler.codes import none_code
from checker.compiler.ir import Apply, Call, Counted, Expr, Fold, Literal, Load, Read, Variable
from checker.compiler.ir_statements import (
    Assign,
    Check,
    Choose,
    Helper,
    If,
    Perform,
    Return,
    Stmt,
    When,
    While,
)
from checker.compiler.sites import has_site
from checker.compiler.walking import visit, walk
from checker.language.types import OptionalType

AND, OR, CHOICE, NOT = "({0} && {1})", "({0} || {1})", "({0} ? {1} : {2})", "!{0}"


def alike(one: Expr, other: Expr) -> bool:
    """The same expression, written twice."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Read) and isinstance(other, Read):
        return one.variable is other.variable
    if isinstance(one, Literal) and isinstance(other, Literal):
        return one.code == other.code
    if isinstance(one, Load) and isinstance(other, Load):
        same = one.leaf.key == other.leaf.key and one.root == other.root
    elif isinstance(one, Apply) and isinstance(other, Apply):
        same = one.operator == other.operator
    else:
        return False
    return same and all(itertools.starmap(alike, zip(one.children(), other.children(), strict=True)))


def known_in(fold: Fold) -> list[Expr]:
    """What holds where the body of a fold is evaluated."""
    return [fact for group in fold.filters for test in group for fact in conjuncts(test)]


def conjuncts(test: Expr) -> list[Expr]:
    if isinstance(test, Counted):
        return conjuncts(test.value)
    if isinstance(test, Apply) and test.operator == AND:
        return [fact for each in test.arguments for fact in conjuncts(each)]
    return [test]


def can_fail(expr: Expr, known: Sequence[Expr] = ()) -> bool:
    """May it fail, where the facts hold? `x is not None` is what keeps `k.array[x]` from it."""
    if not has_site(expr):
        return False
    if isinstance(expr, Apply):
        if expr.operator == AND:
            left, right = expr.arguments
            return can_fail(left, known) or can_fail(right, [*known, *conjuncts(left)])
        if expr.operator in (OR, CHOICE):
            first, *rest = expr.arguments
            after = (
                [[*known, *denied(first)]] if expr.operator == OR else [[*known, *conjuncts(first)], known]
            )
            return can_fail(first, known) or any(map(can_fail, rest, after))
        if expr.check is not None and not _is_discharged(expr, known):
            return True
    elif isinstance(expr, Fold):
        if expr.check is not None:
            return True
        inner = [*known, *known_in(expr)]
        return any(can_fail(child, inner) for child in expr.children())
    elif isinstance(expr, Call):
        return any(can_fail(each, known) for each in expr.arguments) or _body_can_fail(expr.helper.body, [])
    return any(can_fail(child, known) for child in expr.children())


def _body_can_fail(body: Sequence[Stmt], known: Sequence[Expr]) -> bool:
    """Of a helper: what a test that returns early leaves behind holds after it."""
    facts = list(known)
    for stmt in body:
        if isinstance(stmt, If):
            if can_fail(stmt.test, facts) or _branch_fails(stmt, facts):
                return True
            facts = [] if not _only_returns(stmt) else [*facts, *denied(stmt.test)]
        elif isinstance(stmt, Assign):
            if can_fail(stmt.value, facts):
                return True
            facts = [fact for fact in facts if not _reads(fact, stmt.variable)]
        elif isinstance(stmt, Return):
            return any(can_fail(each, facts) for each in stmt.expressions())
        else:
            return _may_hold_site(body)
    return False


def _branch_fails(stmt: If, facts: Sequence[Expr]) -> bool:
    then, orelse = [*facts, *conjuncts(stmt.test)], [*facts, *denied(stmt.test)]
    return _body_can_fail(stmt.then, then) or _body_can_fail(stmt.orelse, orelse)


def _only_returns(stmt: If) -> bool:
    return not stmt.orelse and len(stmt.then) == 1 and isinstance(stmt.then[0], Return)


def _may_hold_site(body: Sequence[Stmt]) -> bool:
    return any(
        isinstance(stmt, (Check, While)) or any(map(has_site, stmt.expressions()))
        for stmt in walk(list(body))
    )


def _reads(expr: Expr, variable: Variable) -> bool:
    found: list[Expr] = []

    def note(each: Expr) -> None:
        if isinstance(each, Read) and each.variable is variable:
            found.append(each)

    visit(expr, note)
    return bool(found)


def denied(test: Expr) -> list[Expr]:
    """What holds where a test does not: `x is None or ...`."""
    if isinstance(test, Counted):
        return denied(test.value)
    if isinstance(test, Apply) and test.operator.startswith("({0} == "):
        return [Apply(test.type, test.operator.replace("==", "!="), test.arguments)]
    if isinstance(test, Apply) and test.operator == NOT:
        return conjuncts(test.arguments[0])
    if isinstance(test, Apply) and test.operator == OR:
        return [fact for each in test.arguments for fact in denied(each)]
    return []


def _is_discharged(expr: Apply, known: Sequence[Expr]) -> bool:
    if not expr.operator.startswith("not_none("):
        return False
    value = expr.arguments[0]
    return any(_says_not_none(fact, value) for fact in known)


def _says_not_none(fact: Expr, value: Expr) -> bool:
    if not isinstance(fact, Apply) or not fact.operator.startswith("({0} != "):
        return False
    if not alike(fact.arguments[0], value):
        return False
    if len(fact.arguments) == 1:
        return True
    other = fact.arguments[1]
    none = none_code(value.type) if isinstance(value.type, OptionalType) else None
    return isinstance(other, Literal) and other.code == none


def may_end_block(helper: Helper) -> bool:
    """Can a helper that is performed fail, choose, or find that the block does not exist?"""
    for stmt in walk(helper.body):
        if isinstance(stmt, (Check, While, When, Choose)) or any(map(has_site, stmt.expressions())):
            return True
        if isinstance(stmt, Perform) and may_end_block(stmt.helper):
            return True
    return False


def sites_of(*exprs: Expr) -> int:
    """How many different failures are in there; a helper that can fail counts as two."""
    found: set[Any] = set()

    def visit(expr: Expr) -> None:
        if isinstance(expr, (Apply, Fold)) and expr.check is not None:
            found.add(expr.check)
        if isinstance(expr, Call) and _body_can_fail(expr.helper.body, []):
            found.update((expr.helper.cname, n) for n in range(2))
        for child in expr.children():
            visit(child)

    for expr in exprs:
        visit(expr)
    return len(found)
