"""Machine words in C: a word's code is its bit pattern, in a uint64_t whose higher bits are zero."""

from __future__ import annotations

import ast
from typing import Any, NoReturn

from checker.compiler.codes import BOOL, code_range, decode, describe, encode, is_word
from checker.compiler.ir import Apply, Expr, Literal
from checker.compiler.ir_statements import Site
from checker.compiler.source import Source
from checker.compiler.wording import a
from checker.language.errors import CheckerError
from checker.language.types import BoolType, IndexType, RangeType, WordType
from checker.language.words import Word

NARROW = 31  # bits of a word that int() takes: what a number of the language may have
FULL = 64


def _mask(kind: WordType) -> str:
    return "" if kind.bits == FULL else f" & UINT64_C({(1 << kind.bits) - 1:#x})"


def _signed(kind: WordType, argument: str) -> str:
    """A signed word's number: its highest bit is its sign."""
    return f"extended({argument}, {kind.bits})"


def binary(source: Source, node: ast.AST, sign: str, left: Expr, right: Expr) -> Expr:
    """`left sign right` where one of them is a word."""
    shift = sign in ("<<", ">>")
    if not isinstance(left.type, WordType):
        if shift:
            _refuse(source, node, sign, left, right, "cast the number, such as Unsigned(64)(1) << n")
        assert isinstance(right.type, WordType)
        left = operand(source, node, sign, left, right)
    kind = left.type
    assert isinstance(kind, WordType)
    if not shift:
        _same_type(source, node, sign, left, right)
    right = _count(source, node, right, kind) if shift else operand(source, node, sign, right, left)
    if isinstance(left, Literal) and isinstance(right, Literal):
        return _folded(source, node, sign, left, right)
    if sign in ("//", "%"):
        site = Site("model error", "a division by zero", source.place(node))
        right = Apply(kind, "(uint64_t)not_none(b, (int64_t){0}, 0, {site})", (right,), site)
        if not kind.signed:
            return Apply(kind, f"({{0}} {sign[0]} {{1}})", (left, right))
        name = "word_quotient" if sign == "//" else "word_remainder"
        value = f"{name}({_signed(kind, '{0}')}, {_signed(kind, '{1}')})"
        return Apply(kind, f"({value}{_mask(kind)})", (left, right))
    if sign == ">>":
        value = f"(uint64_t)({_signed(kind, '{0}')} >> {{1}})" if kind.signed else "({0} >> {1})"
        return Apply(kind, f"({value}{_mask(kind)})", (left, right))
    return Apply(kind, f"(({{0}} {sign} {{1}}){_mask(kind)})", (left, right))


def _folded(source: Source, node: ast.AST, sign: str, left: Literal, right: Literal) -> Expr:
    one = decode(left.type, left.code)
    other = decode(right.type, right.code)
    try:
        partner = other if isinstance(other, Word) else Word(WordType(32, True), other)
        result = one.calculate(sign, one, partner)
    except CheckerError as problem:
        source.type_error(node, problem.text, "see what C defines")
    return Literal(result.kind, encode(result.kind, result))


def operand(source: Source, node: ast.AST, sign: str, value: Expr, partner: Expr) -> Expr:
    """`value` as a word of the partner's type: one already, or a number that is sure to fit."""
    kind = partner.type
    assert isinstance(kind, WordType)
    if value.type == kind:
        return value
    if isinstance(value.type, RangeType):
        low, high = code_range(value.type)
        if kind.lo <= low and high <= kind.hi:
            return cast(source, node, value, kind)
        fits = f"cast it, such as {describe(kind)}(...), or narrow it"
        source.type_error(node, f"{describe(value.type)} may not fit into {describe(kind)}", fits)
    _refuse(source, node, sign, value, partner, "a word meets words of its own type, and numbers that fit")


def _same_type(source: Source, node: ast.AST, sign: str, left: Expr, right: Expr) -> None:
    """C would convert one of two different words silently."""
    if is_word(left.type) and is_word(right.type) and left.type != right.type:
        advice = f"write the cast that is meant, such as {describe(left.type)}(...)"
        _refuse(source, node, sign, left, right, advice)


def _refuse(source: Source, node: ast.AST, sign: str, one: Expr, other: Expr, advice: str) -> NoReturn:
    source.type_error(node, f"{describe(one.type)} {sign} {describe(other.type)} has no meaning", advice)


def _count(source: Source, node: ast.AST, count: Expr, kind: WordType) -> Expr:
    """How far to shift: C leaves all but 0 .. bits - 1 undefined."""
    given = count.type
    if not isinstance(given, RangeType | WordType):
        source.type_error(node, f"a shift by {a(describe(given))}", "shift by a number or a word")
    number = count
    if isinstance(given, WordType) and isinstance(count, Literal):
        known = int(decode(given, count.code))
        given, number = RangeType(known, known), Literal(RangeType(known, known), known)
    elif isinstance(given, WordType):
        text = _signed(given, "{0}") if given.signed else "(int64_t){0}"
        number = Apply(RangeType(0, kind.bits - 1), text, (count,))
    if given.lo >= 0 and given.hi < kind.bits:
        return number
    text = f"{describe(kind)} is shifted by less than 0 or by {kind.bits} or more: undefined in C"
    site = Site("model error", text, source.place(node))
    return Apply(
        RangeType(0, kind.bits - 1), f"in_range(b, {{0}}, 0, {kind.bits - 1}, {{site}})", (number,), site
    )


def compare(source: Source, node: ast.AST, sign: str, left: Expr, right: Expr) -> Expr:
    """A comparison as C makes it for two operands of one type."""
    _same_type(source, node, sign, left, right)
    left = operand(source, node, sign, left, right) if not is_word(left.type) else left
    right = operand(source, node, sign, right, left)
    kind = left.type
    assert isinstance(kind, WordType)
    if isinstance(left, Literal) and isinstance(right, Literal):
        one, other = decode(kind, left.code), decode(kind, right.code)
        return Literal(BOOL, int(one.compare(sign, one, other)))
    if kind.signed and sign not in ("==", "!="):
        return Apply(BOOL, f"({_signed(kind, '{0}')} {sign} {_signed(kind, '{1}')})", (left, right))
    return Apply(BOOL, f"({{0}} {sign} {{1}})", (left, right))


def unary(source: Source, node: ast.AST, sign: str, value: Expr) -> Expr:
    """-x is 0 - x, ~x is x ^ -1."""
    kind = value.type
    assert isinstance(kind, WordType)
    zero = Literal(kind, 0 if sign == "-" else (1 << kind.bits) - 1)
    return binary(source, node, "-" if sign == "-" else "^", zero, value)


def cast(source: Source, node: ast.AST, value: Expr, kind: WordType) -> Expr:
    """C's conversion, from a word or a number."""
    if isinstance(value, Literal) and isinstance(value.type, WordType | RangeType | IndexType | BoolType):
        number = int(decode(value.type, value.code))
        return Literal(kind, number & ((1 << kind.bits) - 1))
    if isinstance(value.type, WordType):
        if value.type.signed and value.type.bits < kind.bits:
            return Apply(kind, f"((uint64_t){_signed(value.type, '{0}')}{_mask(kind)})", (value,))
        return Apply(kind, f"({{0}}{_mask(kind)})" if value.type.bits > kind.bits else "{0}", (value,))
    if isinstance(value.type, RangeType | IndexType | BoolType):
        return Apply(kind, f"((uint64_t)(int64_t){{0}}{_mask(kind)})", (value,))
    source.type_error(
        node, f"{a(describe(value.type))} is no number", "cast a word, a number, an index or a bool"
    )


def number(source: Source, node: ast.AST, value: Expr) -> Expr:
    """int(word)"""
    kind = value.type
    assert isinstance(kind, WordType)
    if isinstance(value, Literal):
        known = int(decode(kind, value.code))
        return Literal(RangeType(known, known), known)
    if kind.bits > NARROW:
        source.type_error(
            node, f"int() of a word of {kind.bits} bits", f"cast it to at most {NARROW} bits first"
        )
    text = _signed(kind, "{0}") if kind.signed else "(int64_t){0}"
    return Apply(RangeType(kind.lo, kind.hi), text, (value,))


def larger(name: str, kind: Any, one: Expr, other: Expr) -> Expr:
    """min and max of two words."""
    sign = "<" if name == "min" else ">"
    sides = [_signed(kind, text) if kind.signed else text for text in ("{0}", "{1}")]
    return Apply(kind, f"({sides[0]} {sign} {sides[1]} ? {{0}} : {{1}})", (one, other))
