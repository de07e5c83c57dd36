"""The state drawn as its model's views say: rows of cells over the members of an Index, in each state.

Rows over an Index and over the one that it lies within stand in one picture, aligned.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker.language import Index
from checker.language.context import current
from checker.language.reference import SetPlace
from checker.language.views import View
from checker.language.world import Snapshot, World
from checker.traces.values import in_order, shown

MOST_COLUMNS = 64  # of a picture; more are a table, which there is anyway


@dataclass(frozen=True)
class Content:
    """What a cell shows: nothing at all, lines, or the members of a set."""

    texts: tuple[str, ...] = ()
    is_set: bool = False


@dataclass(frozen=True)
class Cell:
    """`contents`: one for each state of the trace, the initial one first."""

    span: int
    contents: tuple[Content, ...]

    @property
    def is_empty(self) -> bool:
        return not any(content.texts for content in self.contents)


@dataclass(frozen=True)
class Row:
    title: str
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        return all(cell.is_empty for cell in self.cells)


@dataclass(frozen=True)
class Picture:
    """`heads`: rows of names with the number of columns that they span, the finest last."""

    heads: tuple[tuple[tuple[str, int], ...], ...]
    rows: tuple[Row, ...]


Chain = tuple[type[Index], ...]  # an index and those that it lies within, the finest first


def pictures_of(world: World, snapshots: Sequence[Snapshot]) -> tuple[Picture, ...]:
    """Those of which some cell is ever filled. What cannot be drawn is left out: it must not hide a trace."""
    operation_of = current.operation_of
    current.operation_of = lambda actor: None
    try:
        with world:
            made = (_picture(world, chain, views, snapshots) for chain, views in _grouped(world.model.views))
            return tuple(each for each in made if each.rows)
    finally:
        current.operation_of = operation_of


def _grouped(views: Iterable[View]) -> list[tuple[Chain, list[View]]]:
    """By the Index along the row, and the coarser ones with the first finer one; in order of declaration."""
    given = [(_chain(each.ranges[-1:]), each) for each in views]
    finest = sorted({chain for chain, _ in given}, key=len, reverse=True)
    home: dict[Chain, Chain] = {}
    for chain in finest:
        home[chain] = (
            next((other for other in finest if other[-len(chain) :] == chain), chain) if chain else ()
        )
    groups: dict[Chain, list[View]] = {}
    for chain, each in given:
        groups.setdefault(home[chain], []).append(each)
    return list(groups.items())


def _chain(last: Sequence[type]) -> Chain:
    found: list[type[Index]] = []
    for kind in last:
        while isinstance(kind, type) and issubclass(kind, Index):
            found.append(kind)
            kind = kind.info.outer  # type: ignore[assignment]
    return tuple(found)


def _picture(world: World, chain: Chain, views: Sequence[View], snapshots: Sequence[Snapshot]) -> Picture:
    columns = world.size(chain[0]) if chain else 1
    if columns > MOST_COLUMNS:
        return Picture((), ())
    rows = [row for each in views for row in _rows(world, chain, columns, each, snapshots)]
    return Picture(tuple(_heads(world, chain, columns)), tuple(row for row in rows if not row.is_empty))


def _heads(world: World, chain: Chain, columns: int) -> Iterator[tuple[tuple[str, int], ...]]:
    """An outer index of one member says nothing that the finest does not."""
    for kind in reversed(chain):
        size = world.size(kind)
        if size > 1 or kind is chain[0]:
            yield tuple((shown(member), columns // size) for member in world.members(kind))


def _rows(
    world: World, chain: Chain, columns: int, made: View, snapshots: Sequence[Snapshot]
) -> Iterator[Row]:
    along = made.ranges[-1] if made.ranges and issubclass(made.ranges[-1], Index) else None
    before = made.ranges[:-1] if along is not None else made.ranges
    cells = [(member,) for member in world.members(along)] if along is not None else [()]
    for given in itertools.product(*(_members(world, kind) for kind in before)):
        title = " ".join([made.title, *map(shown, given)])
        spans = max(columns // max(len(cells), 1), 1)
        yield Row(
            title,
            tuple(
                Cell(spans, tuple(_content(world, made, snapshot, (*given, *cell)) for snapshot in snapshots))
                for cell in cells
            ),
        )


def _members(world: World, kind: type) -> list[object]:
    return list(kind) if issubclass(kind, enum.Enum) else list(world.members(kind))


def _content(world: World, made: View, snapshot: Snapshot, given: tuple[object, ...]) -> Content:
    try:
        return content_of(made(world.view(snapshot), *given))
    except Exception:  # it belongs to a file of the user's; a gap is better than no counterexample
        return Content(("?",))


def content_of(value: object) -> Content:
    """None is nothing; a place that is a set is one."""
    if value is None:
        return Content()
    if isinstance(value, str):
        return Content((value,))
    if isinstance(value, tuple):
        return Content(tuple(_text(each) for each in value if each is not None))
    if isinstance(value, set | frozenset | SetPlace):
        return Content(tuple(map(_text, in_order(value))), True)
    return Content((_text(value),))


def _text(value: object) -> str:
    return value if isinstance(value, str) else shown(value)
