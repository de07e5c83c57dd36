"""Where an actor is: the chain of suspended yields of its operation, and the locals of each frame.

The value of a position (its identity) never holds on to a generator, so those of different runs compare.
"""

from __future__ import annotations

import enum
import gc
from collections.abc import Generator, Hashable
from dataclasses import dataclass, field
from types import BuiltinFunctionType, CodeType, FunctionType, GeneratorType, ModuleType
from typing import Any

from checker.engines.points import Point, point_at, raw_position
from checker.language.declaration import Declaration
from checker.language.errors import UnsupportedConstruct
from checker.language.index import Index
from checker.language.place import ArrayNode, Node, RecordNode, Reference
from checker.language.steps import Operation, any_order

Steps = Generator[Any, None, Any]
Seen = tuple[tuple[Any, ...], tuple[int, ...], tuple[Operation | None, ...]]

_TRUE, _FALSE = ("bool", 1), ("bool", 0)  # True == 1 for Python, and not for a model
_PLAIN = (
    int,
    str,
    float,
    bytes,
    enum.Enum,
    Index,
    type,
    FunctionType,
    BuiltinFunctionType,
    ModuleType,
    Declaration,
)
_ITERABLES: tuple[Any, ...] = ((), [], range(0), "", set(), {})
_ITERATORS: tuple[type, ...] = (*(type(iter(each)) for each in _ITERABLES), enumerate, zip, reversed)
_LOOPS = (any_order, *_ITERATORS)


@dataclass(frozen=True)
class Frame:
    """One suspended frame of the chain."""

    code: CodeType
    point: Point
    raw: tuple[int, int]
    locals: dict[str, Any]
    todos: dict[str, tuple[Any, ...]]  # what the any_order loops around the point have left, by variable
    identity: Hashable


@dataclass(eq=False)
class Position:
    """An actor inside an operation. `history`: what each of its blocks saw and chose; it leads here again."""

    operation: Operation
    arguments: tuple[Any, ...]
    history: tuple[Seen, ...]
    frames: tuple[Frame, ...]
    identity: Hashable
    root: Node
    locals: list[dict[str, Any]] = field(init=False)
    chain: tuple[tuple[str, int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.locals = [frame.locals for frame in self.frames]
        self.chain = tuple((frame.code.co_filename, *frame.raw) for frame in self.frames)

    @property
    def waits(self) -> bool:
        """At a wait, or at the yield before one."""
        return self.frames[-1].point.wait

    @property
    def place(self) -> tuple[str, int]:
        """File and line where the actor stands: of the innermost yield, or of its wait."""
        return self.frames[-1].code.co_filename, self.frames[-1].point.line

    def todo(self, frame: int, name: str) -> tuple[Any, ...]:
        """What the any_order loop over that variable has still to do."""
        return self.frames[frame].todos[name]

    def place_index(self, reference: Reference) -> tuple[int, ...]:
        """The numbers of the array elements on the way to a place."""
        return place_index(self.root, reference)


def position_of(
    operation: Operation,
    arguments: tuple[Any, ...],
    history: tuple[Seen, ...],
    generator: Steps,
    root: Node,
    full: bool,
) -> Position:
    """The position of a generator that is suspended at a yield. `full`: dead locals count as well."""
    frames = []
    inner: Any = generator
    while inner is not None:
        if getattr(inner, "gi_frame", None) is None:
            name = operation.name
            raise UnsupportedConstruct(
                f"{name}: `yield from` something that is not a sub-operation: {inner!r}"
            )
        frames.append(_frame(inner, full, operation.name))
        inner = inner.gi_yieldfrom
    identity = (operation, *(frame.identity for frame in frames))
    return Position(operation, arguments, history, tuple(frames), identity, root)


def _frame(generator: Any, full: bool, operation: str) -> Frame:
    frame, code = generator.gi_frame, generator.gi_code
    point = point_at(code, frame.f_lasti)
    names = dict(frame.f_locals)
    counted = names if full else {name: value for name, value in names.items() if name in point.live}
    loops = [each for each in gc.get_referents(generator) if _is_loop(each, generator)]
    orders = [each.todo for each in loops if isinstance(each, any_order)]
    identity = (
        code,
        point.line,
        point.column,
        tuple(
            (name, value_key(value, name, operation)) for name, value in sorted(counted.items(), key=_name)
        ),
        tuple(value_key(each, "a loop", operation) for each in loops),
    )
    todos = dict(zip(point.any_orders, orders, strict=False))
    return Frame(code, point, raw_position(code, frame.f_lasti), names, todos, identity)


def _name(item: tuple[str, Any]) -> str:
    return item[0]


def _is_loop(value: Any, generator: Any) -> bool:
    """What a suspended frame keeps on its stack for the `for` loops that it is in."""
    if type(value) is GeneratorType:
        return value is not generator.gi_yieldfrom
    return isinstance(value, _LOOPS)


def value_key(value: Any, name: str, operation: str) -> Hashable:
    """A hashable stand-in for the value of a local: equal for equal values, whichever run made them."""
    if value is True or value is False:
        return _TRUE if value else _FALSE
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, Reference):
        if value._store.read_only:
            return ("frozen", id(value._node), tuple(value._store.cells))
        return ("place", id(value._node), value._at)
    if isinstance(value, tuple | list):
        return (type(value).__name__, *(value_key(part, name, operation) for part in value))
    if isinstance(value, set | frozenset):
        return ("set", frozenset(value_key(part, name, operation) for part in value))
    if isinstance(value, dict):
        return ("dict", tuple(value_key(pair, name, operation) for pair in value.items()))
    if isinstance(value, any_order):
        return ("any order", value.todo)
    if isinstance(value, _ITERATORS):
        return tuple(value_key(part, name, operation) for part in value.__reduce__()[1:])
    if type(value) is GeneratorType and value.gi_frame is not None:
        return ("generator", _frame(value, False, operation).identity)
    return _other_key(value, name, operation)


def _other_key(value: Any, name: str, operation: str) -> Hashable:
    if type(value).__hash__ in (None, object.__hash__):
        raise UnsupportedConstruct(
            f"{operation}: {name} holds a {type(value).__name__} across a yield, which cannot be compared",
            advice="keep bools, ints, members, tuples, sets and references to places in locals",
        )
    key: Hashable = value
    return key


def place_index(root: Node, reference: Reference) -> tuple[int, ...]:
    """The numbers of the array elements on the way from the root of the state to a place."""
    node, at = root, reference._at
    numbers: list[int] = []
    while node is not reference._node:
        if isinstance(node, ArrayNode):
            element = node.element
            numbers.append(at // element.size)
            node, at = element, at % element.size
        elif isinstance(node, RecordNode):
            node, at = next(
                (field, at - start)
                for field, start in node.fields.values()
                if start <= at < start + field.size
            )
        else:
            raise ValueError(f"{reference!r} is no place of this state")
    return tuple(numbers)
