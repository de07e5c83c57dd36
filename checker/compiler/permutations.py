"""Permutations of the members of indexes, and what they do to values and to their codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.compiler.codes import NoneOnly, code_range, none_code, set_size
from checker.language.index import Index
from checker.language.types import IndexType, OptionalType, SetType, TupleType
from checker.language.world import World

Permutation = Mapping[type[Index], tuple[int, ...]]  # of each index that it moves: member → its image


def transposition(world: World, index: type[Index], one: int, other: int) -> Permutation:
    """Two members change places, and with them, in order, the members of all indexes that lie within."""
    size = world.size(index)
    images = {index: tuple(other if n == one else one if n == other else n for n in range(size))}
    for inner in inner_indexes(world, index):
        outer = inner.info.outer
        assert outer is not None
        each = world.size(inner) // max(1, world.size(outer))
        images[inner] = tuple(
            images[outer][n // each] * each + n % each if each else n for n in range(world.size(inner))
        )
    return images


def exchange(
    world: World, index: type[Index], with_it: Iterable[type[Index]], one: int, other: int
) -> Permutation | None:
    """Two members change places, and so do the members of other indexes that have the same numbers."""
    images = dict(transposition(world, index, one, other))
    for follower in with_it:
        if max(one, other) >= world.size(follower):
            return None
        images |= transposition(world, follower, one, other)
    return images


def indexes_of(world: World) -> list[type[Index]]:
    """Every index that the state, a parameter or an actor mentions, those around it first."""
    found: dict[type[Index], None] = {}

    def note(index: type[Index]) -> None:
        if index.info.outer is not None:
            note(index.info.outer)
        found.setdefault(index)

    def visit(kind: Any) -> None:
        if isinstance(kind, IndexType):
            note(kind.index)
        elif isinstance(kind, (OptionalType, SetType)):
            visit(kind.of)
        elif isinstance(kind, TupleType):
            for item in kind.items:
                visit(item)

    for actor in world.actors:
        note(type(actor.member))
        for operation in actor.all_operations:
            for kind in world.parameters(operation).values():
                visit(kind)
    for action in world.actions:
        if action.actor is not None:
            note(action.actor)
        for kind in world.parameters(action).values():
            visit(kind)
    for cell in world.cells:
        visit(cell.type)
        for step in cell.steps:
            if isinstance(step, Index):
                note(type(step))
    return list(found)


def inner_indexes(world: World, index: type[Index]) -> Iterator[type[Index]]:
    """Those that lie within it, at any depth, outer ones first."""
    inside = {index}
    for each in indexes_of(world):
        if each.info.outer in inside:
            inside.add(each)
            yield each


def moves(permutation: Permutation, kind: Any) -> bool:
    """May a value of this type be changed by it?"""
    if isinstance(kind, IndexType):
        return kind.index in permutation
    if isinstance(kind, (OptionalType, SetType)):
        return moves(permutation, kind.of)
    return isinstance(kind, TupleType) and any(moves(permutation, item) for item in kind.items)


def moved_code(permutation: Permutation, kind: Any, code: int) -> int:
    """The code of the value that a value becomes."""
    if isinstance(kind, NoneOnly) or not moves(permutation, kind):
        return code
    if isinstance(kind, IndexType):
        return permutation[kind.index][code]
    if isinstance(kind, OptionalType):
        return code if code == none_code(kind) else moved_code(permutation, kind.of, code)
    if isinstance(kind, TupleType):
        return _moved_tuple(permutation, kind, code)
    assert isinstance(kind, SetType)
    low, _ = code_range(kind.of)
    bits = (bit for bit in range(set_size(kind)) if code >> bit & 1)
    return sum(1 << (moved_code(permutation, kind.of, bit + low) - low) for bit in bits)


def _moved_tuple(permutation: Permutation, kind: TupleType, code: int) -> int:
    moved, factor = 0, 1
    for item in reversed(kind.items):
        low, high = code_range(item)
        code, digit = divmod(code, high - low + 1)
        moved += (moved_code(permutation, item, digit + low) - low) * factor
        factor *= high - low + 1
    return moved


def moved_member(permutation: Permutation, member: Index) -> Index:
    kind = type(member)
    return kind[permutation[kind][int(member)]] if kind in permutation else member
