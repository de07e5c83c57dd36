"""Words compute as C does: against plain integers, on any operands."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.language import Signed, Unsigned, Word
from checker.language.errors import CheckerError, ModelError, TypeRefused

NUMBERS = st.integers(-(1 << 70), 1 << 70)
SPECS = st.builds(
    lambda bits, signed: (Signed if signed else Unsigned)(bits), st.integers(1, 64), st.booleans()
)
WRAPPING: list[Callable[[int, int], int]] = [
    operator.add, operator.sub, operator.mul, operator.and_, operator.or_, operator.xor,
]  # fmt: skip
ORDER = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


def as_c_has_it(word: Word, exact: int) -> bool:
    """Is the word the one value of its type that has the low bits of the exact result?"""
    kind = word.kind
    return kind.lo <= int(word) <= kind.hi and (int(word) - exact) % (1 << kind.bits) == 0


@settings(deadline=None)
@given(SPECS, NUMBERS, NUMBERS)
def test_arithmetic_wraps_around(spec: object, a: int, b: int) -> None:
    assert callable(spec)
    left, right = spec(a), spec(b)
    assert as_c_has_it(left, a)
    for each in WRAPPING:
        assert as_c_has_it(each(left, right), each(int(left), int(right)))
    assert as_c_has_it(-left, -int(left)) and as_c_has_it(~left, ~int(left))
    for each in ORDER:
        assert each(left, right) is each(int(left), int(right))


@settings(deadline=None)
@given(SPECS, NUMBERS, NUMBERS)
def test_division_rounds_towards_zero(spec: object, a: int, b: int) -> None:
    assert callable(spec)
    left, right = spec(a), spec(b)
    if int(right) == 0:
        with pytest.raises(ModelError):
            left // right
        return
    rest = left % right
    assert as_c_has_it(left // right * right + rest, int(left))
    assert abs(int(rest)) < abs(int(right)) and int(rest) * int(left) >= 0


@settings(deadline=None)
@given(SPECS, NUMBERS, st.integers(-2, 70))
def test_shifts(spec: object, a: int, count: int) -> None:
    assert callable(spec)
    word = spec(a)
    if not 0 <= count < word.kind.bits:
        with pytest.raises(ModelError):
            word << count
        return
    assert as_c_has_it(word << count, int(word) * 2**count)
    assert int(word >> count) == int(word) // 2**count


@settings(deadline=None)
@given(SPECS, SPECS, NUMBERS)
def test_casts_keep_the_low_bits_and_extend_the_sign(one: object, other: object, a: int) -> None:
    assert callable(one) and callable(other)
    assert as_c_has_it(other(one(a)), int(one(a)))


def test_silent_conversions_are_refused() -> None:
    for wrong in (
        lambda: Unsigned(64)(1) + Signed(64)(1),
        lambda: Unsigned(64)(1) < Unsigned(32)(1),
        lambda: Unsigned(8)(1) + 256,
        lambda: Unsigned(8)(1) > -1,
        lambda: Unsigned(8)(1) + True,
        lambda: 1 << Unsigned(8)(1),
        lambda: bool(Unsigned(8)(1)),
    ):
        with pytest.raises(TypeRefused) as refused:
            wrong()
        assert refused.value.advice


@pytest.mark.parametrize("bits", [0, 65, -1])
def test_widths(bits: int) -> None:
    with pytest.raises(CheckerError):
        Unsigned(bits)
