"""Marks that a model sets for its properties only, and never takes back: no step is named after them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from types import CodeType

from checker.language.reached import functions_reached
from checker.language.source import function_tree
from checker.language.world import World
from checker.traces.effects import places_written


def latches(world: World) -> frozenset[str]:
    """The names of fields that steps set to True, and otherwise neither write nor read."""
    declared = [each.function for each in (*world.operations, *world.actions, *world.model.enabled)]
    marks: set[str] = set()
    others: set[str] = set()
    for function in [*declared, *functions_reached(declared)]:
        set_here, rest = _used(function.__code__)
        marks |= set_here
        others |= rest
    return frozenset(marks - others)


@functools.lru_cache(maxsize=10_000)
def _used(code: CodeType) -> tuple[set[str], set[str]]:
    """Fields that are set to True, and all that are on the way to a place or used in another way."""
    tree = function_tree(code)
    if tree is None:
        return set(), set()
    marks = {id(place): place.attr for each in ast.walk(tree) for place in _set_to_true(each)}
    rest = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) not in marks}
    return set(marks.values()), rest


def _set_to_true(node: ast.AST) -> Iterator[ast.Attribute]:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is True:
        yield from (place for place in places_written(node) if isinstance(place, ast.Attribute))
