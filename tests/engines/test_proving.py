"""Obligations: what z3 proves is true of every value, and what it refutes is the least that is false."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Annotated, Any

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from checker.engines.proof import PROVED, REFUTED, UNKNOWN, VACUOUS, Result
from checker.engines.proving import prove
from checker.language import Range, Signed, Unsigned, Word, given, obligation, requires
from checker.language.errors import CheckerError, TypeRefused
from checker.language.obligations import forget, obligations

Byte, Char, Wide = (Annotated[Word, each] for each in (Unsigned(8), Signed(8), Unsigned(64)))
Nibble, Small = Annotated[Word, Unsigned(4)], Annotated[Word, Signed(4)]


class Mode(Enum):
    ADD = "add"
    MULTIPLY = "multiply"


@pytest.fixture(autouse=True)
def _own_obligations() -> Iterator[None]:
    before = obligations()
    yield
    forget(before)


def results(function: Callable[..., bool], seconds: float = 20, **keywords: Any) -> list[Result]:
    return list(prove(obligation(**keywords)(function), {}, seconds))


def test_proved_and_refuted_with_the_least_values() -> None:
    def wraps(a: Byte, b: Byte) -> bool:
        return a + b >= a

    (result,) = results(wraps)
    assert result.verdict == REFUTED and result.refutation is not None
    assert [int(value) for value in result.refutation.values.values()] == [1, 255]
    assert result.refutation.failing[0].text == "a + b >= a" and result.refutation.failing[0].fact == "0 < 1"

    def adds_up(a: Byte, b: Byte) -> bool:
        return a + b - b == a

    assert [each.verdict for each in results(adds_up)] == [PROVED]


def test_every_operator_means_what_it_means_in_python() -> None:
    """Each claim is one that plain execution decides by trying all values."""
    claims: list[Callable[[Word, Word], bool]] = [
        lambda a, b: a // (b | 1) * (b | 1) + a % (b | 1) == a,
        lambda a, b: (a >> (b & 3)) << (b & 3) == a,
        lambda a, b: a < b or b <= a,
        lambda a, b: a * b == b * a and ~a == -a - 1,
        lambda a, b: max(a, b) >= a and min(a, b) < b,
        lambda a, b: a // (b & 3) <= a,
        lambda a, b: a << b == a,
        lambda a, b: (a ^ b) + 2 * (a & b) == a + b,
        lambda a, b: Signed(8)(a) < Signed(8)(b) if a < b else Unsigned(2)(a) != Unsigned(2)(b) or a >= b,
    ]
    for spec, kind in ((Unsigned(4), Nibble), (Signed(4), Small)):
        for number, claim in enumerate(claims):
            expected = None
            order = range(16) if kind is Nibble else [*range(8), *range(-1, -9, -1)]
            for a, b in itertools.product(order, order):
                try:
                    holds = claim(spec(a), spec(b))
                except CheckerError:
                    holds = False
                if not holds:
                    expected = [a, b]
                    break

            def stated(a: Word, b: Word, claim: Callable[[Word, Word], bool] = claim) -> bool:
                return claim(a, b)

            def claimed(a, b):  # type: ignore[no-untyped-def]
                return stated(a, b)

            claimed.__name__ = f"claim{number}{spec.signed}"
            claimed.__annotations__ = {"a": kind, "b": kind}
            (result,) = results(claimed)
            assert result.verdict == (PROVED if expected is None else REFUTED), (number, spec)
            if expected is not None:
                assert result.refutation is not None
                assert [int(value) for value in result.refutation.values.values()] == expected


@settings(deadline=None, max_examples=30)
@hypothesis_given(st.integers(0, 255), st.integers(0, 255))
def test_the_least_one_is_the_least(low: int, high: int) -> None:
    def outside(x: Byte) -> bool:
        return not (Unsigned(8)(low) <= x <= Unsigned(8)(high))

    forget({})
    (result,) = results(outside)
    if low > high:
        assert result.verdict == PROVED
    else:
        assert result.refutation is not None and int(result.refutation.values["x"]) == low


def test_of_negative_values_the_one_nearest_to_zero() -> None:
    def claim(x: Char) -> bool:
        return x > -5

    (result,) = results(claim)
    assert result.refutation is not None and int(result.refutation.values["x"]) == -5


def test_assumptions_are_dropped_one_by_one() -> None:
    def claim(x: Byte, y: Byte) -> bool:
        given(y == 1)
        requires(x <= 100, "static_assert(X <= 100);", by="Kconfig")
        requires(x != 7, "BUILD_BUG_ON(X == 7);", by="the author")
        return x + y <= 200

    (result,) = results(claim, least="x")
    assert result.verdict == PROVED
    needed, idle = result.assumptions
    assert needed.needed and needed.without is not None and int(needed.without.values["x"]) == 200
    assert not idle.needed and idle.without is None


def test_an_assumption_that_nothing_enforces_refutes_what_rests_on_it() -> None:
    def claim(x: Byte) -> bool:
        requires(x > 0, "if (!x) return;")
        return 100 // x <= 100

    (result,) = results(claim)
    assert result.verdict == REFUTED and result.repaired
    assert result.refutation is not None and result.refutation.undefined == "a division by zero"
    assert int(result.refutation.values["x"]) == 0


def test_conditions_that_nothing_meets() -> None:
    def claim(x: Byte) -> bool:
        given(x < 3, x > 4)
        return x == 0

    assert [each.verdict for each in results(claim)] == [VACUOUS]


def test_cases_and_truth_values() -> None:
    def claim(mode: Mode, times: Range(1, 2), x: Byte, really: bool) -> bool:  # type: ignore[valid-type]
        given(x < 100)
        result = x + x if mode is Mode.ADD else x * times * 2
        return result >= x or not really

    found = results(claim)
    assert [(each.case["mode"], each.case["times"], each.verdict) for each in found] == [
        (Mode.ADD, 1, PROVED), (Mode.ADD, 2, PROVED), (Mode.MULTIPLY, 1, PROVED), (Mode.MULTIPLY, 2, REFUTED),
    ]  # fmt: skip
    assert found[3].refutation is not None and found[3].refutation.values["really"] is True


def test_what_z3_cannot_decide_in_time_is_not_proved() -> None:
    def is_prime(x: Wide, y: Wide) -> bool:
        given(x > 1, y > 1, x < Unsigned(64)(1) << 32, y < Unsigned(64)(1) << 32)
        return x * y != Unsigned(64)(2305843009213693951)

    (result,) = results(is_prime, seconds=0.2)
    assert result.verdict == UNKNOWN and "nothing is proved" in result.why and result.refutation is None


def test_wrong_obligations_are_refused_where_they_are() -> None:
    def mixes(x: Byte, y: Wide) -> bool:
        return y + x == y

    with pytest.raises(TypeRefused) as refused:
        results(mixes)
    assert refused.value.file == __file__ and refused.value.line == mixes.__code__.co_firstlineno + 1

    def number(x: Byte) -> bool:
        return int(x) < 3

    with pytest.raises(TypeRefused, match="stands for every value"):
        results(number)

    def endless(x: Byte) -> bool:
        while x != 3:
            x = x + Unsigned(8)(2)
        return True

    with pytest.raises(CheckerError, match="asks more than"):
        results(endless, seconds=60)

    def no_condition(x: Byte) -> bool:
        return x  # type: ignore[return-value]

    with pytest.raises(TypeRefused, match="no condition"):
        results(no_condition)

    def infinite(x: int) -> bool:
        return x == x

    with pytest.raises(TypeRefused, match="int is not finite"):
        results(infinite)
    with pytest.raises(CheckerError, match="no such parameter"):
        results(lambda: True, least="y")
