"""Sets of tuples of which one item does not matter: what may be asked of them, and what may be removed.

Elements that differ in that item only are a fibre. Two states are alike if the same fibres have elements in
both, as long as nobody asks for one element of a fibre, and whoever removes one removes them all:
docs/design/fibres.md.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from checker.compiler.codes import code_range
from checker.compiler.ir import Apply, Call, Counted, Domain, Expr, Fold, Literal, Read, Span, Variable
from checker.compiler.ir_statements import (
    Assign,
    Choose,
    For,
    Helper,
    If,
    Jump,
    Leave,
    Perform,
    Return,
    Store,
    Yield,
)
from checker.compiler.liveness import uses
from checker.compiler.movements import bit_of, movement
from checker.compiler.orders import DOWN, FIXED, UP, Fibres, Polarity, joined
from checker.compiler.shapes import temporaries
from checker.compiler.sites import has_site
from checker.compiler.slicing import Slice, written
from checker.compiler.walking import walk
from checker.language.types import TupleType

if TYPE_CHECKING:
    from checker.compiler.monotone import Monotone


def is_whole(variable: Variable, domain: Domain) -> bool:
    """Does the loop go through all values of its variable, whatever the state is?"""
    if not isinstance(domain, Span) or domain.step != 1:
        return False
    ends = (domain.low, domain.high)
    low, high = code_range(variable.type)
    return [end.code for end in ends if isinstance(end, Literal)] == [low, high + 1]


# ---- asking whether a fibre has an element ----


def asks_of_fibres(fold: Fold, values: Monotone) -> tuple[Variable, Polarity] | None:
    """Of an `any` that goes through a whole fibre at a time: the item, and how it moves. None: it is no such.

    `any(a or (x in s and b) for item)`, x with that item, says the same as `any(a for item) or b and (some x
    is in s)`, if b does not depend on the item.
    """
    if fold.kind != "any" or any(fold.bindings):
        return None
    parts = [*(test for group in fold.filters for test in group), fold.body]
    domains = [child for _, domain in fold.loops for child in domain.children()]
    for variable, domain in fold.loops:
        if is_whole(variable, domain) and not any(variable in uses(each) for each in domains):
            found = _all_of(parts, variable, values)
            if found is not None and found.asks:
                return variable, joined([found.moves, *map(values.domain, (each for _, each in fold.loops))])
    return None


def fails_alike(fold: Fold, item: Variable, values: Monotone) -> bool:
    """Does what can fail in it depend on nothing but which fibres have elements?"""
    tests = [*(test for group in fold.filters for test in group), fold.body]
    failing = [part for test in tests for part in _parts(test) if has_site(part)]
    return not any(item in uses(each) or values.of(each) != FIXED for each in failing)


def _parts(test: Expr) -> list[Expr]:
    if isinstance(test, Apply) and test.operator == "({0} && {1})":
        return [part for argument in test.arguments for part in _parts(argument)]
    return [test]


class _Found:
    """Of an expression: does it depend on the item, does it ask for elements of a fibre, and how does it move
    if it is asked for all items?"""

    def __init__(self, depends: bool, asks: bool, moves: Polarity) -> None:
        self.depends = depends
        self.asks = asks
        self.moves = moves


def _look(
    expr: Expr, item: Variable, values: Monotone, within: frozenset[Helper] = frozenset()
) -> _Found | None:
    """None if it is of no kind that is known."""
    if isinstance(expr, Counted):
        return _look(expr.value, item, values, within)
    if item not in uses(expr):
        return _Found(False, False, values.of(expr))
    if _asks_for_element(expr, item, values):
        return _Found(True, True, UP)
    if isinstance(expr, Apply) and expr.operator == "({0} && {1})":
        return _all_of(expr.arguments, item, values, within)
    if isinstance(expr, Apply) and expr.operator == "({0} || {1})":
        parts = [_look(each, item, values, within) for each in expr.arguments]
        known = [each for each in parts if each is not None]
        asks, moves = any(each.asks for each in known), joined(each.moves for each in known)
        return _Found(True, asks, moves) if len(known) == len(parts) else None
    if isinstance(expr, Call) and values.of(expr) != FIXED:
        return _call(expr, item, values, within)
    moves = values.of(expr)
    return _Found(True, False, moves) if moves == FIXED else None


def _all_of(
    exprs: Sequence[Expr], item: Variable, values: Monotone, within: frozenset[Helper] = frozenset()
) -> _Found | None:
    """Of what is asked together, only one may depend on the item if that asks for elements."""
    parts = [_look(each, item, values, within) for each in exprs]
    known = [each for each in parts if each is not None]
    depending = [each for each in known if each.depends]
    asks = any(each.asks for each in depending)
    if len(known) < len(parts) or (asks and len(depending) > 1):
        return None
    return _Found(bool(depending), asks, joined(each.moves for each in known))


def _asks_for_element(expr: Expr, item: Variable, values: Monotone) -> bool:
    """Is it `(..., item, ...) in s`, with the item in the place that does not matter, and nowhere else?"""
    element = values.element_asked_for(expr)
    if element is None:
        return False
    members, code = element
    moves = values.order.get(members.leaf.key)
    return (
        isinstance(moves, Fibres)
        and all(values.of(each) == FIXED and item not in uses(each) for each in members.index)
        and _has_only(code, moves.item, item, values)
    )


def _has_only(code: Expr, place: int, item: Variable, values: Monotone) -> bool:
    if not isinstance(code, Apply) or not isinstance(code.type, TupleType):
        return False
    if len(code.arguments) <= place:
        return False
    others = [each for number, each in enumerate(code.arguments) if number != place]
    own = code.arguments[place]
    return (
        tuple(each.type for each in code.arguments) == code.type.items
        and isinstance(own, Read)
        and own.variable is item
        and all(values.of(each) == FIXED and item not in uses(each) for each in others)
    )


def _call(call: Call, item: Variable, values: Monotone, within: frozenset[Helper]) -> _Found | None:
    """A function of early returns, `if a: return False`, and of a value. `within`: calls around."""
    helper = call.helper
    inside = [p for p, a in zip(helper.parameters, call.arguments, strict=True) if item in uses(a)]
    given = [a for a in call.arguments if item in uses(a)]
    if len(inside) != 1 or not isinstance(given[0], Read) or helper in within:
        return None
    inner = values.inside(helper, tuple(map(values.of, call.arguments)))
    found = []
    for stmt in helper.body:
        if isinstance(stmt, If) and len(stmt.then) == 1 and not stmt.orelse:
            only = stmt.then[0]
            fixed = inner.of(stmt.test) == FIXED and inside[0] not in uses(stmt.test)
            if not fixed or not isinstance(only, Return) or not isinstance(only.value, Literal):
                return None
        elif isinstance(stmt, Return) and stmt.value is not None:
            found.append(_look(stmt.value, inside[0], inner, within | {helper}))
        else:
            return None
    return found[0] if len(found) == 1 else None


# ---- writing ----


def keeps_fibres(stmt: Store, moves: Fibres, every: Mapping[Variable, For], values: Monotone) -> bool:
    """It adds, empties the set, or removes a whole fibre. `every`: loops around that go through all values of
    their variables, and do nothing by condition."""
    if isinstance(stmt.value, Literal):
        return stmt.value.code == 0
    bit = bit_of(stmt)
    if bit is None:
        return False
    (element,) = bit.arguments
    if movement(stmt) == UP:
        return values.of(element) == FIXED
    return movement(stmt) == DOWN and any(
        _removes_all(stmt, element, moves, variable, loop, values) for variable, loop in every.items()
    )


def _removes_all(
    stmt: Store, element: Expr, moves: Fibres, variable: Variable, loop: For, values: Monotone
) -> bool:
    """One element of the same fibre in each round."""
    code: Expr | None = element
    if isinstance(element, Read):
        code = _assigned_before(stmt, loop).get(element.variable)
    if not isinstance(code, Apply) or not _has_only(code, moves.item, variable, values):
        return False
    others = [each for number, each in enumerate(code.arguments) if number != moves.item]
    inside = {inner.variable for inner in walk(loop.body) if isinstance(inner, (Assign, Choose, For))}
    same = _read_by(*others, *stmt.index)
    return same.isdisjoint({variable, *inside, *written([loop.body])}) and not _looked_at_within(stmt, loop)


def _looked_at_within(stmt: Store, loop: For) -> bool:
    """Between two rounds only a part of the fibre is gone."""
    for inner in walk(loop.body):
        own = isinstance(inner, Store) and inner.leaf.key == stmt.leaf.key and bit_of(inner)
        exprs = [own, *inner.index] if isinstance(inner, Store) and own else inner.expressions()
        if stmt.leaf.key in _read_by(*exprs):
            return True
    return False


def _read_by(*exprs: Expr) -> set[Hashable]:
    """The fields and the locals, those of functions that are called as well."""
    found = Slice(set())
    for expr in exprs:
        found.use(expr)
    return found.needed


def _assigned_before(stmt: Store, loop: For) -> dict[Variable, Expr]:
    """The locals that have one value in each round, from before this statement on."""
    once = temporaries(loop.body)
    found: dict[Variable, Expr] = {}
    for each in loop.body:
        if stmt in walk([each]):
            break
        if isinstance(each, Assign) and each.variable in once:
            found[each.variable] = each.value
    return found


def does_all(loop: For) -> bool:
    """Is it left at its end only, and is all that it does to be seen in its body?"""
    other = (Jump, Leave, Return, Yield, Perform)
    return is_whole(loop.variable, loop.domain) and not any(isinstance(s, other) for s in walk(loop.body))
