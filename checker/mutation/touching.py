"""Which fields a statement reads and writes, to know swaps that cannot make a difference.

Within an atomic block the order of two statements that touch different fields is nobody's business. Fields
are told apart by name alone, through all functions that are called; what is not understood touches all.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from checker.compiler.source import source_of
from checker.compiler.syntax import assigned_names
from checker.language import steps
from checker.language.errors import CheckerError
from checker.language.index import Index
from checker.language.place import copy_into, frozen
from checker.mutation.folding import Folding

ALL = frozenset({"*"})
OF_SETS = {"add", "discard", "remove", "clear", "update"}
ENDING = (ast.Yield, ast.YieldFrom, ast.Raise, ast.Assert)
LEAVING = (ast.Return, ast.Break, ast.Continue)
CHOOSING = (steps.choose, steps.when, steps.any_order)
PURE = (any, all, sum, min, max, len, set, frozenset, range, int, abs, sorted, steps.assumed)


@dataclass(frozen=True)
class Touched:
    """`control`: it suspends, chooses, refuses or leaves, so its place in the block matters."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    control: bool = False

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.reads | other.reads, self.writes | other.writes, self.control or other.control)

    @property
    def anything(self) -> bool:
        return bool(self.reads or self.writes or self.control)


def independent(one: Touched, other: Touched) -> bool:
    """Whether their order makes no difference."""
    if one.control or other.control:
        return not (one.anything and other.anything)
    return not (_overlap(one.writes, other.writes | other.reads) or _overlap(other.writes, one.reads))


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other) or bool((one >= ALL and other) or (other >= ALL and one))


class Touching:
    """The fields of statements of one function, given the names that it sees, without its locals."""

    def __init__(
        self, names: Mapping[str, Any], under_way: frozenset[Callable[..., Any]] = frozenset()
    ) -> None:
        self.names = names
        self.under_way = under_way

    def statement(self, stmt: ast.stmt) -> Touched:
        return self._within(stmt, (*ENDING, *LEAVING))

    def _within(self, stmt: ast.stmt, control: tuple[type[ast.AST], ...]) -> Touched:
        found = Touched()
        for node in ast.walk(stmt):
            found |= Touched(control=isinstance(node, control))
            for touched in self._node(node):
                found |= touched
        return found

    def _node(self, node: ast.AST) -> Iterator[Touched]:
        if isinstance(node, ast.Attribute):
            if self._is_constant(node):
                return
            name = frozenset({node.attr})
            yield Touched(writes=name) if isinstance(node.ctx, ast.Store) else Touched(reads=name)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield Touched(writes=_base(node))
        elif isinstance(node, ast.AugAssign) and not isinstance(node.target, ast.Name):
            yield Touched(_base(node.target), _base(node.target))
        elif isinstance(node, ast.Call):
            yield self._call(node)

    def _is_constant(self, node: ast.expr) -> bool:
        """An attribute of a class or module, such as a switch or a member of an enum: no field."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.names

    def _call(self, node: ast.Call) -> Touched:
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in OF_SETS:
                return Touched(writes=_base(node.func.value))
            if node.func.attr == "assign" and node.keywords:
                return Touched(writes=frozenset(keyword.arg or "*" for keyword in node.keywords))
        target = self.target(node.func)
        if target is frozen:
            return Touched(reads=ALL)
        if any(target is each for each in CHOOSING):
            return Touched(control=True)
        if any(target is each for each in PURE):
            return Touched()
        if isinstance(target, type) and issubclass(target, Index | Enum):
            return Touched()
        if isinstance(target, steps.SubOperation):
            return self._function(target.function)
        if inspect.isfunction(target) and target is not copy_into:
            return self._function(target)
        return Touched(ALL, ALL)

    def target(self, node: ast.expr) -> object:
        """What a name or an attribute stands for; None if that is not known before running."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            return getattr(self.target(node.value), node.attr, None)
        return None

    def _function(self, function: Callable[..., Any]) -> Touched:
        """What a call of it touches: where it returns, only its caller goes on."""
        if function in self.under_way:
            return Touched()
        try:
            source = source_of(function)
        except CheckerError:
            return Touched(ALL, ALL)
        own = assigned_names(source) | {a.arg for a in ast.walk(source.tree.args) if isinstance(a, ast.arg)}
        names = {name: value for name, value in source.names.items() if name not in own}
        inner = Touching(names, self.under_way | {function})
        found = Touched()
        for stmt in Folding(source.names, own).body(source.tree.body):
            found |= inner._within(stmt, ENDING)
        return found


def _base(node: ast.expr) -> frozenset[str]:
    """The field that a place ends in: `free_list` of `k.zone.free_list[i]`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return frozenset({node.attr}) if isinstance(node, ast.Attribute) else ALL
