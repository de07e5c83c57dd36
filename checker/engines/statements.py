"""From the frames of a running block to the statement that touches the state, and the comment beside it."""

from __future__ import annotations

import ast
import functools
import linecache
import re
from dataclasses import dataclass
from types import CodeType

from checker.language.source import FunctionNode, function_tree
from checker.language.waits import is_guard

_COMMENT = re.compile(r"#\s*atomic:\s*(\S.*)")
Chain = tuple[tuple[CodeType, int], ...]  # innermost first; the last one is the generator function's


@dataclass(frozen=True)
class Site:
    """A statement of an operation or sub-operation. `reason`: what a comment says of this access.

    `guard`: it is a `when`, which says what does not happen, and is no line of the code that is modelled.
    """

    file: str
    line: int
    column: int
    function: str
    reason: str
    guard: bool


@functools.lru_cache(maxsize=65536)
def site_of(chain: Chain) -> Site:
    code, instruction = chain[-1]
    stmt = _statement(code, instruction)
    line = stmt.lineno if stmt is not None else code.co_firstlineno
    column = stmt.col_offset if stmt is not None else 0
    reasons = (_reason(each, at) for each, at in chain)
    reason = next(filter(None, reasons), "")
    return Site(code.co_filename, line, column, code.co_name, reason, stmt is not None and is_guard(stmt))


def _position(code: CodeType, instruction: int) -> tuple[int, int]:
    line, _, column, _ = _positions(code)[instruction // 2]
    return line or code.co_firstlineno, column or 0


@functools.lru_cache(maxsize=1024)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    return list(code.co_positions())


def _statement(code: CodeType, instruction: int) -> ast.stmt | None:
    """The statement itself, or the one whose condition or collection is evaluated."""
    tree = function_tree(code)
    at = _position(code, instruction)
    around = [stmt for stmt in _statements(tree) if _first(stmt) <= at <= _last(stmt)] if tree else []
    return max(around, key=lambda stmt: _first(stmt), default=None)


def _statements(tree: FunctionNode) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node is not tree]


def _first(stmt: ast.stmt) -> tuple[int, int]:
    return stmt.lineno, stmt.col_offset


def _last(stmt: ast.stmt) -> tuple[int, int]:
    return stmt.end_lineno or stmt.lineno, stmt.end_col_offset or 0


def _reason(code: CodeType, instruction: int) -> str:
    """A comment in a line of the statement, or beside or directly above the `def` of its function."""
    tree = function_tree(code)
    if tree is None:
        return ""
    line, _ = _position(code, instruction)
    stmt = _statement(code, instruction)
    simple = stmt is not None and not hasattr(stmt, "body")
    lines = range(stmt.lineno, (stmt.end_lineno or line) + 1) if simple and stmt is not None else (line,)
    top = min([tree.lineno, *(each.lineno for each in tree.decorator_list)])
    for each in (*lines, *range(top - 1, tree.body[0].lineno)):
        found = _COMMENT.search(linecache.getline(code.co_filename, each))
        if found:
            return found[1].strip()
    return ""
