"""A compiled model: the C text, and what is needed to read its states and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from checker.compiler.codes import code_range, decode, encode
from checker.compiler.ir import LeafKey, Origin, Variable
from checker.compiler.ir_statements import Point, Site
from checker.compiler.layout import Field, Layout
from checker.language.index import Index
from checker.language.reference import contents
from checker.language.types import SetType, Type, is_key, position
from checker.language.world import World


@dataclass(frozen=True)
class BlockInfo:
    """An atomic block: where it starts, and whose it is."""

    kind: str  # "start" | "resume" | "action"
    name: str  # the operation or action
    actor: type[Index] | None
    location: str  # "flip_block:model/flip.py:41"
    parameters: tuple[Type, ...] = ()


@dataclass(frozen=True)
class PointInfo:
    """A program point of an operation: the positions of a suspended generator that mean it."""

    number: int
    point: Point
    slots: tuple[tuple[Variable, Field], ...]


@dataclass
class Program:
    world: World
    source: str
    layout: Layout
    blocks: list[BlockInfo]
    sites: list[Site]
    invariants: list[str]
    steps: list[str]
    reachables: list[str]
    goals: list[str]
    conditions: dict[str, list[Any]]  # property → its conditions, in the order of their counters
    statistics: dict[str, Any]
    leaves: dict[LeafKey, Field]
    pcs: dict[type, Field]
    once: dict[str, Field]
    points: dict[tuple[type, str], dict[tuple[Any, ...], PointInfo]] = field(default_factory=dict)
    slots: dict[type, list[Field]] = field(default_factory=dict)
    last_lines: list[str] = field(default_factory=list)  # the operations whose last line is marked
    costs: list[str] = field(default_factory=list)
    variants: frozenset[int] = frozenset()  # in the code of operations and actions
    asked_variants: frozenset[int] = frozenset()  # of these, those that slicing has left
    is_reduced: bool = False  # some actions are not interleaved
    # For some of the properties; True: reduced as well, but for waits that hardware ends.
    unreduced: Callable[..., Program] | None = None

    @property
    def words(self) -> int:
        return self.layout.words

    def decode_arguments(self, block: int, code: int) -> tuple[Any, ...]:
        with self.world:
            return self._decoded(block, code)

    def _decoded(self, block: int, code: int) -> tuple[Any, ...]:
        values = []
        for kind in reversed(self.blocks[block].parameters):
            low, high = code_range(kind)
            code, part = divmod(code, high - low + 1)
            values.append(decode(kind, part + low))
        return tuple(reversed(values))

    def decode_member(self, block: int, actor: int) -> Index | None:
        kind = self.blocks[block].actor
        return None if kind is None else kind[actor]

    def initial_words(self) -> list[tuple[int, ...]]:
        return sorted({self.pack(snapshot, {}) for snapshot in self.world.initial_states()})

    def pack(
        self, snapshot: tuple[Any, ...], positions: Mapping[Index, Any], once: frozenset[Any] = frozenset()
    ) -> tuple[int, ...]:
        """The words of a state.  `positions`: actors inside an operation; all others are idle."""
        words = [0] * self.words
        with self.world:
            for (key, _, element, kind), value in zip(self._cells, snapshot, strict=True):
                kept = self.leaves.get(key)
                if kept is not None:
                    _put(words, kept, element, kept.to_stored(encode(kind, value) - kept.low))
            for actor, position in positions.items():
                if position is not None:
                    self._put_position(words, actor, position)
        for actor, operation in once:
            mark = self.once.get(f"once_{operation.name}_{type(actor).__name__}")
            if mark is not None and int(actor) in mark.places:
                _put(words, mark, int(actor), 1)
        return tuple(words)

    @cached_property
    def _cells(self) -> list[tuple[LeafKey, str, int, Type]]:
        return cells_of(self.world)

    def _put_position(self, words: list[int], actor: Index, position: Any) -> None:
        info = self.points[type(actor), position.operation.name][position.chain]
        _put(words, self.pcs[type(actor)], int(actor), info.number)
        for variable, slot in info.slots:
            assert variable.origin is not None
            _put(words, slot, int(actor), _local_code(variable, variable.origin, position))

    def unpack(self, words: tuple[int, ...]) -> dict[str, Any]:
        """The kept fields by path, for messages and tests."""
        values = {}
        with self.world:
            for key, path, element, kind in self._cells:
                kept = self.leaves.get(key)
                if kept is not None:
                    values[path] = decode(kind, kept.from_stored(_take(words, kept, element)) + kept.low)
        return values


def _local_code(variable: Variable, origin: Origin, position: Any) -> int:
    low = 0 if isinstance(variable.type, SetType) else code_range(variable.type)[0]
    if origin.todo:
        return encode(variable.type, position.todo(origin.frame, origin.name))
    value = position.locals[origin.frame][origin.name]
    if origin.leaf is not None:
        value = contents(value)[origin.leaf]
    if origin.component is not None:
        return int(position.place_index(value)[origin.component])
    return encode(variable.type, value) - low


def _put(words: list[int], f: Field, element: int, code: int) -> None:
    for part in f.parts or (f,):
        word, shift = part.places[element]
        words[word] |= (code & (1 << part.width) - 1) << shift
        code >>= part.width


def _take(words: tuple[int, ...], f: Field, element: int) -> int:
    code, bits = 0, 0
    for part in f.parts or (f,):
        word, shift = part.places[element]
        code |= (words[word] >> shift & ((1 << part.width) - 1)) << bits
        bits += part.width
    return code


def cells_of(world: World) -> list[tuple[LeafKey, str, int, Type]]:
    """The leaves of the state in the order of a snapshot: key, path, element number, type."""
    cells = []
    for cell in world.cells:
        element = 0
        for step in cell.steps:
            if is_key(step):
                element = element * world.size(type(step)) + position(step)
        key = tuple("[]" if is_key(step) else str(step) for step in cell.steps)
        cells.append((key, cell.path, element, cell.type))
    return cells
