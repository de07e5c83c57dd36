"""Numbers of 64 bits and truth values that are known (Python's) or not (z3's); what is known is computed."""

from __future__ import annotations

import operator
from typing import Any

import z3

WIDTH = 64
MODULUS = 1 << WIDTH

SYMBOLIC = {
    "-": operator.sub, "*": operator.mul, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "<<": operator.lshift,
}  # fmt: skip

Bit = Any  # bool or z3.BoolRef
Number = Any  # int in 0 .. 2^64 - 1, or z3.BitVecRef of 64 bits


def bit_solver() -> z3.Solver:
    """For questions about many bits and little arithmetic: far faster here than z3's general solver."""
    return z3.SolverFor("QF_BV")


def known(value: Any) -> bool:
    return isinstance(value, (bool, int))


def term(number: Number) -> z3.BitVecRef:
    return z3.BitVecVal(number, WIDTH) if isinstance(number, int) else number


def signed(number: int) -> int:
    return number - MODULUS if number >> (WIDTH - 1) else number


def pattern(number: int) -> int:
    return number % MODULUS


def same(one: Any, other: Any) -> bool:
    if known(one) or known(other):
        return known(one) and known(other) and one == other
    return bool(one.eq(other))


def conj(*bits: Bit) -> Bit:
    left = [bit for bit in bits if bit is not True]
    if any(bit is False for bit in left):
        return False
    return True if not left else left[0] if len(left) == 1 else z3.And(*left)


def disj(*bits: Bit) -> Bit:
    left = [bit for bit in bits if bit is not False]
    if any(bit is True for bit in left):
        return True
    return False if not left else left[0] if len(left) == 1 else z3.Or(*left)


def neg(bit: Bit) -> Bit:
    if isinstance(bit, bool):
        return not bit
    return bit.arg(0) if z3.is_not(bit) else z3.Not(bit)


def choose(test: Bit, then: Any, other: Any) -> Any:
    """`then` where the test holds, else `other`: both numbers, or both truth values."""
    if isinstance(test, bool):
        return then if test else other
    if same(then, other):
        return then
    if isinstance(then, (bool, z3.BoolRef)) or isinstance(other, (bool, z3.BoolRef)):
        then, other = as_bit(then), as_bit(other)
        if then is True:
            return disj(test, other)
        if then is False:
            return conj(neg(test), other)
        if other is True:
            return disj(neg(test), then)
        if other is False:
            return conj(test, then)
        return z3.If(test, then, other)
    return z3.If(test, term(then), term(other))


def as_number(value: Any) -> Number:
    if isinstance(value, bool):
        return int(value)
    return z3.If(value, term(1), term(0)) if isinstance(value, z3.BoolRef) else value


def as_bit(value: Any) -> Bit:
    if isinstance(value, (bool, z3.BoolRef)):
        return value
    return value != 0 if isinstance(value, int) else value != term(0)


def equal(one: Any, other: Any) -> Bit:
    if isinstance(one, (bool, z3.BoolRef)) and isinstance(other, (bool, z3.BoolRef)):
        return choose(one, other, neg(other))
    one, other = as_number(one), as_number(other)
    if known(one) and known(other):
        return bool(one == other)
    return True if same(one, other) else term(one) == term(other)


def less(one: Number, other: Number, unsigned: bool) -> Bit:
    if known(one) and known(other):
        return one < other if unsigned else signed(one) < signed(other)
    return z3.ULT(term(one), term(other)) if unsigned else term(one) < term(other)


def calculate(sign: str, one: Number, other: Number, unsigned: bool) -> Number:
    """C's arithmetic on 64 bits."""
    if known(one) and known(other):
        return pattern(_known(sign, one, other, unsigned))
    a, b = term(one), term(other)
    if sign == "+":
        return b if known(one) and one == 0 else a if known(other) and other == 0 else a + b
    if sign == "/":
        return z3.UDiv(a, b) if unsigned else a / b
    if sign == "%":
        return z3.URem(a, b) if unsigned else z3.SRem(a, b)
    if sign == ">>":
        return z3.LShR(a, b) if unsigned else a >> b
    return SYMBOLIC[sign](a, b)


def _known(sign: str, one: int, other: int, unsigned: bool) -> int:
    if not unsigned or sign == "-":
        one = signed(one)
        other = other if sign in ("<<", ">>") else signed(other)
    if sign in ("/", "%"):
        quotient = 0 if other == 0 else abs(one) // abs(other)
        quotient = quotient if (one < 0) == (other < 0) else -quotient
        return quotient if sign == "/" else one - quotient * other
    if sign in ("<<", ">>") and not 0 <= other < WIDTH:
        return 0
    return int(
        {
            "+": one.__add__, "-": one.__sub__, "*": one.__mul__, "&": one.__and__, "|": one.__or__,
            "^": one.__xor__, "<<": one.__lshift__, ">>": one.__rshift__,
        }[sign](other)
    )  # fmt: skip
