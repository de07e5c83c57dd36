"""Actions that only move one set, bool or enum: which way, and without the test that they change anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from checker.compiler.codes import BOOL
from checker.compiler.ir import Apply, Expr, LeafKey, Literal, Load, Variable
from checker.compiler.ir_statements import Assign, Check, If, Perform, Return, Stmt, Store, When
from checker.compiler.monotone import is_member
from checker.compiler.movements import bit_of, movement
from checker.compiler.objections import NotProved
from checker.compiler.orders import DOWN, Climb, Movement
from checker.compiler.shapes import reads, rebound, shape, temporaries
from checker.compiler.sites import has_site
from checker.compiler.slicing import Slice
from checker.compiler.walking import walk
from checker.language.types import BoolType, EnumType


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


def climb_of(body: list[Stmt], kept: Slice) -> dict[LeafKey, Movement] | None:
    """The one enum that it moves from one value, which it asks for, to another; else None."""
    guard = _Guard.of(body, kept)
    return {guard.store.leaf.key: guard.climb} if guard is not None and guard.climb is not None else None


def is_always_possible(body: list[Stmt], parameters: Collection[Variable], kept: Slice) -> bool:
    """Is there nothing it asks for but that it changes something, and does it reach every element?"""
    guard = _Guard.of(body, kept)
    if guard is None:
        return False
    for stmt in unguarded(body, kept):
        plain = isinstance(stmt, (Assign, Store)) or (isinstance(stmt, When) and _is_true(stmt.test))
        if kept.matters(stmt) and (not plain or any(map(has_site, stmt.expressions()))):
            return False
    told = [shape(i, guard.names) for i in guard.store.index]
    whole = {("read", variable) for variable in parameters}
    return len(set(told)) == len(told) and all(each in whole or _is_actor(each) for each in told)


def _is_actor(told: Any) -> bool:
    return bool(told[0] == "read" and told[1].cname == "me")


def _is_true(test: Expr) -> bool:
    if isinstance(test, Apply) and test.operator == "({0} && {1})":
        return all(map(_is_true, test.arguments))
    return isinstance(test, Literal) and test.code == 1


class _Guard:
    """Recognises the test, for the one store of a body."""

    def __init__(self, store: Store, names: Any, element: Any) -> None:
        self.store = store
        self.names = names
        self.adds = movement(store) != DOWN
        self.place = self._place(store.leaf.key, store.root, store.index)
        self.element = element
        self.climb: Climb | None = None
        self.found: Stmt | None = None

    @classmethod
    def of(cls, body: list[Stmt], kept: Slice) -> _Guard | None:
        stores = [stmt for stmt in walk(body) if isinstance(stmt, Store) and kept.matters(stmt)]
        if len(stores) != 1 or any(isinstance(stmt, Perform) for stmt in walk(body)):
            return None
        store, names = stores[0], temporaries(body)
        bit = bit_of(store)
        if bit is None and not isinstance(store.value, Literal):
            return None
        told = set().union(*(reads(expr, names) for expr in (*([bit] if bit else []), *store.index)))
        if told & rebound(body):
            return None
        if bit is not None:
            return cls(store, names, shape(bit.arguments[0], names))
        guard = cls(store, names, None)
        if isinstance(store.leaf.type, EnumType):
            return guard._from_one_value(body)
        return guard if isinstance(store.leaf.type, BoolType) else None

    def _from_one_value(self, body: list[Stmt]) -> _Guard | None:
        assert isinstance(self.store.value, Literal)
        for stmt in body:
            for part in _parts(stmt.test) if isinstance(stmt, When) else []:
                value = self._compared(part)
                if value is not None and value != self.store.value.code:
                    self.climb = Climb(value, self.store.value.code)
                    return self
        return None

    def _compared(self, test: Expr) -> int | None:
        """The value that it asks the place to have."""
        if not isinstance(test, Apply) or test.operator != "({0} == {1})":
            return None
        value, other = test.arguments
        return other.code if self._is_place(value) and isinstance(other, Literal) else None

    def _is_place(self, value: Expr) -> bool:
        return isinstance(value, Load) and self._place(value.leaf.key, value.root, value.index) == self.place

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
        if self.climb is not None:
            return False if self._compared(test) == self.climb.low else None
        if isinstance(self.store.leaf.type, BoolType):
            return True if self._is_place(test) else None
        if not is_member(test):
            return None
        members, element = test.children()
        return True if self._is_place(members) and shape(element, self.names) == self.element else None

    def refuse_failing(self, body: list[Stmt]) -> None:
        """What stands before the test may fail: it fails whatever is in the set."""
        behind = False
        for stmt in walk(body):
            if behind and (isinstance(stmt, Check) or any(map(has_site, stmt.expressions()))):
                raise NotProved(stmt.place, "may fail only while what it adds or removes is not there yet")
            if stmt is self.found:
                behind = True
                self._refuse_within(stmt)

    def _refuse_within(self, stmt: Stmt) -> None:
        """In `a and b` what stands after the test is behind it too."""
        behind = False
        for part in _parts(next(iter(stmt.expressions()))):
            if behind and has_site(part):
                raise NotProved(stmt.place, "may fail only while what it adds or removes is not there yet")
            behind = behind or self._is_there(part) is not None


def _parts(test: Expr) -> list[Expr]:
    if isinstance(test, Apply) and test.operator == "({0} && {1})":
        return [part for argument in test.arguments for part in _parts(argument)]
    return [test]
