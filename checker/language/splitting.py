"""Splits atomic blocks: a `yield` before chosen statements of the generator functions, for either engine.

An assignment that both reads and writes chosen places is also split in itself: a local keeps its value over a
`yield`. A plain helper is part of the statement that calls it. Not split off are

* the first statement of an operation, and one behind a bare `yield`: a block begins there anyway;
* what follows a `when`, which belongs to the step that it guards;
* statements in a loop over what the state says: a loop around a `yield` must know what it ranges over.
"""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Callable, Container, Mapping
from enum import Enum
from typing import Any

from checker.language.declaration import Function
from checker.language.index import Index
from checker.language.rewriting import Change, resolved
from checker.language.source import FunctionNode
from checker.language.waits import is_bare_yield, is_guard, is_wait


class Cut(Enum):
    """What is done about a statement."""

    NONE = "nothing"
    BEFORE = "a yield before it"
    INSIDE = "that, and one between what it reads and what it writes"


Choice = Callable[[str, ast.stmt, bool], Cut]  # of a file's statement; whether its text names the state


def splitting(choose: Choice, operations: Container[Function]) -> Change:
    """`operations`: the functions that are operations, whose first statement begins a block."""

    def change(tree: FunctionNode, function: Function) -> Mapping[str, Any]:
        _Splitter(tree, function, choose).split(function in operations)
        return {}

    return change


class _Splitter:
    """One function. `of_state`: the names that stand for the state, or for what was read from it."""

    def __init__(self, tree: FunctionNode, function: Function, choose: Choice) -> None:
        self.tree = tree
        self.file = function.__code__.co_filename
        self.names = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
        self.choose = choose
        self.state = tree.args.args[0].arg if tree.args.args else ""
        self.of_state = _derived(tree, self.state)
        self.locals = 0

    def split(self, is_operation: bool) -> None:
        self.tree.body = self._body(self.tree.body, is_operation)

    def _body(self, stmts: list[ast.stmt], begins: bool) -> list[ast.stmt]:
        """`begins`: an atomic block begins where the list does."""
        result: list[ast.stmt] = []
        for stmt in stmts:
            cut = Cut.NONE if _is_no_code(stmt) or is_guard(stmt) else self._statement(stmt)
            if cut is not Cut.NONE and not begins:
                result.append(_yield(stmt, stmt.lineno, stmt.col_offset))
            parts = self._parts(stmt) if cut is Cut.INSIDE else None
            result += parts or [stmt]
            begins = is_bare_yield(stmt) or is_guard(stmt) or (begins and _is_no_code(stmt))
        return result

    def _statement(self, stmt: ast.stmt) -> Cut:
        """Splits what is inside it, and says what is to be done about the statement itself."""
        if isinstance(stmt, ast.For) and not self._may_suspend(stmt):
            inner = (node for node in ast.walk(stmt) if isinstance(node, ast.stmt))
            return next((Cut.BEFORE for node in inner if self._chosen(node) is not Cut.NONE), Cut.NONE)
        if is_wait(stmt):
            return self._chosen(stmt)
        if isinstance(stmt, ast.If | ast.For | ast.While):
            stmt.body = self._body(stmt.body, False)
            stmt.orelse = self._body(stmt.orelse, False)
        cut = self._chosen(stmt)
        if isinstance(stmt, ast.While) and cut is not Cut.NONE:  # its test is evaluated again each round
            stmt.body.append(_yield(stmt, stmt.end_lineno or stmt.lineno, stmt.end_col_offset or 0))
        return cut

    def _chosen(self, stmt: ast.stmt) -> Cut:
        return self.choose(self.file, stmt, any(map(self._names_state, _own_expressions(stmt))))

    def _names_state(self, expr: ast.expr) -> bool:
        for node in ast.walk(expr):
            if isinstance(node, ast.Attribute | ast.Subscript) and _root(node) in self.of_state:
                return True
            handed_on = isinstance(node, ast.Call) and not isinstance(expr, ast.YieldFrom)
            if handed_on and any(_root(each) == self.state for each in node.args):  # type: ignore[attr-defined]
                return True
        return False

    def _may_suspend(self, loop: ast.For) -> bool:
        """A loop that may go around a `yield`: over an Index, an Enum, constants, or a function of locals."""
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(loop)):
            return True
        variables = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        inside = {id(node) for node in ast.walk(loop)}
        names = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name)]
        if any(node.id in variables for node in names if id(node) not in inside):
            return False  # read or bound outside the loop
        assigned = {n.id for n in names if id(n) in inside and isinstance(n.ctx, ast.Store)}
        if isinstance(loop.iter, ast.Name):
            target = resolved(loop.iter, self.names)
            return isinstance(target, type) and issubclass(target, Index | Enum)
        used = {node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name)}
        return isinstance(loop.iter, ast.Attribute | ast.Call) and not used & (self.of_state | assigned)

    def _parts(self, stmt: ast.stmt) -> list[ast.stmt] | None:
        """An assignment as two: its value to a local, and the local to the place. None: it is no such."""
        if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1:
            target, value = stmt.targets[0], stmt.value
        elif isinstance(stmt, ast.AugAssign):
            target = stmt.target
            old = copy.deepcopy(target)
            old.ctx = ast.Load()
            value = ast.copy_location(ast.BinOp(old, stmt.op, stmt.value), stmt.value)
        else:
            return None
        if not isinstance(target, ast.Attribute | ast.Subscript) or isinstance(value, ast.YieldFrom):
            return None
        self.locals += 1
        name = f"__split_{self.locals}"
        kept = ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), stmt)
        stored = ast.copy_location(ast.Assign([target], ast.Name(name, ast.Load())), stmt)
        return [kept, _yield(value, value.lineno, value.col_offset), stored]


def _yield(near: ast.AST, line: int, column: int) -> ast.stmt:
    place = {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}
    return ast.Expr(ast.Yield(None, **place), **place)


def _is_no_code(stmt: ast.stmt) -> bool:
    """A text, or `assumed(...)`."""
    value = stmt.value if isinstance(stmt, ast.Expr) else None
    function = value.func if isinstance(value, ast.Call) else None
    assumed = getattr(function, "id", getattr(function, "attr", None)) == "assumed"
    return isinstance(value, ast.Constant) or assumed or is_bare_yield(stmt)


def _own_expressions(stmt: ast.stmt) -> list[ast.expr]:
    """What the statement itself evaluates, without the statements inside it."""
    return [node for node in ast.iter_child_nodes(stmt) if isinstance(node, ast.expr)]


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _derived(tree: FunctionNode, state: str) -> set[str]:
    """The state's name, and those of locals that are computed from it."""
    found = {state}
    while True:
        before = len(found)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
                value = node.iter if isinstance(node, ast.For) else node.value
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if value is not None and found & {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}:
                    found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        if len(found) == before:
            return found
