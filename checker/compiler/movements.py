"""Which way a statement moves the set or the bool that it writes to."""

from __future__ import annotations

from checker.compiler.ir import Apply, Expr, Literal, Load
from checker.compiler.ir_statements import Store
from checker.compiler.orders import DOWN, MIXED, UP, Polarity
from checker.compiler.shapes import shape
from checker.language.types import BoolType, SetType

_BIT = "(UINT64_C(1) << "


def movement(stmt: Store) -> Polarity:
    """UP: it adds to a set or switches on, DOWN: it removes or switches off, MIXED: neither."""
    value = stmt.value
    if isinstance(stmt.leaf.type, BoolType) and isinstance(value, Literal):
        return UP if value.code else DOWN
    if not isinstance(stmt.leaf.type, SetType):
        return MIXED
    if isinstance(value, Literal) and value.code == 0:
        return DOWN
    if not isinstance(value, Apply) or not value.arguments or not _is_old(value.arguments[0], stmt):
        return MIXED
    ways = {"({0} | {1})": UP, "({0} & ~{1})": DOWN, "({0} & {1})": DOWN}
    return ways.get(value.operator, MIXED)


def bit_of(stmt: Store) -> Apply | None:
    """What stands for the one element that it adds or removes."""
    value = stmt.value
    one = isinstance(value, Apply) and movement(stmt) in (UP, DOWN) and len(value.arguments) == 2
    bit = value.arguments[1] if one and isinstance(value, Apply) else None
    return bit if isinstance(bit, Apply) and bit.operator.startswith(_BIT) else None


def _is_old(value: Expr, stmt: Store) -> bool:
    """The same element, of the same state, as is stored to."""
    if not isinstance(value, Load) or value.leaf.key != stmt.leaf.key or value.root != stmt.root:
        return False
    return [shape(i, {}) for i in value.index] == [shape(i, {}) for i in stmt.index]
