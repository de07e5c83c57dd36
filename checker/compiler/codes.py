"""How values are numbered in C: an enum member and an index by position, None one below the smallest code."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checker.language.index import Index
from checker.language.types import (
    BoolType,
    EnumType,
    IndexType,
    OptionalType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    WordType,
    type_name,
)
from checker.language.words import Word, wrapped

WORD_BITS = 64
SET_LIMIT = 4096  # members of a set's element type: one bit each


@dataclass(frozen=True)
class NoneOnly:
    """The type of a local that has only been given None so far."""


BOOL = BoolType()
_NONE: Any = type("None", (), {})
EMPTY = SetType(BOOL)  # the type of set() until something is known of its members


def code_range(kind: Any) -> tuple[int, int]:
    """Smallest and largest code of a scalar type."""
    if isinstance(kind, BoolType):
        return 0, 1
    if isinstance(kind, EnumType):
        return 0, len(list(kind.enum)) - 1
    if isinstance(kind, IndexType):
        return 0, len(kind.index) - 1
    if isinstance(kind, RangeType):
        return int(kind.lo), int(kind.hi)
    if isinstance(kind, WordType):
        return 0, (1 << kind.bits) - 1
    if isinstance(kind, TupleType):
        product = 1
        for item in kind.items:
            low, high = code_range(item)
            product *= high - low + 1
        return 0, product - 1
    if isinstance(kind, OptionalType):
        low, high = code_range(kind.of)
        return low - 1, high
    if isinstance(kind, NoneOnly):
        return -1, -1
    raise TypeError(f"{kind} has no codes")


def is_scalar(kind: Any) -> bool:
    return isinstance(kind, (ScalarType, NoneOnly))


def is_number(kind: Any) -> bool:
    return isinstance(kind, RangeType)


def is_word(kind: Any) -> bool:
    return isinstance(kind, WordType)


def none_code(kind: OptionalType) -> int:
    return code_range(kind)[0]


def set_size(kind: SetType) -> int:
    low, high = code_range(kind.of)
    return high - low + 1


def set_words(kind: SetType) -> int:
    """Words of C that a set takes, a bit for each possible member."""
    return max(1, -(-set_size(kind) // WORD_BITS))


def width(kind: Any) -> int:
    """Bits a value takes in a packed state."""
    if isinstance(kind, SetType):
        return set_size(kind)
    low, high = code_range(kind)
    return (high - low).bit_length()


def encode(kind: Any, value: Any) -> int:
    """The code of a Python value; ValueError if the type does not have it."""
    if isinstance(kind, OptionalType):
        return none_code(kind) if value is None else encode(kind.of, value)
    if isinstance(kind, NoneOnly) and value is None:
        return -1
    if isinstance(kind, BoolType) and isinstance(value, bool):
        return int(value)
    if isinstance(kind, EnumType) and isinstance(value, kind.enum):
        return list(kind.enum).index(value)
    if isinstance(kind, IndexType) and isinstance(value, kind.index) and 0 <= int(value) < len(kind.index):
        return int(value)
    if isinstance(kind, RangeType) and type(value) is int and kind.lo <= value <= kind.hi:
        return value
    if isinstance(kind, WordType) and isinstance(value, Word) and value.kind == kind:
        return int(value) & ((1 << kind.bits) - 1)
    if isinstance(kind, TupleType) and isinstance(value, tuple) and len(value) == len(kind.items):
        code = 0
        for item, part in zip(kind.items, value, strict=True):
            low, high = code_range(item)
            code = code * (high - low + 1) + encode(item, part) - low
        return code
    if isinstance(kind, SetType):
        low, _ = code_range(kind.of)
        return sum(1 << (encode(kind.of, member) - low) for member in value)
    raise ValueError(f"{value!r} is not a {describe(kind)}")


def decode(kind: Any, code: int) -> Any:
    """The Python value of a code."""
    if isinstance(kind, OptionalType):
        return None if code == none_code(kind) else decode(kind.of, code)
    if isinstance(kind, BoolType):
        return bool(code)
    if isinstance(kind, EnumType):
        return list(kind.enum)[code]
    if isinstance(kind, IndexType):
        return kind.index(code)
    if isinstance(kind, RangeType):
        return code
    if isinstance(kind, WordType):
        return Word(kind, wrapped(kind, code))
    if isinstance(kind, TupleType):
        parts: list[Any] = []
        for item in reversed(kind.items):
            low, high = code_range(item)
            code, part = divmod(code, high - low + 1)
            parts.append(decode(item, part + low))
        return tuple(reversed(parts))
    if isinstance(kind, SetType):
        low, _ = code_range(kind.of)
        return frozenset(decode(kind.of, bit + low) for bit in range(set_size(kind)) if code >> bit & 1)
    raise TypeError(f"{kind} has no codes")


def type_of_class(owner: type) -> Any:
    """The type whose values are the members of an Index or an Enum; None of any other class."""
    if issubclass(owner, Index):
        return IndexType(owner)
    return EnumType(owner) if issubclass(owner, enum.Enum) else None


def type_of_constant(value: Any) -> Any:
    """The type of a Python constant, or None if it is no value of the language."""
    if value is None:
        return NoneOnly()
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, enum.Enum):  # before int: of an IntEnum it is both
        return EnumType(type(value))
    if isinstance(value, int):
        return RangeType(value, value)
    if isinstance(value, Word):
        return value.kind
    if isinstance(value, Index):
        return IndexType(type(value))
    if isinstance(value, tuple):
        items = [type_of_constant(part) for part in value]
        return TupleType(tuple(items)) if all(item is not None for item in items) else None
    return None


def join(one: Any, other: Any) -> Any | None:
    """The smallest type that holds the values of both, or None if there is none."""
    if one == other:
        return one
    if isinstance(one, NoneOnly):
        return other if isinstance(other, OptionalType) else OptionalType(other) if is_scalar(other) else None
    if isinstance(other, NoneOnly):
        return join(other, one)
    if isinstance(one, OptionalType) or isinstance(other, OptionalType):
        inner_one = one.of if isinstance(one, OptionalType) else one
        inner_other = other.of if isinstance(other, OptionalType) else other
        inner = join(inner_one, inner_other)
        return None if inner is None else OptionalType(inner)
    if isinstance(one, RangeType) and isinstance(other, RangeType):
        return RangeType(min(one.lo, other.lo), max(one.hi, other.hi))
    if isinstance(one, TupleType) and isinstance(other, TupleType) and len(one.items) == len(other.items):
        items: list[Any] = [join(a, b) for a, b in zip(one.items, other.items, strict=True)]
        return TupleType(tuple(items)) if all(item is not None for item in items) else None
    if isinstance(one, SetType) and isinstance(other, SetType) and EMPTY not in (one, other):
        member = join(one.of, other.of)
        return None if member is None else SetType(member)
    return None


def join_all(kinds: Iterable[Any]) -> Any | None:
    """The smallest type for the values of all; None if there is none, or if one is no type at all."""
    return functools.reduce(lambda one, other: None if None in (one, other) else join(one, other), kinds)


def contains(outer: Any, inner: Any) -> bool:
    """Does every value of `inner` belong to `outer`?"""
    return join(outer, inner) == outer


def describe(kind: Any) -> str:
    """A type as its reader would write it; of one number, that number."""
    if isinstance(kind, RangeType) and kind.lo == kind.hi:
        return f"the number {kind.lo}"
    return type_name(_nameable(kind))


def _nameable(kind: Any) -> Any:
    """The type with something called None for NoneOnly, which the language itself does not have."""
    if isinstance(kind, NoneOnly):
        return EnumType(_NONE)
    if isinstance(kind, TupleType):
        return TupleType(tuple(map(_nameable, kind.items)))
    if isinstance(kind, (OptionalType, SetType)):
        return type(kind)(_nameable(kind.of))
    return kind
