"""References: records, arrays and sets of the state, as a model reaches them through names and subscripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from checker.language.context import current
from checker.language.errors import ModelError, UnknownField, did_you_mean
from checker.language.kinds import SetValue, order_key, type_name

if TYPE_CHECKING:
    from checker.language.place import ArrayNode, Node, RecordNode, SetNode


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
        fields = self.__dict__  # past __setattr__, which writes fields of the state
        fields["_store"] = store
        fields["_at"] = at
        fields["_node"] = node

    def __bool__(self) -> bool:
        raise ModelError(
            f"{self!r} has no truth value: only bools have", advice="for a set or array write `len(...) > 0`"
        )

    def __repr__(self) -> str:
        return f"<{type_name(self._node.type)}>"

    __hash__ = None  # type: ignore[assignment]  # a place has no value of its own; take frozen(...)


class ArrayPlace(Reference):
    """`k.page`: subscripted by members of its index only."""

    _node: ArrayNode

    def __init__(self, store: Store, at: int, node: ArrayNode) -> None:
        Reference.__init__(self, store, at, node)
        self._elements: dict[object, Any] = {}  # references, made when first asked for

    def __getitem__(self, key: object) -> Any:
        element = self._elements.get(key) if type(key) is self._node.index else None
        if element is None:
            element = self._node.element.slot(self._store, self._at + self._node.offset(key))
            self._elements[key] = element
        return self._store.cells[element] if type(element) is int else element

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
            self[self._node.key(number)] = value


class SetPlace(Reference):
    """`k.tlb[cpu]`: a set of the state. Operators give values (SetValue), methods change the place."""

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

    def __xor__(self, other: object) -> SetValue[Any]:
        return SetValue(self._value ^ self._other(other, "^"))

    __rxor__ = __xor__

    def union(self, other: object) -> SetValue[Any]:
        return self | other

    def intersection(self, other: object) -> SetValue[Any]:
        return self & other

    def difference(self, other: object) -> SetValue[Any]:
        return self - other

    def symmetric_difference(self, other: object) -> SetValue[Any]:
        return self ^ other

    def issubset(self, other: object) -> bool:
        return self <= other

    def issuperset(self, other: object) -> bool:
        return self >= other

    def isdisjoint(self, other: object) -> bool:
        return not self & other

    def __ior__(self, other: object) -> SetPlace:
        self._set(frozenset(self | other))
        return self

    def __iand__(self, other: object) -> SetPlace:
        self._set(frozenset(self & other))
        return self

    def __isub__(self, other: object) -> SetPlace:
        self._set(frozenset(self - other))
        return self

    def __ixor__(self, other: object) -> SetPlace:
        self._set(frozenset(self ^ other))
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


class RecordMethods(Reference):
    """Mixed into every @record class (see state.py)."""

    _node: RecordNode
    _slots: dict[str, Any]  # field -> the number of its value, or the reference to its place

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
        slot = record._slots[self.name]
        return record._store.cells[slot] if type(slot) is int else slot

    def __set__(self, record: Any, value: object) -> None:
        record.__setattr__(self.name, value)
