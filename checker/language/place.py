"""The layout of the state: a flat list of values, and where in it records, arrays and sets lie."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, NoReturn

from checker.language.errors import ModelError
from checker.language.index import Index
from checker.language.kinds import (
    NO_DEFAULT,
    ArrayType,
    RecordType,
    ScalarType,
    SetType,
    SetValue,
    Type,
    checker_of,
    first_value,
    member_at,
    position,
    type_name,
)
from checker.language.reference import ArrayPlace, Reference, SetPlace, Store, contents

__all__ = [
    "ArrayNode",
    "Node",
    "RecordNode",
    "Reference",
    "ScalarNode",
    "SetNode",
    "Store",
    "copy_into",
    "frozen",
    "node_of",
]


class Node:
    """The layout of one type: how many values it takes, and how a place of it is read and written."""

    size = 1

    def __init__(self, of: Type) -> None:
        self.type = of

    def initial(self, default: object = NO_DEFAULT) -> list[Any]:
        raise NotImplementedError

    def slot(self, store: Store, at: int) -> Any:
        """A reference to a place; of a scalar, the number of its value."""
        raise NotImplementedError

    def write(self, store: Store, at: int, value: object) -> None:
        """Places are refused; `copy_into` is the way."""
        if isinstance(value, Reference) and (value._store, value._at, value._node) == (store, at, self):
            return  # `k.tlb[cpu] |= ...` has changed the set in place, and stores what it got
        self.refuse(value)

    def refuse(self, value: object) -> NoReturn:
        name = type_name(self.type)
        if isinstance(value, Reference):
            raise ModelError(
                f"a reference ({value!r}) cannot be assigned to a place of type {name}",
                advice="write copy_into(place, other), or assign the values of its fields",
            )
        raise ModelError(f"{value!r} is not a value of {name}")


class ScalarNode(Node):
    """One value."""

    def __init__(self, of: Type) -> None:
        super().__init__(of)
        self.fits: Callable[[object], bool] = checker_of(of)

    def initial(self, default: object = NO_DEFAULT) -> list[Any]:
        if default is NO_DEFAULT:
            try:
                return [first_value(self.type)]
            except LookupError:
                raise ModelError(
                    f"a field of type {type_name(self.type)} has no value: the index has no members",
                    advice="raise the bound that its size is",
                ) from None
        if not self.fits(default):
            self.refuse(default)
        return [default]

    def slot(self, store: Store, at: int) -> int:
        return at

    def write(self, store: Store, at: int, value: object) -> None:
        if not self.fits(value):
            self.refuse(value)
        store.write(at, value)


class SetNode(Node):
    """A set: one frozenset in the list of values."""

    def __init__(self, of: SetType) -> None:
        super().__init__(of)
        self.member = of.of
        self.fits = checker_of(of.of)

    def initial(self, default: object = NO_DEFAULT) -> list[Any]:
        return [frozenset() if default is NO_DEFAULT else self.value(default)]

    def slot(self, store: Store, at: int) -> SetPlace:
        return SetPlace(store, at, self)

    def write(self, store: Store, at: int, value: object) -> None:
        if isinstance(value, set | frozenset):
            store.write(at, self.value(value))
        else:
            super().write(store, at, value)

    def value(self, values: Any) -> frozenset[Any]:
        """A frozenset of values that were checked one by one."""
        return frozenset([self.checked(value) for value in values])

    def checked(self, value: object) -> object:
        if not self.fits(value):
            raise ModelError(f"{value!r} cannot be in a {type_name(self.type)}")
        return value


class ArrayNode(Node):
    """One place for each member of an index, one after the other."""

    def __init__(self, of: ArrayType, element: Node, count: int) -> None:
        super().__init__(of)
        self.index = of.index
        self.positions: dict[object, int] | None = None  # of an Enum's members, which are slow to find
        if issubclass(of.index, enum.Enum):
            self.positions = {member: number for number, member in enumerate(of.index)}
        self.element = element
        self.count = count
        self.size = element.size * count

    def initial(self, default: object = NO_DEFAULT) -> list[Any]:
        if default is not NO_DEFAULT:
            raise ModelError(
                f"a field of type {type_name(self.type)} takes no default",
                advice="set it in the @initial function",
            )
        return self.element.initial() * self.count

    def slot(self, store: Store, at: int) -> ArrayPlace:
        return ArrayPlace(store, at, self)

    def offset(self, key: object) -> int:
        """Where the element is, counted from the start of the array."""
        if type(key) is not self.index:
            raise ModelError(f"{key!r} used as an index: a {self.index.__name__} is needed")
        if self.positions is not None:
            return self.positions[key] * self.element.size
        number = position(key)
        if number >= self.count:
            raise ModelError(f"{key!r} is out of range: there are {self.count}")
        return number * self.element.size

    def key(self, number: int) -> Index | enum.Enum:
        """The member that the element of that number is for."""
        return member_at(self.index, number)


class RecordNode(Node):
    """The fields of a record, one after the other."""

    def __init__(self, of: RecordType, fields: dict[str, tuple[Node, int]], size: int) -> None:
        super().__init__(of)
        self.record = of.record
        self.defaults = {name: default for name, _, default in of.fields}
        self.fields = fields
        self.size = size

    def initial(self, default: object = NO_DEFAULT) -> list[Any]:
        values: list[Any] = []
        for name, (node, _) in self.fields.items():
            values += node.initial(self.defaults[name])
        return values

    def slot(self, store: Store, at: int) -> Any:
        record: Any = object.__new__(self.record)
        Reference.__init__(record, store, at, self)
        slots = {name: node.slot(store, at + offset) for name, (node, offset) in self.fields.items()}
        record.__dict__["_slots"] = slots
        return record


def node_of(of: Type, size_of: Callable[[type], int]) -> Node:
    """The layout of a type."""
    if isinstance(of, ScalarType):
        return ScalarNode(of)
    if isinstance(of, SetType):
        return SetNode(of)
    if isinstance(of, ArrayType):
        return ArrayNode(of, node_of(of.of, size_of), size_of(of.index))
    fields, at = {}, 0
    for name, field_type, _ in of.fields:
        node = node_of(field_type, size_of)
        fields[name] = (node, at)
        at += node.size
    return RecordNode(of, fields, at)


def copy_into(target: Any, source: Any) -> None:
    """Copy the values of one record, array or set into another of the same type."""
    if not isinstance(target, Reference):
        raise ModelError(f"copy_into(...): {target!r} is not a place of the state")
    if not isinstance(source, Reference):
        target._node.write(target._store, target._at, source)
        return
    if source._node.type != target._node.type:
        raise ModelError(f"copy_into({target!r}, {source!r}): the types differ")
    for offset, value in enumerate(contents(source)):
        target._store.write(target._at + offset, value)


def frozen(place: Any) -> Any:
    """The value of a place as it is now: it does not follow later changes. Scalars are values already."""
    if isinstance(place, SetPlace):
        return SetValue(place._value)
    if isinstance(place, Reference):
        return place._node.slot(Store(list(contents(place)), read_only=True), 0)
    return place
