"""Whether an operation ever comes to its last line: the last statement that it has under this design.

A mark is put behind that statement, in whichever loop or branch it stands; of an `if` without a constant
condition the last branch counts. It changes neither the state nor the blocks.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from checker.language.declaration import Function
from checker.language.rewriting import Rewriting
from checker.language.source import FunctionNode
from checker.language.steps import Operation
from checker.language.waits import is_wait

MARK = "__last_line"
passed: set[str] = set()  # the operations whose last line was run; the python engine clears it


def last_line(operation: str) -> None:
    """Stands behind the last line of an operation."""
    passed.add(operation)


def with_last_lines(operations: Iterable[Operation]) -> dict[Operation, Operation]:
    """Each operation with a mark behind its last line; in a world, whose switches say which line that is."""
    own = {operation.function: operation.name for operation in operations}

    def change(tree: FunctionNode, function: Function) -> Mapping[str, Any]:
        if function in own:
            _mark(tree.body, own[function], _Names(tree, function))
        return {MARK: last_line}

    rewriting = Rewriting(change)
    return {operation: rewriting.operation(operation) for operation in operations}


class _Names:
    """Which conditions the switches and bounds decide."""

    def __init__(self, tree: FunctionNode, function: Function) -> None:
        variables = inspect.getclosurevars(function)
        self.known = {**function.__globals__, **variables.nonlocals}
        stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
        self.locals = {node.id for node in stored if isinstance(node.ctx, ast.Store)}
        self.locals |= {argument.arg for argument in tree.args.args}

    def decide(self, test: ast.expr) -> bool | None:
        if any(isinstance(node, ast.Name) and node.id in self.locals for node in ast.walk(test)):
            return None
        try:
            value = eval(compile(ast.Expression(test), "<condition>", "eval"), self.known)
        except Exception:  # it is the engines' part to say what is wrong with it
            return None
        return value if isinstance(value, bool) else None


def _mark(body: list[ast.stmt], name: str, names: _Names) -> None:
    at = len(body) - 1
    while at >= 0:
        inner = _inside(body[at], names)
        if inner is None:
            _mark_behind(body, at, name)
            return
        if inner:
            _mark(inner, name, names)
            return
        at -= 1  # a branch that this design does not have
    body.insert(0, _call(name, body[0]))


def _inside(stmt: ast.stmt, names: _Names) -> list[ast.stmt] | None:
    """The list of statements in which the last line is sought; None for a statement without such a list."""
    if isinstance(stmt, ast.If):
        decided = names.decide(stmt.test)
        if decided is not None:
            return stmt.body if decided else stmt.orelse
        return stmt.orelse or stmt.body
    if isinstance(stmt, ast.For | ast.While) and not is_wait(stmt):
        return stmt.body
    return None


def _mark_behind(body: list[ast.stmt], at: int, name: str) -> None:
    stmt = body[at]
    if isinstance(stmt, ast.Return) and isinstance(stmt.value, ast.YieldFrom):
        body.insert(at, ast.copy_location(ast.Expr(stmt.value), stmt))  # nobody takes an operation's result
        stmt.value, at = None, at + 1
    leaves = isinstance(stmt, ast.Return | ast.Break | ast.Continue)
    body.insert(at if leaves else at + 1, _call(name, stmt))


def _call(name: str, place: ast.stmt) -> ast.stmt:
    call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(name)], [])
    return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), place))
