"""Machine words: `Unsigned(bits)` and `Signed(bits)`, with C's arithmetic.

Two words meet only if they have the same width and signedness: C's silent conversions are where address
arithmetic goes wrong, so each has to be written as a cast, `Unsigned(64)(cpu)`.  Everything wraps around, as
it does in a kernel that is built with -fno-strict-overflow.  What C leaves undefined is a model error.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, SupportsInt

from checker.language.context import world_in_force
from checker.language.errors import ModelError, TypeRefused, UnknownName, did_you_mean
from checker.language.kinds import WordType, type_name

MOST_BITS = 64
HEXADECIMAL = 16  # bits from which on a number is read better as an address

ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def wrapped(kind: WordType, number: int) -> int:
    """The value of a type that has the same low bits."""
    pattern = number & ((1 << kind.bits) - 1)
    return pattern - (1 << kind.bits) if kind.signed and pattern >> (kind.bits - 1) else pattern


def quotient(left: int, right: int) -> int:
    """C's division, which rounds towards zero."""
    magnitude = abs(left) // abs(right)
    return magnitude if (left < 0) == (right < 0) else -magnitude


def in_words(kind: WordType, number: int) -> str:
    """A wide value is shown as an address, a narrow one as a number."""
    if kind.bits < HEXADECIMAL or -1024 < number < 1024:
        return str(number)
    return f"{number:#x}" if not kind.signed else f"{number} ({number & ((1 << kind.bits) - 1):#x})"


class Word:
    """A value of a word type.  `term` is its number; an engine that proves puts an expression there."""

    __slots__ = ("kind", "term")

    def __init__(self, kind: WordType, term: Any) -> None:
        self.kind = kind
        self.term = term

    # ---- what an engine does in another way -----------------------------------------------------------

    symbolic = False

    def calculate(self, sign: str, left: Word, right: Word) -> Word:
        number, other = int(left), int(right)
        if sign in ("//", "%") and other == 0:
            raise ModelError("a division by zero")
        if sign in ("<<", ">>") and not 0 <= other < left.kind.bits:
            raise ModelError(f"a shift by {other} of a word of {left.kind.bits} bits: undefined in C")
        if sign == "//":
            result = quotient(number, other)
        elif sign == "%":
            result = number - other * quotient(number, other)
        elif sign in ("<<", ">>"):
            result = number << other if sign == "<<" else number >> other
        else:
            result = ARITHMETIC[sign](number, other)
        return Word(left.kind, wrapped(left.kind, result))

    def compare(self, sign: str, left: Word, right: Word) -> bool:
        result = COMPARISONS[sign](int(left), int(right))
        if comparisons is not None:
            comparisons(sign, left, right, result)
        return result

    def cast(self, kind: WordType) -> Word:
        """C's conversion: the low bits, after a signed value was extended by its sign."""
        return Word(kind, wrapped(kind, int(self)))

    def __int__(self) -> int:
        return int(self.term)

    # ---- operators ------------------------------------------------------------------------------------

    def _partner(self, sign: str, other: object) -> Word:
        """The other operand as a word of this type; a number has to fit, as a constant in C would."""
        if isinstance(other, Word):
            if other.kind != self.kind and sign not in ("<<", ">>"):
                raise TypeRefused(
                    f"{type_name(self.kind)} {sign} {type_name(other.kind)}: C would convert one silently",
                    advice=f"write the cast that is meant, such as {type_name(self.kind)}(...)",
                )
            return other
        if type(other) is not int:
            raise TypeRefused(
                f"{type_name(self.kind)} {sign} {type(other).__name__} has no meaning",
                advice="a word meets words of its own type, and numbers that fit into it",
            )
        if sign in ("<<", ">>"):
            return Word(WordType(32, True), other)
        if wrapped(self.kind, other) != other:
            raise TypeRefused(
                f"{other} does not fit into {type_name(self.kind)}",
                advice=f"write the cast that is meant: {type_name(self.kind)}({other})",
            )
        return Word(self.kind, other)

    def _with(self, sign: str, other: object, swapped: bool = False) -> Word:
        partner = self._partner(sign, other)
        left, right = (partner, self) if swapped else (self, partner)
        if swapped and sign in ("<<", ">>"):
            raise TypeRefused(
                f"a number shifted by {type_name(self.kind)} has no width",
                advice="cast the number, such as Unsigned(64)(1) << n",
            )
        return (right if right.symbolic else left).calculate(sign, left, right)

    def _than(self, sign: str, other: object) -> bool:
        partner = self._partner(sign, other)
        return (partner if partner.symbolic else self).compare(sign, self, partner)

    def __add__(self, other: object) -> Word:
        return self._with("+", other)

    def __radd__(self, other: object) -> Word:
        return self._with("+", other, True)

    def __sub__(self, other: object) -> Word:
        return self._with("-", other)

    def __rsub__(self, other: object) -> Word:
        return self._with("-", other, True)

    def __mul__(self, other: object) -> Word:
        return self._with("*", other)

    def __rmul__(self, other: object) -> Word:
        return self._with("*", other, True)

    def __floordiv__(self, other: object) -> Word:
        return self._with("//", other)

    def __rfloordiv__(self, other: object) -> Word:
        return self._with("//", other, True)

    def __mod__(self, other: object) -> Word:
        return self._with("%", other)

    def __rmod__(self, other: object) -> Word:
        return self._with("%", other, True)

    def __lshift__(self, other: object) -> Word:
        return self._with("<<", other)

    def __rlshift__(self, other: object) -> Word:
        return self._with("<<", other, True)

    def __rshift__(self, other: object) -> Word:
        return self._with(">>", other)

    def __rrshift__(self, other: object) -> Word:
        return self._with(">>", other, True)

    def __and__(self, other: object) -> Word:
        return self._with("&", other)

    def __rand__(self, other: object) -> Word:
        return self._with("&", other, True)

    def __or__(self, other: object) -> Word:
        return self._with("|", other)

    def __ror__(self, other: object) -> Word:
        return self._with("|", other, True)

    def __xor__(self, other: object) -> Word:
        return self._with("^", other)

    def __rxor__(self, other: object) -> Word:
        return self._with("^", other, True)

    def __neg__(self) -> Word:
        return Word(self.kind, 0)._with("-", self)

    def __invert__(self) -> Word:
        return self._with("^", Word(self.kind, wrapped(self.kind, -1)))

    def __lt__(self, other: object) -> bool:
        return self._than("<", other)

    def __le__(self, other: object) -> bool:
        return self._than("<=", other)

    def __gt__(self, other: object) -> bool:
        return self._than(">", other)

    def __ge__(self, other: object) -> bool:
        return self._than(">=", other)

    def __eq__(self, other: object) -> bool:
        return False if other is None else self._than("==", other)

    def __ne__(self, other: object) -> bool:
        return True if other is None else self._than("!=", other)

    def __hash__(self) -> int:
        return hash(self.term)

    def __bool__(self) -> bool:
        raise TypeRefused("a word is not a condition", advice="compare it, such as x != 0")

    def __repr__(self) -> str:
        return in_words(self.kind, int(self))


# Who wants to hear of each comparison of two words: the one that explains a refuted claim.
comparisons: Callable[[str, Word, Word, bool], None] | None = None


@dataclass(frozen=True)
class WordSpec:
    """`Unsigned(64)` or `Signed("bits")` as written: a type, and called with a value a cast to it."""

    bits: int | str
    signed: bool

    def __post_init__(self) -> None:
        if type(self.bits) is int and not 1 <= self.bits <= MOST_BITS:
            raise TypeRefused(f"{self}: a word has 1 to {MOST_BITS} bits")

    def __str__(self) -> str:
        return f"{'Signed' if self.signed else 'Unsigned'}({self.bits!r})"

    def kind(self) -> WordType:
        """The type it stands for: in the world in force, where the width is a bound."""
        if isinstance(self.bits, int):
            return WordType(self.bits, self.signed)
        known = world_in_force().bounds
        if self.bits not in known:
            raise UnknownName(f"{self}: there is no such bound{did_you_mean(self.bits, known)}")
        return WordSpec(known[self.bits], self.signed).kind()

    def __call__(self, value: SupportsInt) -> Word:
        kind = self.kind()
        if isinstance(value, Word):
            return value.cast(kind)
        return Word(kind, wrapped(kind, int(value)))

    def __or__(self, other: object) -> Any:
        from checker.language.types import optional_of

        return optional_of(self)


def Unsigned(bits: int | str) -> WordSpec:
    """An unsigned word: 0 .. 2^bits - 1. `bits` may be the name of a bound."""
    return WordSpec(bits, False)


def Signed(bits: int | str) -> WordSpec:
    """A signed word in two's complement. `bits` may be the name of a bound."""
    return WordSpec(bits, True)
