"""Operators on numbers, indexes and sets: their C form, their interval, and what they may not do."""

from __future__ import annotations

import ast
from typing import Any

from checker.compiler import advice, word_arithmetic
from checker.compiler.codes import BOOL, code_range, describe, is_number, is_word, set_size
from checker.compiler.ir import Apply, Expr, Literal
from checker.compiler.ir_statements import Site
from checker.compiler.source import Source
from checker.language.types import IndexType, RangeType, SetType

NUMBER_LIMIT = (1 << 31) - 1  # an intermediate value beyond this is refused: C's int holds all others
OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip
COMPARISONS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "==", ast.IsNot: "!=",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def binary(source: Source, node: ast.AST, operator: ast.operator, left: Expr, right: Expr) -> Expr:
    """`left operator right` for scalars and set values."""
    sign = OPERATORS.get(type(operator))
    if sign is None:
        source.unsupported(
            node,
            "this operator is not in the language",
            advice.OPERATORS.get(type(operator), "use + - * // % << >> & | ^"),
        )
    if is_word(left.type) or is_word(right.type):
        return word_arithmetic.binary(source, node, sign, left, right)
    if isinstance(left.type, SetType) and left.type == right.type and sign in "|&-^":
        return Apply(left.type, "({0} & ~{1})" if sign == "-" else f"({{0}} {sign} {{1}})", (left, right))
    if left.type == right.type == BOOL and sign in "|&^":  # both sides are looked at, unlike `or` and `and`
        return Apply(BOOL, f"(({{0}} {sign} {{1}}) != 0)", (left, right))
    if isinstance(left.type, IndexType):
        return _index(source, node, sign, left, right)
    if not (is_number(left.type) and is_number(right.type)):
        source.type_error(
            node,
            f"{describe(left.type)} {sign} {describe(right.type)} has no meaning",
            "convert with int(...) first, or combine two sets of the same element type",
        )
    return _number(source, node, sign, left, right)


def _index(source: Source, node: ast.AST, sign: str, left: Expr, right: Expr) -> Expr:
    assert isinstance(left.type, IndexType)
    if left.type == right.type and sign == "-":
        size = len(left.type.index)
        return Apply(RangeType(1 - size, size - 1), "({0} - {1})", (left, right))
    if not is_number(right.type) or sign not in "+-^":
        source.type_error(
            node,
            f"{describe(left.type)} {sign} {describe(right.type)} has no meaning",
            f"an index takes + - ^ with a number; for all else use int(...) and {describe(left.type)}(...)",
        )
    low, high = code_range(left.type)
    plain = RangeType(low, high)
    value = _number(source, node, sign, Apply(plain, "{0}", (left,)), right)
    return within(source, node, value, left.type, f"a {describe(left.type)} out of range")


def _number(source: Source, node: ast.AST, sign: str, left: Expr, right: Expr) -> Expr:
    if isinstance(left, Literal) and isinstance(right, Literal):
        value = _constant(source, node, sign, left.code, right.code)
        return Literal(RangeType(value, value), value)
    low, high = _interval(source, node, sign, code_range(left.type), code_range(right.type))
    if low < -NUMBER_LIMIT or high > NUMBER_LIMIT:
        source.type_error(
            node,
            f"the value may lie anywhere in {low} .. {high}, and a number has at most 31 bits",
            "narrow an operand: annotate a local with x: Range(lo, hi) = ...",
        )
    result = RangeType(low, high)
    if sign in ("//", "%"):
        return _division(source, node, sign, left, right, result)
    if sign in ("<<", ">>"):
        right = at_least(source, node, right, 0, "a negative shift count")
    return Apply(result, f"({{0}} {sign} {{1}})", (left, right))


def _division(source: Source, node: ast.AST, sign: str, left: Expr, right: Expr, result: RangeType) -> Expr:
    """Python's division, which rounds down; C's own where nothing is negative."""
    low, high = code_range(right.type)
    if low <= 0 <= high:
        site = Site("model error", "a division by zero", source.place(node))
        right = Apply(right.type, "not_none(b, {0}, 0, {site})", (right,), site)
    if code_range(left.type)[0] >= 0 and low >= 0:
        return Apply(result, f"({{0}} {sign[0]} {{1}})", (left, right))
    return Apply(
        result, f"{'floor_quotient' if sign == '//' else 'floor_remainder'}({{0}}, {{1}})", (left, right)
    )


def _constant(source: Source, node: ast.AST, sign: str, left: int, right: int) -> int:
    if sign in ("//", "%") and right == 0:
        source.type_error(node, "a division by zero", "divide by something else")
    if sign in ("<<", ">>") and not 0 <= right < 64:
        source.type_error(node, f"a shift by {right}", "shift by 0 to 63")
    results: dict[str, Any] = {
        "+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right,
        "//": lambda: left // right, "%": lambda: left % right,
        "<<": lambda: left << right, ">>": lambda: left >> right,
        "&": lambda: left & right, "|": lambda: left | right, "^": lambda: left ^ right,
    }  # fmt: skip
    return int(results[sign]())


def _interval(
    source: Source, node: ast.AST, sign: str, one: tuple[int, int], other: tuple[int, int]
) -> tuple[int, int]:
    (a, b), (c, d) = one, other
    if sign == "+":
        return a + c, b + d
    if sign == "-":
        return a - d, b - c
    if sign == "*":
        corners = (a * c, a * d, b * c, b * d)
        return min(corners), max(corners)
    if sign == "//":
        divisors = [n for n in (c, -1, 1, d) if n and c <= n <= d] or [1]
        quotients = [n // divisor for n in (a, b) for divisor in divisors]
        return min(quotients), max(quotients)
    if sign == "%":
        low, high = min(0, c + 1), max(0, d - 1)
        return (low, high) if a < 0 or c < 0 else (0, min(b, high))
    if sign == "<<":
        if d > 40:
            source.type_error(node, f"a shift by up to {d}", "narrow the shift count")
        corners = (a << max(c, 0), a << max(d, 0), b << max(c, 0), b << max(d, 0))
        return min(corners), max(corners)
    if sign == ">>":
        return min(a >> max(c, 0), a >> max(d, 0)), max(b >> max(c, 0), b >> max(d, 0))
    bits = max(abs(x) for x in (a, b, c, d)).bit_length()
    if min(a, c) >= 0:
        return 0, min(b, d) if sign == "&" else (1 << bits) - 1
    return -(1 << bits), (1 << bits) - 1


def at_least(source: Source, node: ast.AST, value: Expr, bound: int, what: str) -> Expr:
    low, high = code_range(value.type)
    if low >= bound:
        return value
    site = Site("model error", what, source.place(node))
    return Apply(
        RangeType(bound, max(high, bound)),
        f"in_range(b, {{0}}, {bound}, INT64_MAX, {{site}})",
        (value,),
        site,
    )


def within(source: Source, node: ast.AST, value: Expr, kind: Any, what: str) -> Expr:
    """`value` as a `kind`; a model error where it is out of its range."""
    low, high = code_range(kind)
    value_low, value_high = code_range(value.type)
    if isinstance(value, Literal):
        if low <= value.code <= high:
            return Literal(kind, value.code)
        source.type_error(node, f"{value.code}: {what} ({low} .. {high})", "use a value in the range")
    if low <= value_low and value_high <= high:
        return Apply(kind, "{0}", (value,))
    site = Site("model error", f"{what} ({low} .. {high})", source.place(node))
    return Apply(kind, f"in_range(b, {{0}}, {low}, {high}, {{site}})", (value,), site)


def compare(source: Source, node: ast.AST, operator: ast.cmpop, left: Expr, right: Expr) -> Expr:
    sign = COMPARISONS[type(operator)]
    if is_word(left.type) or is_word(right.type):
        return word_arithmetic.compare(source, node, sign, left, right)
    if sign in ("==", "!="):
        return Apply(BOOL, f"({{0}} {sign} {{1}})", (left, right))
    ordered = is_number(left.type) and is_number(right.type)
    ordered = ordered or (isinstance(left.type, IndexType) and left.type == right.type)
    if isinstance(left.type, SetType) and left.type == right.type:
        return _subset(sign, left, right)
    if not ordered:
        source.type_error(
            node,
            f"{describe(left.type)} {sign} {describe(right.type)} has no meaning",
            "only numbers, and members of one Index, are ordered",
        )
    return Apply(BOOL, f"({{0}} {sign} {{1}})", (left, right))


def _subset(sign: str, left: Expr, right: Expr) -> Expr:
    smaller, larger = (left, right) if sign in ("<", "<=") else (right, left)
    subset = Apply(BOOL, "(({0} & ~{1}) == 0)", (smaller, larger))
    if sign in ("<=", ">="):
        return subset
    return Apply(BOOL, "({0} && {1})", (subset, Apply(BOOL, "({0} != {1})", (smaller, larger))))


def element_bit(set_type: SetType, element: Expr) -> Expr:
    low, _ = code_range(set_type.of)
    shift = "{0}" if low == 0 else f"({{0}} - ({low}))"
    return Apply(set_type, f"(UINT64_C(1) << {shift})", (element,))


def member_of(set_type: SetType, value: Expr, element: Expr) -> Expr:
    low, _ = code_range(set_type.of)
    shift = "{1}" if low == 0 else f"({{1}} - ({low}))"
    return Apply(BOOL, f"(bool)(({{0}} >> {shift}) & 1)", (value, element))


def size_of(set_type: SetType, value: Expr) -> Expr:
    return Apply(RangeType(0, set_size(set_type)), "__builtin_popcountll({0})", (value,))
