"""What the types of a model resolve to in a world, and the values that they have."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from checker.language.context import world_in_force
from checker.language.errors import TypeRefused
from checker.language.index import Index

T = TypeVar("T")
FEW_BITS = 12  # of a word whose values are gone through one by one
MOST_VALUES = 1 << 16  # of anything else that is gone through


@dataclass(frozen=True)
class BoolType:
    """False or True."""


@dataclass(frozen=True)
class EnumType:
    """A member of an `enum.Enum`, in the order of definition."""

    enum: type[enum.Enum]


@dataclass(frozen=True)
class RangeType:
    """An int from lo to hi, both included."""

    lo: int
    hi: int


@dataclass(frozen=True)
class WordType:
    """A machine word of so many bits, with C's arithmetic."""

    bits: int
    signed: bool

    @property
    def lo(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def hi(self) -> int:
        return self.lo + (1 << self.bits) - 1


@dataclass(frozen=True)
class IndexType:
    """A member of an Index."""

    index: type[Index]


@dataclass(frozen=True)
class TupleType:
    """A tuple of scalars, one value of the state."""

    items: tuple[Type, ...]


@dataclass(frozen=True)
class OptionalType:
    """None, or a value of `of`."""

    of: Type


@dataclass(frozen=True)
class SetType:
    """A set of Index members, Enum members or tuples of these."""

    of: Type


Key = type[Index] | type[enum.Enum]  # what an array has an element for each member of


@dataclass(frozen=True)
class ArrayType:
    """One `of` for each member of an index, or of an Enum."""

    index: Key
    of: Type


def is_key(member: object) -> TypeGuard[Index | enum.Enum]:
    """Is it a member that an array may be subscripted with?"""
    return isinstance(member, Index | enum.Enum)


def position(member: Index | enum.Enum) -> int:
    """Where a member stands among those of its index, or of its Enum in the order of definition."""
    return member.number if isinstance(member, Index) else list(type(member)).index(member)


def member_at(key: Key, number: int) -> Index | enum.Enum:
    """`position` backwards."""
    found: Index | enum.Enum = key[number] if issubclass(key, Index) else list(key)[number]
    return found


NO_DEFAULT: Any = type("NoDefault", (), {"__repr__": lambda self: "NO_DEFAULT"})()


@dataclass(frozen=True)
class RecordType:
    """A @record (or the @state) class; `fields` are (name, type, default or NO_DEFAULT)."""

    record: type
    fields: tuple[tuple[str, Type, Any], ...]


ScalarType = BoolType | EnumType | RangeType | WordType | IndexType | TupleType | OptionalType
Type = ScalarType | SetType | ArrayType | RecordType


def members(of: Type) -> list[Any]:
    """All values of a scalar type, in order; None comes first."""
    match of:
        case BoolType():
            return [False, True]
        case EnumType(enum):
            return list(enum)
        case RangeType(lo, hi):
            if hi - lo >= MOST_VALUES:
                raise TypeRefused(f"{type_name(of)} has too many values to go through", advice="narrow it")
            return list(range(lo, hi + 1))
        case WordType(bits):
            return _words(of, bits)
        case IndexType(index):
            return list(index)
        case TupleType(items):
            return list(itertools.product(*map(members, items)))
        case OptionalType(inner):
            return [None, *members(inner)]
    raise TypeRefused(f"{type_name(of)} has no list of values")


def first_value(of: Type) -> Any:
    """What a field of a scalar type has at first; LookupError if it has no values."""
    match of:
        case RangeType(lo):
            return lo
        case TupleType(items):
            return tuple(map(first_value, items))
        case OptionalType():
            return None
        case WordType():
            from checker.language.words import Word

            return Word(of, 0)
    return members(of)[0]


def _words(of: WordType, bits: int) -> list[Any]:
    from checker.language.words import Word, wrapped

    if bits > FEW_BITS:
        raise TypeRefused(
            f"{type_name(of)} has too many values to go through",
            advice=f"use at most {FEW_BITS} bits, or --engine symbolic",
        )
    return [Word(of, wrapped(of, pattern)) for pattern in range(1 << bits)]


def type_name(of: Type) -> str:
    """As it is written in a model."""
    match of:
        case BoolType():
            return "bool"
        case EnumType(kind):
            return kind.__name__
        case RangeType(lo, hi):
            return f"Range({lo}, {hi})"
        case WordType(bits, signed):
            return f"{'Signed' if signed else 'Unsigned'}({bits})"
        case IndexType(index):
            return index.__name__
        case TupleType(items):
            return f"tuple[{', '.join(map(type_name, items))}]"
        case OptionalType(inner):
            return f"{type_name(inner)} | None"
        case SetType(inner):
            return f"Set[{type_name(inner)}]"
        case ArrayType(index, inner):
            return f"Array[{index.__name__}, {type_name(inner)}]"
        case RecordType(record):
            return record.__name__
    raise TypeError(of)


def checker_of(of: Type) -> Callable[[object], bool]:
    """A test whether a value belongs to a scalar type, in the world in force."""
    match of:
        case BoolType():
            return lambda value: value is True or value is False
        case EnumType(kind):
            return lambda value: isinstance(value, kind)
        case RangeType(lo, hi):
            return lambda value: type(value) is int and lo <= value <= hi
        case WordType():
            return lambda value: getattr(value, "kind", None) == of
        case IndexType(index):
            size = world_in_force().size(index)
            return lambda value: type(value) is index and value.number < size
        case TupleType(items):
            checks = [checker_of(item) for item in items]
            return lambda value: (
                type(value) is tuple
                and len(value) == len(checks)
                and all(check(part) for check, part in zip(checks, value, strict=True))
            )
        case OptionalType(inner):
            check = checker_of(inner)
            return lambda value: value is None or check(value)
    raise TypeRefused(f"{type_name(of)} is not a scalar")


def order_key(value: object) -> tuple[Any, ...]:
    """Sorts values of one type in the order of `members`."""
    if value is None:
        return (-1,)
    if is_key(value):
        return (position(value),)
    if isinstance(value, tuple):
        return tuple(order_key(part) for part in value)
    return (value,)


class SetValue(frozenset[T]):
    """A set that is a value and not a place; it is iterated in index order."""

    __slots__ = ()

    def __iter__(self) -> Iterator[T]:
        return iter(sorted(frozenset.__iter__(self), key=order_key))

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, self)) + "}"

    if not TYPE_CHECKING:  # frozenset's own operators would give a frozenset, in no order

        def __or__(self, other):
            return _ordered(frozenset.__or__(self, other))

        def __and__(self, other):
            return _ordered(frozenset.__and__(self, other))

        def __sub__(self, other):
            return _ordered(frozenset.__sub__(self, other))

        def __xor__(self, other):
            return _ordered(frozenset.__xor__(self, other))


def _ordered(result: Any) -> Any:
    return result if result is NotImplemented else SetValue(result)
