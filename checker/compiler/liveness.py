"""Which locals a program point must keep: those that may be read later before they are written again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from checker.compiler.ir import (
    Assign,
    Block,
    Choose,
    Expr,
    Fold,
    For,
    If,
    Jump,
    Leave,
    Literal,
    Perform,
    Read,
    Return,
    Stmt,
    Variable,
    While,
    Yield,
    expressions,
)
from checker.compiler.slicing import Slice

Live = frozenset[Variable]


@dataclass(frozen=True)
class Exits:
    """What is live where a jump goes to."""

    on_break: Live = frozenset()
    on_continue: Live = frozenset()
    blocks: dict[int, Live] = field(default_factory=dict)


NOTHING: Live = frozenset()


def uses(*exprs: Expr) -> Live:
    """The variables an expression reads, without those its own comprehensions bind."""
    return NOTHING.union(*map(_uses, exprs))


def _uses(expr: Expr) -> Live:
    if isinstance(expr, Read):
        return NOTHING if expr.variable.cname == "me" else frozenset((expr.variable,))
    children = expr.children()
    if not children:
        return NOTHING
    found = uses(*children)
    if isinstance(expr, Fold):
        found -= {variable for variable, _ in expr.loops}
        found -= {variable for group in expr.bindings for variable, _ in group}
    return found


class Liveness:
    def __init__(self, kept: Slice) -> None:
        self.kept = kept
        self._used: dict[Stmt, Live] = {}  # loops in loops ask for the same again and again

    def operation(self, body: list[Stmt]) -> Live:
        """Fills in `live` of every point; returns what is live where the operation starts."""
        return self._body(body, frozenset(), Exits())

    def _body(self, body: list[Stmt], out: Live, exits: Exits) -> Live:
        for stmt in reversed(body):
            if self.kept.matters(stmt):
                out = self._stmt(stmt, out, exits)
        return out

    def _uses(self, stmt: Stmt) -> Live:
        known = self._used.get(stmt)
        if known is None:
            known = self._used[stmt] = uses(*expressions(stmt))
        return known

    def _stmt(self, stmt: Stmt, out: Live, exits: Exits) -> Live:
        if isinstance(stmt, (Assign, Choose)):
            return (out - {stmt.variable}) | self._uses(stmt)
        if isinstance(stmt, Perform):
            needed = [
                a
                for p, a in zip(stmt.helper.parameters, stmt.arguments, strict=True)
                if p in self.kept.needed
            ]
            return (out - ({stmt.variable} if stmt.variable else set())) | uses(*needed)
        if isinstance(stmt, If):
            return self._uses(stmt) | self._body(stmt.then, out, exits) | self._body(stmt.orelse, out, exits)
        if isinstance(stmt, Yield):
            after = out | self._uses(stmt)
            known = set(stmt.point.live)
            stmt.point.live = sorted(known | after, key=lambda v: v.cname)
            return after
        if isinstance(stmt, Return):
            return self._uses(stmt)
        if isinstance(stmt, Jump):
            return exits.on_break if stmt.kind == "break" else exits.on_continue
        if isinstance(stmt, Leave):
            return exits.blocks[id(stmt.block)]
        if isinstance(stmt, Block):
            return self._body(stmt.body, out, replace(exits, blocks={**exits.blocks, id(stmt): out}))
        if isinstance(stmt, For):
            return self._for(stmt, out, exits)
        if isinstance(stmt, While):
            return self._while(stmt, out, exits)
        return out | self._uses(stmt)

    def _for(self, stmt: For, out: Live, exits: Exits) -> Live:
        again = out | self._uses(stmt)
        entry: Live = frozenset()
        while True:
            round_trip = again | (entry - {stmt.variable}) | {stmt.variable}
            new = self._body(stmt.body, round_trip, replace(exits, on_break=out, on_continue=round_trip))
            if new <= entry:
                return again | (entry - {stmt.variable})
            entry |= new

    def _while(self, stmt: While, out: Live, exits: Exits) -> Live:
        head: Live = frozenset()
        while True:
            body = self._body(stmt.body, head, replace(exits, on_break=out, on_continue=head))
            left = out if not _is_true(stmt.test) else frozenset()  # `while True` is only left by a break
            new = self._body(stmt.before, left | body | self._uses(stmt), exits)
            if new <= head:
                return head
            head |= new


def _is_true(test: Expr) -> bool:
    return isinstance(test, Literal) and test.code == 1
