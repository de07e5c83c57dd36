"""What the properties at hand depend on; all else is left out of the state.

A field that no enabled step changes is a constant.  Of the others, those are kept that a property, a
condition, a choice or an assert reads, directly or through assignments.  Blocks and choices are never
dropped: a statement that only writes unkept fields loses its effect, not its place.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from checker.compiler.ir import Call, Expr, LeafKey, Load, Read
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Check,
    Choose,
    For,
    Helper,
    If,
    Jump,
    Leave,
    Mark,
    Perform,
    Return,
    Stmt,
    Store,
    When,
    While,
    Yield,
)
from checker.compiler.sites import has_site
from checker.compiler.walking import visit, walk, with_helpers


class Slice:
    """`needed` holds leaf keys, variables, and helpers whose result matters."""

    def __init__(self, constants: set[LeafKey]) -> None:
        self.constants = constants
        self.needed: set[Hashable] = set()
        self._used: set[Helper] = set()
        # `needed` only grows: an expression is gone through once, and what matters once matters for good.
        self._seen: set[Expr] = set()
        self._followed: set[Stmt] = set()  # they matter, and all that they read is needed
        self._swept: set[Helper] = set()  # in this round
        self._known_to_matter: dict[Stmt, bool] = {}
        self._grown = False

    def use(self, expr: Expr) -> None:
        if expr not in self._seen:
            self._seen.add(expr)
            visit(expr, self._use_one)

    def _use_one(self, expr: Expr) -> None:
        if isinstance(expr, Read):
            self.needed.add(expr.variable)
        elif isinstance(expr, Load):
            if expr.leaf.key not in self.constants:
                self.needed.add(expr.leaf.key)
        elif isinstance(expr, Call):
            self.use_whole(expr.helper)

    def use_whole(self, helper: Helper) -> None:
        """A helper without effects, and a property, matter with all they read."""
        if helper in self._used:
            return
        self._used.add(helper)
        self.needed |= set(helper.parameters)
        for stmt in walk(helper.body):
            if isinstance(stmt, (Assign, For)):
                self.needed.add(stmt.variable)
            for expr in stmt.expressions():
                self.use(expr)

    def grow(self, bodies: Iterable[list[Stmt]]) -> None:
        """Add what the statements that matter read, until nothing is added.

        Backwards, as what is read was mostly written further up: so there are fewer rounds.
        """
        everything = list(bodies)
        before = -1
        while len(self.needed) != before:
            before = len(self.needed)
            self._swept.clear()
            for body in everything:
                self._sweep(body)
        self._grown = True

    def matters(self, stmt: Stmt) -> bool:
        """Has the statement an effect that is kept?"""
        known = self._known_to_matter.get(stmt)
        if known is None:
            known = self._matters(stmt)
            if known or self._grown:
                self._known_to_matter[stmt] = known
        return known

    def _matters(self, stmt: Stmt) -> bool:
        if isinstance(stmt, Assign):
            return stmt.variable in self.needed
        if isinstance(stmt, Store):
            return stmt.leaf.key in self.needed
        if isinstance(stmt, Check):
            return stmt.site.kind == "assert" or self._known(stmt.test)
        if isinstance(stmt, Perform):
            wanted = stmt.variable is not None and stmt.variable in self.needed
            return wanted or any(map(self._has_effect, stmt.helper.body))
        if isinstance(stmt, If):
            return any(map(self.matters, stmt.then)) or any(map(self.matters, stmt.orelse))
        if isinstance(stmt, (For, Block)):
            return any(map(self.matters, stmt.body))
        assert isinstance(stmt, (Choose, Yield, When, Return, Leave, Jump, Mark, While))
        return True  # of a `while`, whether it ends: that is a question to its test

    def _has_effect(self, stmt: Stmt) -> bool:
        """Of a helper whose result nobody needs: leaving it early is none."""
        if isinstance(stmt, If) and not has_site(stmt.test):
            return any(map(self._has_effect, (*stmt.then, *stmt.orelse)))
        return not isinstance(stmt, Return) and self.matters(stmt)

    def _known(self, test: Expr) -> bool:
        leaves: set[LeafKey] = set()

        def note(expr: Expr) -> None:
            if isinstance(expr, Load) and expr.leaf.key not in self.constants:
                leaves.add(expr.leaf.key)

        visit(test, note)
        return leaves <= self.needed

    def _sweep(self, body: list[Stmt]) -> None:
        for stmt in reversed(body):
            if stmt in self._followed or not self.matters(stmt):
                continue
            if isinstance(stmt, Return):
                continue  # a helper's is followed from the call that uses it; an operation's is nobody's
            if isinstance(stmt, Perform):
                self._sweep_call(stmt)
                continue
            for expr in stmt.expressions():
                self.use(expr)
            if isinstance(stmt, (For, Choose)):
                self.needed.add(stmt.variable)
            bodies = stmt.bodies()
            for inner in bodies:
                self._sweep(inner)
            if not bodies:
                self._followed.add(stmt)

    def _sweep_call(self, stmt: Perform) -> None:
        helper = stmt.helper
        if stmt.variable is not None and stmt.variable in self.needed and helper not in self.needed:
            self.needed.add(helper)
        if helper not in self._swept:
            self._swept.add(helper)
            self._sweep(helper.body)
            if helper in self.needed:
                self._use_results(helper)
        for parameter, argument in zip(helper.parameters, stmt.arguments, strict=True):
            if parameter in self.needed:
                self.use(argument)

    def _use_results(self, helper: Helper) -> None:
        for inner in walk(helper.body):
            if isinstance(inner, Return) and inner.value is not None:
                self.use(inner.value)


def written(bodies: Iterable[list[Stmt]]) -> set[LeafKey]:
    """The leaves that some statement, or a helper it calls, stores to."""
    seen: set[Helper] = set()
    return {s.leaf.key for body in bodies for s in with_helpers(body, seen) if isinstance(s, Store)}
