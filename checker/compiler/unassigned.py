"""Refuses a local that may be read before anything was assigned to it.

The statements are followed in the order of the text, with the locals that are assigned on every path to each.
A loop needs no second round: nothing is forgotten in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from checker.compiler.ir import Literal, Variable
from checker.compiler.ir_statements import (
    Assign,
    Block,
    Choose,
    For,
    If,
    Jump,
    Leave,
    Perform,
    Return,
    Stmt,
    While,
)
from checker.compiler.liveness import Uses
from checker.language.errors import UnsupportedConstruct

Bits = int  # a set of variables, each with a bit of its own
ALL: Bits = -1  # where no path leads


def refuse_unassigned(body: list[Stmt], parameters: Iterable[Variable], uses: Uses) -> None:
    _Paths(parameters, uses).follow(body)


class _Paths:
    def __init__(self, parameters: Iterable[Variable], uses: Uses) -> None:
        self._uses = uses
        self._bit_of: dict[Variable, Bits] = {}
        self._now: Bits = 0  # assigned on every path to here
        self._ends: dict[str, Bits] = {}  # on every path to the end of a block around, by its label
        self._breaks: Bits = ALL  # and out of the innermost loop
        for each in parameters:
            self._now |= self._bit(each)

    def follow(self, body: list[Stmt]) -> None:
        for stmt in body:
            self._statement(stmt)

    def _statement(self, stmt: Stmt) -> None:
        if isinstance(stmt, While):
            self._while(stmt)
            return
        self._read(stmt)
        if isinstance(stmt, (Assign, Choose, Perform)):
            self._now |= self._bit(stmt.variable) if stmt.variable is not None else 0
        elif isinstance(stmt, If):
            before = self._now
            self.follow(stmt.then)
            after, self._now = self._now, before
            self.follow(stmt.orelse)
            self._now &= after
        elif isinstance(stmt, For):
            before = self._now
            self._now |= self._bit(stmt.variable)
            self._loop(stmt.body)
            self._now = before
        elif isinstance(stmt, Block):
            self._ends[stmt.label] = ALL
            self.follow(stmt.body)
            self._now &= self._ends.pop(stmt.label)
        elif isinstance(stmt, (Leave, Jump, Return)):
            self._go(stmt)

    def _go(self, stmt: Leave | Jump | Return) -> None:
        if isinstance(stmt, Leave):
            self._ends[stmt.label] &= self._now
        elif isinstance(stmt, Jump) and stmt.kind == "break":
            self._breaks &= self._now
        self._now = ALL

    def _while(self, stmt: While) -> None:
        self.follow(stmt.before)
        self._read(stmt)
        is_endless = isinstance(stmt.test, Literal) and stmt.test.code == 1
        over = ALL if is_endless else self._now
        self._now = over & self._loop(stmt.body)

    def _loop(self, body: list[Stmt]) -> Bits:
        """What is assigned wherever it is left by a break."""
        around, self._breaks = self._breaks, ALL
        self.follow(body)
        breaks, self._breaks = self._breaks, around
        return breaks

    def _read(self, stmt: Stmt) -> None:
        for variable in self._uses.of(stmt):
            if not self._bit(variable) & self._now:
                _refuse(stmt, variable)

    def _bit(self, variable: Variable) -> Bits:
        bit = self._bit_of.get(variable)
        if bit is None:
            bit = self._bit_of[variable] = 1 << len(self._bit_of)
        return bit


def _refuse(stmt: Stmt, variable: Variable) -> NoReturn:
    raise UnsupportedConstruct(
        f"`{variable.name.partition('.')[0]}` may be read before anything was assigned to it",
        file=stmt.place.file,
        line=stmt.place.line,
        column=stmt.place.column + 1,
        advice="assign it on every path",
    )
