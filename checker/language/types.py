"""The types of fields and parameters: how they are written, and how they resolve to those of kinds.py."""

from __future__ import annotations

import enum
import types as python_types
import typing
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union, get_args, get_origin

from checker.language.errors import CheckerError, TypeRefused, UnknownName, did_you_mean
from checker.language.index import Index
from checker.language.kinds import (
    NO_DEFAULT,
    ArrayType,
    BoolType,
    EnumType,
    IndexType,
    Key,
    OptionalType,
    RangeType,
    RecordType,
    ScalarType,
    SetType,
    SetValue,
    TupleType,
    Type,
    WordType,
    checker_of,
    is_key,
    member_at,
    members,
    order_key,
    position,
    type_name,
)
from checker.language.words import MOST_BITS, WordSpec

__all__ = [
    "NO_DEFAULT",
    "Array",
    "ArrayType",
    "BoolType",
    "EnumType",
    "IndexType",
    "Key",
    "OptionalType",
    "Range",
    "RangeType",
    "RecordType",
    "ScalarType",
    "Set",
    "SetType",
    "SetValue",
    "TupleType",
    "Type",
    "WordType",
    "checker_of",
    "evaluated",
    "is_key",
    "member_at",
    "members",
    "optional_of",
    "order_key",
    "position",
    "resolve",
    "type_name",
]

K = TypeVar("K")
T = TypeVar("T")

# ---- as written -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Range:
    """`count: Range(0, 3)`, or for type checkers `Annotated[int, Range(0, 3)]`; ends may name bounds."""

    lo: int | str
    hi: int | str

    def __or__(self, other: object) -> _Optional:
        return _Optional(self)


@dataclass(frozen=True)
class _Optional:
    of: object


def optional_of(of: object) -> _Optional:
    """`of | None`, for what is written as a call."""
    return _Optional(of)


@dataclass(frozen=True)
class _ArraySpec:
    index: object
    of: object

    def __or__(self, other: object) -> _Optional:
        return _Optional(self)


@dataclass(frozen=True)
class _SetSpec:
    of: object

    def __or__(self, other: object) -> _Optional:
        return _Optional(self)


if TYPE_CHECKING:

    class Array(Generic[K, T]):
        """One T for each member of an index or an Enum: `page: Array[Page, Frame]`."""

        def __getitem__(self, key: K) -> T: ...
        def __setitem__(self, key: K, value: Any) -> None: ...
        def __len__(self) -> int: ...
        def assign(self, values: Iterable[T]) -> None: ...

    class Set(AbstractSet[T]):
        """A set of members of T; a place of the state, changed by its methods or by assigning a set value."""

        def __get__(self, owner: object, kind: type | None = None) -> Set[T]: ...
        def __set__(self, owner: object, value: AbstractSet[T]) -> None: ...
        def add(self, member: T) -> None: ...
        def discard(self, member: T) -> None: ...
        def remove(self, member: T) -> None: ...
        def clear(self) -> None: ...
        def update(self, members: Iterable[T]) -> None: ...
        def assign(self, members: Iterable[T]) -> None: ...
        def __contains__(self, member: object) -> bool: ...
        def __iter__(self) -> Iterator[T]: ...
        def __len__(self) -> int: ...

else:

    class Array:
        """One T for each member of an index or an Enum: `page: Array[Page, Frame]`."""

        def __class_getitem__(cls, arguments):
            if type(arguments) is not tuple or len(arguments) != 2:
                raise TypeRefused("Array takes an index and a type", advice="write Array[Page, Frame]")
            return _ArraySpec(*arguments)

    class Set:
        """A set of members of T; a place of the state, changed by its methods or by assigning a set value."""

        def __class_getitem__(cls, member):
            return _SetSpec(member)


# ---- from written to resolved ---------------------------------------------------------------------------


def resolve(annotation: object, bounds: Mapping[str, int]) -> Type:
    """The type that an (evaluated) annotation means; a bound's name becomes its value."""
    if annotation is bool:
        return BoolType()
    if isinstance(annotation, Range):
        return _range(annotation, bounds)
    if isinstance(annotation, WordSpec):
        return _word(annotation, bounds)
    if isinstance(annotation, _Optional):
        return _optional(resolve(annotation.of, bounds))
    if isinstance(annotation, _ArraySpec):
        return _array(annotation, bounds)
    if isinstance(annotation, _SetSpec):
        return _set(annotation, bounds)
    if isinstance(annotation, type):
        return _class(annotation, bounds)
    return _generic(annotation, bounds)


def _bound(value: int | str, bounds: Mapping[str, int]) -> int:
    if type(value) is int:
        return value
    if value not in bounds:
        raise UnknownName(f"there is no bound `{value}`{did_you_mean(str(value), bounds)}")
    return bounds[str(value)]


def _range(annotation: Range, bounds: Mapping[str, int]) -> Type:
    lo, hi = _bound(annotation.lo, bounds), _bound(annotation.hi, bounds)
    if lo > hi:
        raise TypeRefused(f"Range({lo}, {hi}) is empty")
    return RangeType(lo, hi)


def _word(annotation: WordSpec, bounds: Mapping[str, int]) -> Type:
    return WordSpec(_bound(annotation.bits, bounds), annotation.signed).kind()


def _array(annotation: _ArraySpec, bounds: Mapping[str, int]) -> Type:
    index = annotation.index
    if not (isinstance(index, type) and issubclass(index, Index | enum.Enum)):
        name = index.__name__ if isinstance(index, type) else repr(index)
        raise TypeRefused(
            f"Array[{name}, ...]: the first argument must be an Index class or an Enum",
            advice="declare `class Slot(Index, size=4): ...`, and write Array[Slot, ...]",
        )
    return ArrayType(index, resolve(annotation.of, bounds))


def _set(annotation: _SetSpec, bounds: Mapping[str, int]) -> Type:
    member = resolve(annotation.of, bounds)
    if not _may_be_member(member):
        raise TypeRefused(
            f"Set[{type_name(member)}]: not what a set may hold",
            advice="put bools, Enum members, numbers of a Range, Index members or tuples of these in it",
        )
    return SetType(member)


def _may_be_member(of: Type) -> bool:
    if isinstance(of, TupleType):
        return all(_may_be_member(item) for item in of.items)
    return isinstance(of, BoolType | EnumType | RangeType | IndexType)


def _class(annotation: type, bounds: Mapping[str, int]) -> Type:
    if issubclass(annotation, Index) and annotation is not Index:
        return IndexType(annotation)
    if issubclass(annotation, enum.Enum):
        return EnumType(annotation)
    fields_of = annotation.__dict__.get("__record__")
    if fields_of is not None:
        resolved: RecordType = fields_of.resolve(bounds)
        return resolved
    if annotation is int:
        raise TypeRefused("int is not finite", advice="write Range(lo, hi), or Annotated[int, Range(lo, hi)]")
    raise TypeRefused(
        f"{annotation.__name__} is not a type of the language",
        advice=_INSTEAD.get(
            annotation, "use bool, an Enum, Range, an Index, T | None, tuple, Array, Set or a @record class"
        ),
    )


def _generic(annotation: object, bounds: Mapping[str, int]) -> Type:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        finite = [extra for extra in arguments[1:] if isinstance(extra, Range | WordSpec)]
        if finite:
            return resolve(finite[0], bounds)
        return resolve(arguments[0], bounds)
    if origin is Union or origin is python_types.UnionType:
        others = [argument for argument in arguments if argument is not type(None)]
        if len(others) != 1 or len(arguments) != 2:
            raise TypeRefused("only `T | None` is a union of the language")
        return _optional(resolve(others[0], bounds))
    if origin is tuple:
        items = tuple(resolve(argument, bounds) for argument in arguments if argument is not Ellipsis)
        if Ellipsis in arguments or not items or not all(isinstance(item, ScalarType) for item in items):
            raise TypeRefused("a tuple has a fixed number of scalars", advice="write tuple[Page, bool]")
        return TupleType(items)
    raise TypeRefused(
        f"{annotation!r} is not a type of the language", advice=_INSTEAD.get(origin or annotation)
    )


_INSTEAD: dict[Any, str] = {
    list: "write Array[SomeIndex, T], or Set[T]",
    dict: "write Array[SomeIndex, T]: one T for each member",
    set: "write Set[T]",
    frozenset: "write Set[T]",
    str: "write an Enum of the texts there are",
    float: "write Range(lo, hi): numbers are ints",
}


def _optional(of: Type) -> Type:
    if not isinstance(of, ScalarType) or isinstance(of, OptionalType):
        raise TypeRefused(
            f"`{type_name(of)} | None`: a place is never None",
            advice="only bool, Enum, Index, Range and tuple may be optional",
        )
    if isinstance(of, WordType) and of.bits == MOST_BITS:
        raise TypeRefused(
            f"`{type_name(of)} | None`: a word of the machine is full", advice="add a bool field beside it"
        )
    return OptionalType(of)


def evaluated(annotation: object, *namespaces: Mapping[str, object]) -> object:
    """An annotation as an object: those written as text are evaluated where they were written."""
    if not isinstance(annotation, str):
        return annotation
    scope: dict[str, object] = {}
    for namespace in namespaces:
        scope.update(namespace)
    try:
        return eval(annotation, scope)
    except NameError as problem:
        name = str(problem.name)
        raise UnknownName(f"there is no `{name}`{did_you_mean(name, scope)}") from problem
    except CheckerError:
        raise
    except Exception as problem:
        raise TypeRefused(f"`{annotation}` is not a type of the language: {problem}") from problem
