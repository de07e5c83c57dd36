"""Which locals a program point must keep: those that may be read later before they are written again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checker.compiler.ir import Expr, Fold, Literal, Read, Variable
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Choose,
    For,
    If,
    Jump,
    Leave,
    Perform,
    Point,
    Return,
    Stmt,
    While,
    Yield,
)
from checker.compiler.slicing import Slice

Bits = int  # a set of variables, each with a bit of its own: it is united with others all the time


@dataclass(frozen=True)
class Exits:
    """What is live where a jump goes to. `blocks`: of those around, the outermost first."""

    on_break: Bits = 0
    on_continue: Bits = 0
    blocks: tuple[tuple[str, Bits], ...] = ()


def uses(*exprs: Expr) -> frozenset[Variable]:
    """The variables an expression reads, without those its own comprehensions bind."""
    found: set[Variable] = set()
    bound: set[Variable] = set()
    waiting = list(exprs)
    for expr in waiting:  # it grows meanwhile
        if isinstance(expr, Read):
            if expr.variable.cname != "me":
                found.add(expr.variable)
        else:
            waiting += expr.children()
            if isinstance(expr, Fold):
                bound.update(expr.bound())
    return frozenset(found - bound)


class Uses:
    """The variables that a statement itself reads: several analyses ask for the same."""

    def __init__(self) -> None:
        self._known: dict[Stmt, frozenset[Variable]] = {}

    def of(self, stmt: Stmt) -> frozenset[Variable]:
        known = self._known.get(stmt)
        if known is None:
            known = self._known[stmt] = uses(*stmt.expressions())
        return known


class Liveness:
    def __init__(self, kept: Slice, known: Uses) -> None:
        self.kept = kept
        self.known = known
        self._variables: list[Variable] = []
        self._bit_of: dict[Variable, Bits] = {}
        self._used: dict[Stmt, Bits] = {}  # loops in loops ask for the same again and again
        self._loops: dict[Stmt, tuple[Bits, Exits, Bits]] = {}  # what was asked of each last, and the answer
        self._points: dict[Point, Bits] = {}

    def operation(self, body: list[Stmt]) -> frozenset[Variable]:
        """Fills in `live` of every point; returns what is live where the operation starts."""
        self._loops.clear()
        start = self._body(body, 0, Exits())
        for point, live in self._points.items():
            point.live = sorted({*point.live, *self._in(live)}, key=lambda v: v.cname)
        self._points.clear()
        return frozenset(self._in(start))

    def _bit(self, variable: Variable) -> Bits:
        bit = self._bit_of.get(variable)
        if bit is None:
            bit = self._bit_of[variable] = 1 << len(self._variables)
            self._variables.append(variable)
        return bit

    def _bits(self, variables: Iterable[Variable]) -> Bits:
        found = 0
        for variable in variables:
            found |= self._bit(variable)
        return found

    def _in(self, bits: Bits) -> list[Variable]:
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self._variables[lowest.bit_length() - 1])
            bits ^= lowest
        return found

    def _body(self, body: list[Stmt], out: Bits, exits: Exits) -> Bits:
        matters = self.kept.matters
        for stmt in reversed(body):
            if matters(stmt):
                out = self._stmt(stmt, out, exits)
        return out

    def _uses(self, stmt: Stmt) -> Bits:
        known = self._used.get(stmt)
        if known is None:
            known = self._used[stmt] = self._bits(self._read_by(stmt))
        return known

    def _read_by(self, stmt: Stmt) -> frozenset[Variable]:
        if not isinstance(stmt, Perform):
            return self.known.of(stmt)
        given = zip(stmt.helper.parameters, stmt.arguments, strict=True)
        return uses(*(argument for parameter, argument in given if parameter in self.kept.needed))

    def _stmt(self, stmt: Stmt, out: Bits, exits: Exits) -> Bits:
        if isinstance(stmt, (Assign, Choose, Perform)):
            assigned = self._bit(stmt.variable) if stmt.variable is not None else 0
            return out & ~assigned | self._uses(stmt)
        if isinstance(stmt, If):
            return self._uses(stmt) | self._body(stmt.then, out, exits) | self._body(stmt.orelse, out, exits)
        if isinstance(stmt, Yield):
            after = out | self._uses(stmt)
            self._points[stmt.point] = self._points.get(stmt.point, 0) | after
            return after
        if isinstance(stmt, Return):
            return self._uses(stmt)
        if isinstance(stmt, Jump):
            return exits.on_break if stmt.kind == "break" else exits.on_continue
        if isinstance(stmt, Leave):
            return next(live for label, live in reversed(exits.blocks) if label == stmt.label)
        if isinstance(stmt, Block):
            blocks = (*exits.blocks, (stmt.label, out))
            return self._body(stmt.body, out, Exits(exits.on_break, exits.on_continue, blocks))
        if isinstance(stmt, (For, While)):
            return self._loop(stmt, out, exits)
        return out | self._uses(stmt)

    def _loop(self, stmt: For | While, out: Bits, exits: Exits) -> Bits:
        """A loop around it asks until nothing changes, so mostly the same as before."""
        known = self._loops.get(stmt)
        if known is not None and known[:2] == (out, exits):
            return known[2]
        live = self._for(stmt, out, exits) if isinstance(stmt, For) else self._while(stmt, out, exits)
        self._loops[stmt] = out, exits, live
        return live

    def _for(self, stmt: For, out: Bits, exits: Exits) -> Bits:
        again = out | self._uses(stmt)
        own = self._bit(stmt.variable)
        entry = 0
        while True:
            round_trip = again | entry | own
            new = self._body(stmt.body, round_trip, Exits(out, round_trip, exits.blocks))
            if new | entry == entry:
                return again | entry & ~own
            entry |= new

    def _while(self, stmt: While, out: Bits, exits: Exits) -> Bits:
        head = 0
        while True:
            body = self._body(stmt.body, head, Exits(out, head, exits.blocks))
            left = 0 if _is_true(stmt.test) else out  # `while True` is only left by a break
            new = self._body(stmt.before, left | body | self._uses(stmt), exits)
            if new | head == head:
                return head
            head |= new


def _is_true(test: Expr) -> bool:
    return isinstance(test, Literal) and test.code == 1
