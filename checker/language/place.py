"""Places: the state is a flat list of values, and records, arrays and sets are references into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from checker.language.context import current
from checker.language.errors import ModelError, UnknownField, did_you_mean
from checker.language.index import Index
from checker.language.types import (
    NO_DEFAULT,
    ArrayType,
    RecordType,
    ScalarType,
    SetType,
    SetValue,
    Type,
    checker_of,
    members,
    order_key,
    type_name,
)


class Store:
    """The values of one state, in the order of `World.cells`."""

    __slots__ = ("cells", "read_only")

    def __init__(self, cells: list[Any], read_only: bool = False) -> None:
        self.cells = cells
        self.read_only = read_only

    def write(self, at: int, value: object) -> None:
        """Every change of the state passes here."""
        if self.read_only:
            raise ModelError("a property (or `enabled`, or a frozen value) must not change the state")
        current.written = True
        self.cells[at] = value


class Reference:
    """What records, arrays and sets have in common: where they are."""

    _store: Store
    _at: int
    _node: Node

    def __init__(self, store: Store, at: int, node: Node) -> None:
        set_field = object.__setattr__
        set_field(self, "_store", store)
        set_field(self, "_at", at)
        set_field(self, "_node", node)

    def __bool__(self) -> bool:
        raise ModelError(
            f"{self!r} has no truth value: only bools have", advice="for a set or array write `len(...) > 0`"
        )

    def __repr__(self) -> str:
        return f"<{type_name(self._node.type)}>"

    __hash__ = None  # type: ignore[assignment]  # a place has no value of its own; take frozen(...)


class Node:
    """The layout of one type: how many values it takes, and how a place of it is read and written."""

    size = 1

    def __init__(self, of: Type) -> None:
        self.type = of

    def initial(self, default: object = NO_DEFAULT) -> list[Any]:
        raise NotImplementedError

    def read(self, store: Store, at: int) -> Any:
        raise NotImplementedError

    def write(self, store: Store, at: int, value: object) -> None:
        """Places are refused; `copy_into` is the way."""
        if isinstance(value, Reference) and value._store is store and value._at == at:
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
            return [members(self.type)[0]]
        if not self.fits(default):
            self.refuse(default)
        return [default]

    def read(self, store: Store, at: int) -> Any:
        return store.cells[at]

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

    def read(self, store: Store, at: int) -> SetPlace:
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

    def read(self, store: Store, at: int) -> ArrayPlace:
        return ArrayPlace(store, at, self)

    def offset(self, key: object) -> int:
        """Where the element is, counted from the start of the array."""
        if type(key) is not self.index:
            raise ModelError(f"{key!r} used as an index: a {self.index.__name__} is needed")
        if key.number >= self.count:
            raise ModelError(f"{key!r} is out of range: there are {self.count}")
        return key.number * self.element.size


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

    def read(self, store: Store, at: int) -> Any:
        record: Any = object.__new__(self.record)
        Reference.__init__(record, store, at, self)
        return record


def node_of(of: Type, size_of: Callable[[type[Index]], int]) -> Node:
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


class ArrayPlace(Reference):
    """`k.page`: subscripted by members of its index only."""

    _node: ArrayNode

    def __getitem__(self, key: object) -> Any:
        return self._node.element.read(self._store, self._at + self._node.offset(key))

    def __setitem__(self, key: object, value: object) -> None:
        self._node.element.write(self._store, self._at + self._node.offset(key), value)

    def __len__(self) -> int:
        return self._node.count

    def __iter__(self) -> Iterator[Any]:
        name = self._node.index.__name__
        raise ModelError("an array is not iterated", advice=f"loop over its index: `for i in {name}`")

    def __contains__(self, value: object) -> bool:
        name = self._node.index.__name__
        raise ModelError(
            "`in` an array is not a test", advice=f"write any(array[i] == value for i in {name})"
        )

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    def assign(self, values: Iterable[object]) -> None:
        """Set every element, in index order."""
        taken = list(values)
        if len(taken) != self._node.count:
            raise ModelError(f"assign() got {len(taken)} values for {self._node.count} elements")
        for number, value in enumerate(taken):
            self[self._node.index[number]] = value


class SetPlace(Reference):
    """`k.tlb[cpu]`: a set of the state. Its operators give values (SetValue), its methods change the place."""

    _node: SetNode

    @property
    def _value(self) -> frozenset[Any]:
        value: frozenset[Any] = self._store.cells[self._at]
        return value

    def _set(self, value: frozenset[Any]) -> None:
        self._store.write(self._at, value)

    def add(self, member: object) -> None:
        self._set(self._value | {self._node.checked(member)})

    def discard(self, member: object) -> None:
        self._set(self._value - {self._node.checked(member)})

    def remove(self, member: object) -> None:
        if self._node.checked(member) not in self._value:
            raise ModelError(f"remove({member!r}): it is not in the set", advice="or write discard(...)")
        self.discard(member)

    def clear(self) -> None:
        self._set(frozenset())

    def update(self, values: Iterable[object]) -> None:
        self._set(self._value | self._node.value(values))

    def assign(self, values: Iterable[object]) -> None:
        """Hold exactly these members."""
        self._set(self._node.value(values))

    def __contains__(self, member: object) -> bool:
        return self._node.checked(member) in self._value

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(self._value, key=order_key))

    def __len__(self) -> int:
        return len(self._value)

    def _other(self, other: object, sign: str) -> frozenset[Any]:
        if isinstance(other, SetPlace):
            return other._value
        if isinstance(other, set | frozenset):
            return self._node.value(other)
        raise ModelError(f"`{sign}` of a set and {other!r}, which is no set")

    def __or__(self, other: object) -> SetValue[Any]:
        return SetValue(self._value | self._other(other, "|"))

    __ror__ = __or__

    def __and__(self, other: object) -> SetValue[Any]:
        return SetValue(self._value & self._other(other, "&"))

    __rand__ = __and__

    def __sub__(self, other: object) -> SetValue[Any]:
        return SetValue(self._value - self._other(other, "-"))

    def __rsub__(self, other: object) -> SetValue[Any]:
        return SetValue(self._other(other, "-") - self._value)

    def __ior__(self, other: object) -> SetPlace:
        self._set(frozenset(self | other))
        return self

    def __iand__(self, other: object) -> SetPlace:
        self._set(frozenset(self & other))
        return self

    def __isub__(self, other: object) -> SetPlace:
        self._set(frozenset(self - other))
        return self

    def __eq__(self, other: object) -> bool:
        return self._value == self._other(other, "==")

    def __le__(self, other: object) -> bool:
        return self._value <= self._other(other, "<=")

    def __ge__(self, other: object) -> bool:
        return self._value >= self._other(other, ">=")

    def __lt__(self, other: object) -> bool:
        return self._value < self._other(other, "<")

    def __gt__(self, other: object) -> bool:
        return self._value > self._other(other, ">")


def contents(place: Reference) -> tuple[Any, ...]:
    """The values of a place."""
    return tuple(place._store.cells[place._at : place._at + place._node.size])


def same_contents(one: Reference, other: object) -> bool:
    """`==` of records and arrays: only of a frozen value, so that nobody takes places for values."""
    if not isinstance(other, Reference) or other._node.type != one._node.type:
        raise ModelError(f"{one!r} is compared with {other!r}")
    if not (one._store.read_only or other._store.read_only):
        raise ModelError("two places are compared", advice="compare their values: frozen(a) == frozen(b)")
    return contents(one) == contents(other)


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
        return place._node.read(Store(list(contents(place)), read_only=True), 0)
    return place


class RecordMethods(Reference):
    """Mixed into every @record class (see state.py)."""

    _node: RecordNode

    def __new__(cls, *_: object, **__: object) -> NoReturn:
        raise ModelError(
            f"{cls.__name__}(...): a record is a place of the state and is not created",
            advice="write the place's fields, or place.assign(field=value, ...)",
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise unknown_field(type(self), name)

    def __setattr__(self, name: str, value: object) -> None:
        node_and_offset = self._node.fields.get(name)
        if node_and_offset is None:
            raise unknown_field(type(self), name)
        node, offset = node_and_offset
        node.write(self._store, self._at + offset, value)

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    def assign(self, **values: object) -> None:
        """Set several fields at once; all values are given before the first is written."""
        for name, value in values.items():
            self.__setattr__(name, value)


def unknown_field(record: type, name: str) -> UnknownField:
    """The error for a misspelt field."""
    known = [known for known in dir(record) if not known.startswith("_")]
    return UnknownField(f"{record.__name__} has no field `{name}`{did_you_mean(name, known)}")


class FieldDescriptor:
    """Reads a field of a record; writing goes through RecordMethods.__setattr__."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, record: Any, owner: type | None = None) -> Any:
        if record is None:
            return self
        node, offset = record._node.fields[self.name]
        return node.read(record._store, record._at + offset)

    def __set__(self, record: Any, value: object) -> None:
        record.__setattr__(self.name, value)
