"""Which fields and locals a statement may read or write: a set of them, with a bit for each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from checker.compiler.fibres import does_all
from checker.compiler.ir import Call, Expr, Load, Read
from checker.compiler.ir_statements import Assign, For, Perform, Return, Stmt, Store, Yield
from checker.compiler.liveness import Uses
from checker.compiler.slicing import Slice
from checker.compiler.walking import walk, with_helpers

Bits = int


class Touched:
    """Proofs ask it of the same statements for one order after the other: each is looked at once. What a
    statement does not touch cannot matter to it, nor to any statement inside it."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self._bit_of: dict[Hashable, Bits] = {}
        self._read: dict[Stmt, Bits] = {}
        self._touched: dict[Stmt, Bits] = {}
        self._does_all: dict[For, bool] = {}
        self._statements: dict[int, tuple[list[Stmt], list[Stmt]]] = {}  # the body is held for its id
        self._passing_on: dict[int, list[tuple[Assign | Perform, Bits]]] = {}  # of such a list of statements

    def bits(self, things: Iterable[Hashable]) -> Bits:
        """Leaf keys and variables."""
        found = 0
        for thing in things:
            found |= self._bit_of.setdefault(thing, 1 << len(self._bit_of))
        return found

    def read(self, stmt: Stmt) -> Bits:
        """By the statement itself."""
        known = self._read.get(stmt)
        if known is None:
            known = self._read[stmt] = self.bits(_read_by(stmt.expressions()))
        return known

    def returned(self, stmt: Perform) -> Bits:
        """Read for its result."""
        returns = [inner for inner in walk(stmt.helper.body) if isinstance(inner, Return)]
        return self._any(map(self.read, returns))

    def touched(self, stmt: Stmt) -> Bits:
        """By the statement, by those inside it and by what it performs."""
        known = self._touched.get(stmt)
        if known is None:
            known = self.read(stmt) | self._own(stmt)
            for body in stmt.bodies():
                known |= self.touched_in(body)
            self._touched[stmt] = known
        return known

    def touched_in(self, body: list[Stmt]) -> Bits:
        return self._any(map(self.touched, body))

    def _own(self, stmt: Stmt) -> Bits:
        if isinstance(stmt, Store):
            return self.bits([stmt.leaf.key])
        if isinstance(stmt, Yield):
            return self.bits(stmt.point.live)
        return self.touched_in(stmt.helper.body) if isinstance(stmt, Perform) else 0

    def statements(self, body: list[Stmt]) -> list[Stmt]:
        """Of the body, and of the helpers that it performs."""
        if id(body) not in self._statements:
            self._statements[id(body)] = body, with_helpers(body)
        return self._statements[id(body)][1]

    def passing_on(self, statements: list[Stmt], kept: Slice) -> list[tuple[Assign | Perform, Bits]]:
        """Those that assign locals, with what these may depend on."""
        if id(statements) not in self._passing_on:
            matter = [s for s in statements if isinstance(s, Assign | Perform) and kept.matters(s)]
            self._passing_on[id(statements)] = [(stmt, self._passed_on(stmt)) for stmt in matter]
        return self._passing_on[id(statements)]

    def _passed_on(self, stmt: Assign | Perform) -> Bits:
        if isinstance(stmt, Perform) and stmt.variable is not None:
            return self.read(stmt) | self.returned(stmt)
        return self.read(stmt)

    def does_all(self, loop: For) -> bool:
        if loop not in self._does_all:
            self._does_all[loop] = does_all(loop)
        return self._does_all[loop]

    @staticmethod
    def _any(parts: Iterable[Bits]) -> Bits:
        found = 0
        for part in parts:
            found |= part
        return found


def _read_by(exprs: Iterable[Expr]) -> Iterable[Hashable]:
    found: list[Hashable] = []
    waiting = list(exprs)
    while waiting:
        expr = waiting.pop()
        if isinstance(expr, Read):
            found.append(expr.variable)
            continue
        if isinstance(expr, Load):
            found.append(expr.leaf.key)
        elif isinstance(expr, Call):
            found += expr.helper.loads
        waiting += expr.children()
    return found
