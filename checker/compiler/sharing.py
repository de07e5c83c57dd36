"""Sub-operations that are called alike from several places: their statements become C once.

Sub-operations are inlined while lowering, so that the program points, the slice and what each point keeps are
exact for every chain of calls. Here the copies that turned out equal, but for the names of their variables,
are found again. Equal copies have their points in the same order and the same locals live at each, so one C
function serves them all: it is told at which of its points to go on, and says at which it has stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from checker.compiler.c_wide import is_wide
from checker.compiler.ir import Domain, Expr, Fold, Selected, Variable
from checker.compiler.ir_statements import Block, Helper, If, Leave, Perform, Point, Stmt, Store, While, Yield
from checker.compiler.slicing import Slice
from checker.language.index import Index


@dataclass(eq=False)
class Copy:
    """One inlined sub-operation. Of equal copies, `own`, `outer` and `points` correspond one to one."""

    number: int  # equal copies have the same
    actor: type[Index]
    block: Block
    parameters: list[Variable]  # its own, set by the caller
    own: list[Variable]
    outer: list[Variable]  # of its callers, read in place
    points: list[Point]


class Copies:
    """All inlined sub-operations of a program; `shared` are the numbers that become C functions."""

    def __init__(self, kept: Slice, operations: Iterable[tuple[type[Index], list[Stmt]]]) -> None:
        self.kept = kept
        self.of: dict[int, Copy] = {}  # by the block's id
        self.first: dict[int, Copy] = {}  # the copy that is written, by number
        self._numbers: dict[Any, int] = {}
        self._operations = list(operations)
        for actor, body in self._operations:
            self._find(actor, body)
        self.shared: set[int] = self._called_often()

    def _find(self, actor: type[Index], body: list[Stmt]) -> list[Point]:
        """The points in it. Inner copies first: a copy is told by which copies it calls."""
        points = []
        for stmt in body:
            inside = [point for inner in stmt.bodies() for point in self._find(actor, inner)]
            if isinstance(stmt, Block):
                self._enter(actor, stmt, inside)
            points += [stmt.point] if isinstance(stmt, Yield) else inside
        return points

    def _enter(self, actor: type[Index], block: Block, points: list[Point]) -> None:
        shape = _Shape(self, block, points)
        number = self._numbers.setdefault((actor, shape.key()), len(self._numbers))
        copy = Copy(number, actor, block, shape.parameters, shape.own, shape.outer, shape.points)
        self.of[id(block)] = copy
        self.first.setdefault(number, copy)

    def _called_often(self) -> set[int]:
        """Those that more than one place of the text calls, counting the text of each once."""
        calls: dict[int, int] = {}
        waiting = [body for _, body in self._operations]
        while waiting:
            for stmt in walk_outside_blocks(waiting.pop()):
                if isinstance(stmt, Block):
                    number = self.of[id(stmt)].number
                    calls[number] = calls.get(number, 0) + 1
                    if calls[number] == 1:
                        waiting.append(self.first[number].block.body)
        return {
            number
            for number, count in calls.items()
            if count > 1 and not _is_wide_result(self.first[number].block)
        }

    def is_shared(self, block: Block) -> bool:
        return self.of[id(block)].number in self.shared

    def same(self) -> dict[Variable, Variable]:
        """Of each variable of a copy, the one that stands for it in the text that is written."""
        found: dict[Variable, Variable] = {}
        for copy in self.of.values():
            first = self.first[copy.number]
            found.update(zip(copy.own, first.own, strict=True))
        return found


def _is_wide_result(block: Block) -> bool:
    """A function that stops and goes on hands back one word."""
    return block.result is not None and is_wide(block.result.type)


def walk_outside_blocks(body: list[Stmt]) -> Iterator[Stmt]:
    """The statements of a body, and its blocks but not what is in them."""
    for stmt in body:
        yield stmt
        if not isinstance(stmt, Block):
            for inner in stmt.bodies():
                yield from walk_outside_blocks(inner)


def targets(body: list[Stmt]) -> Iterator[Variable]:
    """What the statements of a body, outside its blocks, assign to."""
    for stmt in walk_outside_blocks(body):
        variable = getattr(stmt, "variable", None)
        if isinstance(variable, Variable):
            yield variable


_FIELDS: dict[type, tuple[str, ...]] = {}


class _Shape:
    """What the C text of a block depends on, with its variables numbered in the order of the text."""

    def __init__(self, copies: Copies, block: Block, points: list[Point]) -> None:
        self.copies = copies
        self.kept = copies.kept
        self.block = block
        self.numbers: dict[Variable, int] = {}
        self.bound: set[Variable] = set()  # by comprehensions
        self.handed: set[Variable] = set()  # parameters and results of the blocks inside
        self.points = points
        self.parameters = [v for v in block.parameters if v in self.kept.needed]
        self.own: list[Variable] = []
        self.outer: list[Variable] = []

    def key(self) -> Any:
        for variable in self.parameters:
            self._number(variable)
        text = tuple(map(self._statement, self.block.body))
        mine = (set(targets(self.block.body)) | set(self.parameters)) - self.handed
        for variable in self.numbers:
            if variable in mine:
                self.own.append(variable)
            elif variable not in self.bound and variable not in self.handed and variable.cname != "me":
                self.outer.append(variable)
        types = tuple(variable.type for variable in self.numbers)
        place = {variable: number for number, variable in enumerate(self.own)}
        live = tuple(tuple(place[v] for v in point.live if v in place) for point in self.points)
        result = self.block.result
        gives = self.numbers.get(result) if result is not None else None
        return len(self.parameters), text, types, live, gives

    def _number(self, variable: Variable) -> Any:
        if variable.cname == "me":
            return "me"
        return self.numbers.setdefault(variable, len(self.numbers))

    def _statement(self, stmt: Stmt) -> Any:
        if not self.kept.matters(stmt):
            if isinstance(stmt, If) and isinstance(stmt.test, Selected):
                return stmt.test.variant, self._part(stmt.then), self._part(stmt.orelse)
            return "written" if isinstance(stmt, Store) else None
        if isinstance(stmt, Block):
            return self._call(stmt)
        if isinstance(stmt, Leave):
            return "leave"  # the innermost block: none leaves another
        if isinstance(stmt, Yield):
            return "yield", stmt.always, self._part(stmt.wait)
        wanted = isinstance(stmt, Perform) and stmt.variable is not None and stmt.variable in self.kept.needed
        turns = stmt.place if isinstance(stmt, While) else None
        return type(stmt), wanted, turns, *(self._part(getattr(stmt, name)) for name in _fields(type(stmt)))

    def _call(self, stmt: Block) -> Any:
        copy = self.copies.of[id(stmt)]
        self.handed.update(copy.parameters)
        result = None
        if stmt.result is not None:
            self.handed.add(stmt.result)
            result = self._number(stmt.result)
        return "call", copy.number, *(self._number(v) for v in (*copy.parameters, *copy.outer)), result

    def _part(self, part: Any) -> Any:
        if isinstance(part, Variable):
            return self._number(part)
        if isinstance(part, Expr | Domain):
            if isinstance(part, Fold):
                self.bound.update(part.bound())
            return type(part), *(self._part(getattr(part, name)) for name in _fields(type(part)))
        if isinstance(part, Stmt):
            return self._statement(part)
        if isinstance(part, list | tuple):
            return tuple(map(self._part, part))
        return id(part) if isinstance(part, Helper) else part


def _fields(kind: type) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(each.name for each in fields(kind) if each.name != "place")
    return _FIELDS[kind]
