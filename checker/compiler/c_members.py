"""The members that may change places: which fields and locals name them, and how C goes through these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from checker.compiler.c_text import ctype
from checker.compiler.codes import code_range
from checker.compiler.layout import Field
from checker.compiler.program import cells_of
from checker.language.index import Index
from checker.language.types import IndexType, Key, OptionalType, SetType, TupleType, is_key

if TYPE_CHECKING:
    from checker.compiler.compile import Compilation
    from checker.compiler.ir import LeafKey, Variable


class Members:
    """`bases`: where the members of each index begin among all that are moved."""

    def __init__(self, compilation: Compilation) -> None:
        self.c = compilation
        self.symmetry = compilation.symmetry
        self.bases: dict[type[Index], int] = {}
        total = 0
        for index in self.symmetry.moved:
            self.bases[index] = total
            total += compilation.world.size(index)
        self.total = total

    def is_moved(self, kind: Any) -> bool:
        if isinstance(kind, IndexType):
            return kind.index in self.bases
        if isinstance(kind, (OptionalType, SetType)):
            return self.is_moved(kind.of)
        return isinstance(kind, TupleType) and any(map(self.is_moved, kind.items))

    def around(self, index: type[Index]) -> tuple[type[Index] | None, int]:
        """The index whose members take those of this one along, and how many each of them takes."""
        leader = self.symmetry.leader(index)
        if leader is not None:
            return leader, 1
        outer = index.info.outer
        if outer is None or outer not in self.bases:
            return None, 0
        return outer, self.c.world.size(index) // max(1, self.c.world.size(outer))

    def involved(self) -> Iterator[tuple[int, Field, list[Key], Any]]:
        """The fields that a permutation may change: their number, dimensions and type."""
        dims: dict[LeafKey, tuple[list[Key], Any]] = {}
        for (key, _, _, kind), cell in zip(cells_of(self.c.world), self.c.world.cells, strict=True):
            dims.setdefault(key, ([type(step) for step in cell.steps if is_key(step)], kind))
        for number, (key, leaf) in enumerate(self.c.leaves.items()):
            around, kind = dims.get(key, ([], None))
            if leaf.width and (self.is_moved(kind) or any(index in self.bases for index in around)):
                yield number, leaf, around, kind

    def points(self, kind: type[Index]) -> Iterator[tuple[int, list[Variable]]]:
        for lowered in self.c.operations:
            if lowered.actor is kind:
                for point in lowered.points:
                    yield point.number, point.live


def loops(dims: list[Key], world: Any, line: str) -> Iterator[str]:
    yield "    " + "".join(
        f"for (int a{n} = 0; a{n} < {world.size(index)}; a{n}++) " for n, index in enumerate(dims)
    )
    yield f"        {line}"


def element(members: list[str], dims: list[Key], world: Any) -> str:
    """The number of an element, as the accessors take it; nothing for a field that is no array's."""
    if not dims:
        return ""
    code = "0"
    for member, index in zip(members, dims, strict=True):
        code = f"({code} * {world.size(index)} + {member})"
    return f", {code}"


def only_active(pc: Field) -> Iterator[str]:
    if len(pc.active) != pc.count:
        yield f"        if (!{among('me', pc.active)}) continue;"


def among(name: str, members: Iterable[int]) -> str:
    return f"({' || '.join(f'{name} == {n}' for n in members) or 'false'})"


def value_ctype(kind: Any) -> str:
    return ctype(kind) if isinstance(kind, SetType) else "int64_t"


def low_of(kind: Any) -> int:
    return 0 if isinstance(kind, SetType) else code_range(kind)[0]


def raw_of(variable: Variable, stored: str) -> str:
    """The code of a local, from what is stored of it."""
    if isinstance(variable.type, SetType):
        return stored
    return f"((int64_t){stored} + ({low_of(variable.type)}))"


def parts_of(kind: TupleType, value: str) -> list[str]:
    parts, divisor = [], 1
    for item in reversed(kind.items):
        low, high = code_range(item)
        parts.append(f"({value} / {divisor} % {high - low + 1} + ({low}))")
        divisor *= high - low + 1
    return parts[::-1]
