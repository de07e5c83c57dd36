"""Where a block may already have written: there an empty choice is a model error, not a disabled block."""

from __future__ import annotations

from collections.abc import Iterable

from checker.compiler.ir_statements import (
    Block,
    Choose,
    For,
    Helper,
    If,
    Jump,
    Leave,
    Perform,
    Return,
    Stmt,
    Store,
    When,
    While,
    Yield,
)
from checker.compiler.source import Place
from checker.language.errors import UnsupportedConstruct

State = bool | None  # may the block have written when control comes here?  None: control does not come here


def late_choices(operations: Iterable[list[Stmt]]) -> set[Choose]:
    """Refuses `when` after a write; says which choices from a collection may follow a write."""
    walker = _Walker()
    for body in operations:
        walker.body(body, False)
    return walker.late


def _join(*states: State) -> State:
    known = [state for state in states if state is not None]
    return any(known) if known else None


class _Walker:
    def __init__(self) -> None:
        self.late: set[Choose] = set()
        self.called: set[tuple[Helper, bool]] = set()  # gone through
        self.blocks: dict[str, State] = {}  # what the Leaves of a block bring to its end
        self.breaks: list[bool] = []
        self.continues: list[bool] = []

    def body(self, stmts: list[Stmt], dirty: State) -> State:
        for stmt in stmts:
            dirty = self.statement(stmt, dirty)
        return dirty

    def statement(self, stmt: Stmt, dirty: State) -> State:
        if isinstance(stmt, Store):
            return True if dirty is not None else None
        if isinstance(stmt, Yield):
            return False if stmt.always else bool(dirty)
        if isinstance(stmt, When) and dirty:
            _refuse(stmt.place)
        if isinstance(stmt, Choose) and dirty and stmt.fold is not None:
            self.late.add(stmt)
        if isinstance(stmt, Perform) and dirty is not None:
            if (stmt.helper, dirty) not in self.called:
                self.called.add((stmt.helper, dirty))
                self.body(stmt.helper.body, dirty)
            return dirty or stmt.helper.writes
        if isinstance(stmt, (Return, Jump, Leave)):
            return self._leave(stmt, dirty)
        if isinstance(stmt, If):
            return _join(self.body(stmt.then, dirty), self.body(stmt.orelse, dirty))
        if isinstance(stmt, Block):
            end = self.body(stmt.body, dirty)
            return _join(end, self.blocks.pop(stmt.label, None))
        if isinstance(stmt, (For, While)):
            return self._loop(stmt, dirty)
        return dirty

    def _leave(self, stmt: Return | Jump | Leave, dirty: State) -> State:
        if isinstance(stmt, Leave):
            self.blocks[stmt.label] = _join(self.blocks.get(stmt.label), dirty)
        elif isinstance(stmt, Jump):
            (self.breaks if stmt.kind == "break" else self.continues)[-1] |= bool(dirty)
        return None

    def _loop(self, stmt: For | While, dirty: State) -> State:
        before = stmt.before if isinstance(stmt, While) else []
        head = dirty
        while True:
            self.breaks.append(False)
            self.continues.append(False)
            tested = self.body(before, head)
            end = self.body(stmt.body, tested)
            again, left = self.continues.pop(), self.breaks.pop()
            joined = _join(head, end, again)
            if joined == head:
                return _join(tested, left)
            head = joined


def _refuse(place: Place) -> None:
    raise UnsupportedConstruct(
        "when(...) may come after a write of its block",
        file=place.file,
        line=place.line,
        column=place.column + 1,
        advice="test before anything is written; a block that has begun cannot be undone",
    )
