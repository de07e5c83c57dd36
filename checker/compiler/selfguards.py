"""Actions that only move one set: which way, and without the test that they would change nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

from checker.compiler.codes import BOOL
from checker.compiler.failing import has_site
from checker.compiler.ir import (
    Apply,
    Check,
    Expr,
    If,
    Literal,
    Load,
    Perform,
    Return,
    Stmt,
    Store,
    When,
    expressions,
    walk,
)
from checker.compiler.lockstep import NotProved
from checker.compiler.monotone import DOWN, MIXED, UP, Polarity, is_member
from checker.compiler.shapes import reads, rebound, shape, temporaries
from checker.compiler.slicing import Slice
from checker.language.types import SetType

_BIT = "(UINT64_C(1) << "


def movement(stmt: Store) -> Polarity:
    """UP: it adds to a set, DOWN: it removes from one, MIXED: neither."""
    value = stmt.value
    if not isinstance(stmt.leaf.type, SetType):
        return MIXED
    if isinstance(value, Literal) and value.code == 0:
        return DOWN
    if not isinstance(value, Apply) or not value.arguments or not _is_old(value.arguments[0], stmt):
        return MIXED
    ways = {"({0} | {1})": UP, "({0} & ~{1})": DOWN, "({0} & {1})": DOWN}
    return ways.get(value.operator, MIXED)


def _is_old(value: Expr, stmt: Store) -> bool:
    """The same element, of the same state, as is stored to."""
    if not isinstance(value, Load) or value.leaf.key != stmt.leaf.key or value.root != stmt.root:
        return False
    return [shape(i, {}) for i in value.index] == [shape(i, {}) for i in stmt.index]


def unguarded(body: list[Stmt], kept: Slice) -> list[Stmt]:
    """Without the tests that the only element it adds is not there yet (or that what it removes is there).

    Where such a test fails, running the action would change nothing. NotProved if something can fail behind
    one, as it would then fail only while the element is absent.
    """
    guard = _Guard.of(body, kept)
    if guard is None:
        return body
    stripped = [guard.stripped(stmt) for stmt in body]
    if guard.found:
        guard.refuse_failing(body)
    return [stmt for stmt in stripped if stmt is not None]


class _Guard:
    """Recognises the test, for the one store of a body."""

    def __init__(self, store: Store, names: Any) -> None:
        assert isinstance(store.value, Apply)
        self.names = names
        self.adds = movement(store) == UP
        self.place = self._place(store.leaf.key, store.root, store.index)
        self.element = shape(store.value.arguments[1].arguments[0], names)  # type: ignore[attr-defined]
        self.found: Stmt | None = None

    @classmethod
    def of(cls, body: list[Stmt], kept: Slice) -> _Guard | None:
        stores = [stmt for stmt in walk(body) if isinstance(stmt, Store) and kept.matters(stmt)]
        if len(stores) != 1 or any(isinstance(stmt, Perform) for stmt in walk(body)):
            return None
        value = stores[0].value
        one = isinstance(value, Apply) and movement(stores[0]) in (UP, DOWN) and len(value.arguments) == 2
        bit = value.arguments[1] if one and isinstance(value, Apply) else None
        if not isinstance(bit, Apply) or not bit.operator.startswith(_BIT):
            return None
        names = temporaries(body)
        told = set().union(*(reads(expr, names) for expr in (bit, *stores[0].index)))
        return None if told & rebound(body) else cls(stores[0], names)

    def _place(self, key: Any, root: str, index: tuple[Expr, ...]) -> Any:
        return key, root, tuple(shape(i, self.names) for i in index)

    def stripped(self, stmt: Stmt) -> Stmt | None:
        if isinstance(stmt, When):
            return dataclasses.replace(stmt, test=self._without(stmt.test, stmt))
        if isinstance(stmt, If) and not stmt.orelse:
            leaves = len(stmt.then) == 1 and isinstance(stmt.then[0], Return)
            if leaves and self._is_there(stmt.test) == self.adds and self._is_there(stmt.test) is not None:
                self.found = self.found or stmt
                return None
            if any(isinstance(inner, Store) for inner in walk(stmt.then)):
                then = [s for s in map(self.stripped, stmt.then) if s is not None]
                return dataclasses.replace(stmt, test=self._without(stmt.test, stmt), then=then)
        return stmt

    def _without(self, test: Expr, stmt: Stmt) -> Expr:
        if isinstance(test, Apply) and test.operator == "({0} && {1})":
            return Apply(BOOL, test.operator, tuple(self._without(each, stmt) for each in test.arguments))
        if self._is_there(test) == (not self.adds):
            self.found = self.found or stmt
            return Literal(BOOL, 1)
        return test

    def _is_there(self, test: Expr) -> bool | None:
        """True: the test is `element in set`. False: that it is not. None: something else."""
        if isinstance(test, Apply) and test.operator == "!{0}":
            inner = self._is_there(test.arguments[0])
            return None if inner is None else not inner
        if not is_member(test):
            return None
        members, element = test.children()
        if (
            not isinstance(members, Load)
            or self._place(members.leaf.key, members.root, members.index) != self.place
        ):
            return None
        return True if shape(element, self.names) == self.element else None

    def refuse_failing(self, body: list[Stmt]) -> None:
        """What stands before the test may fail: it fails whatever is in the set."""
        behind = False
        for stmt in walk(body):
            if behind and (isinstance(stmt, Check) or any(map(has_site, expressions(stmt)))):
                raise NotProved(stmt.place, "may fail only while what it adds or removes is not there yet")
            if stmt is self.found:
                behind = True
                self._refuse_within(stmt)

    def _refuse_within(self, stmt: Stmt) -> None:
        """In `a and b` what stands after the test is behind it too."""
        behind = False
        for part in _parts(next(iter(expressions(stmt)))):
            if behind and has_site(part):
                raise NotProved(stmt.place, "may fail only while what it adds or removes is not there yet")
            behind = behind or self._is_there(part) is not None


def _parts(test: Expr) -> list[Expr]:
    if isinstance(test, Apply) and test.operator == "({0} && {1})":
        return [part for argument in test.arguments for part in _parts(argument)]
    return [test]
