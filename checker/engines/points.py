"""The program points of a generator function: its yields, which are one point, and what lives there."""

from __future__ import annotations

import ast
import dis
import functools
from dataclasses import dataclass
from types import CodeType
from typing import Any

from checker.language.source import function_tree
from checker.language.waits import is_bare_yield, is_wait

_USES = {
    "LOAD_FAST",
    "LOAD_FAST_CHECK",
    "LOAD_FAST_AND_CLEAR",
    "LOAD_FAST_BORROW",
    "LOAD_CLOSURE",
    "LOAD_DEREF",
}
_KILLS = {"STORE_FAST", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF"}
_NO_NEXT = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "RETURN_GENERATOR_END"}


@dataclass(frozen=True)
class Point:
    """Where a frame is suspended. `line`, `column` (from 0): the wait's, for a yield that belongs to one."""

    line: int
    column: int
    wait: bool
    live: frozenset[str]
    any_orders: tuple[str, ...]  # the variables of the any_order loops around it, outermost first


@dataclass(frozen=True)
class _Yield:
    line: int
    column: int
    wait: bool
    loop_names: frozenset[str]
    any_orders: tuple[str, ...]


@functools.lru_cache(maxsize=4096)
def point_at(code: CodeType, instruction: int) -> Point:
    """The point of a frame that is suspended at that instruction (`f_lasti`)."""
    position = _positions(code)[instruction // 2]
    key = (position[0] or code.co_firstlineno, position[2] or 0)
    live = _live_after(code)[instruction]
    found = _yields(code).get(key)
    if found is None:  # no source: its own position, and nothing known about waits
        return Point(*key, False, live, ())
    # The design keeps the variables of the loops around a yield live: they say how far the loop has come.
    return Point(found.line, found.column, found.wait, live | found.loop_names, found.any_orders)


def raw_position(code: CodeType, instruction: int) -> tuple[int, int]:
    """Line and column as `co_positions` has them."""
    position = _positions(code)[instruction // 2]
    return position[0] or code.co_firstlineno, position[2] or 0


@functools.lru_cache(maxsize=1024)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    return [(line, end, column, last) for line, end, column, last in code.co_positions()]


# ---- from the source: waits and loops -------------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def _yields(code: CodeType) -> dict[tuple[int, int], _Yield]:
    tree = function_tree(code)
    found: dict[tuple[int, int], _Yield] = {}
    if tree is not None:
        _walk(tree.body, (), found)
    return found


def block_lines(code: CodeType) -> list[int]:
    """The lines of the yields where blocks begin (not those of `yield from`), each once, in order."""
    tree = function_tree(code)
    if tree is None:
        return []
    found: dict[tuple[int, int], _Yield] = {}
    _walk(tree.body, (), found, with_from=False)
    return sorted({each.line for each in found.values()})


def _walk(
    body: list[ast.stmt],
    loops: tuple[ast.For, ...],
    found: dict[tuple[int, int], _Yield],
    with_from: bool = True,
) -> None:
    for at, stmt in enumerate(body):
        if is_wait(stmt):
            assert isinstance(stmt, ast.While)
            _enter(stmt.body[0], stmt, loops, found)
        elif is_bare_yield(stmt) and at + 1 < len(body) and is_wait(body[at + 1]):
            _enter(stmt, body[at + 1], loops, found)
        elif not isinstance(stmt, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = (*loops, stmt) if isinstance(stmt, ast.For) else loops
            for name, value in ast.iter_fields(stmt):
                _walk_field(value, inside if name == "body" else loops, found, with_from)


def _walk_field(
    value: object, loops: tuple[ast.For, ...], found: dict[tuple[int, int], _Yield], with_from: bool
) -> None:
    if isinstance(value, list):
        if value and isinstance(value[0], ast.stmt):
            _walk(value, loops, found, with_from)
        else:
            for item in value:
                _walk_field(item, loops, found, with_from)
    elif isinstance(value, ast.ExceptHandler | ast.match_case):
        _walk(value.body, loops, found, with_from)
    elif isinstance(value, ast.expr):
        for node in ast.walk(value):
            if isinstance(node, ast.Yield) or (with_from and isinstance(node, ast.YieldFrom)):
                found[node.lineno, node.col_offset] = _made(node, False, loops)


def _enter(
    stmt: ast.stmt, wait: ast.stmt, loops: tuple[ast.For, ...], found: dict[tuple[int, int], _Yield]
) -> None:
    assert isinstance(stmt, ast.Expr)
    found[stmt.value.lineno, stmt.value.col_offset] = _made(wait, True, loops)


def _made(node: ast.expr | ast.stmt, wait: bool, loops: tuple[ast.For, ...]) -> _Yield:
    ordered = [loop for loop in loops if not _is_any_order(loop)]  # of any_order, `todo` says where it stands
    names = [n.id for loop in ordered for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
    orders = tuple(
        loop.target.id for loop in loops if isinstance(loop.target, ast.Name) and _is_any_order(loop)
    )
    return _Yield(node.lineno, node.col_offset, wait, frozenset(names), orders)


def _is_any_order(loop: ast.For) -> bool:
    function: Any = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    return getattr(function, "id", getattr(function, "attr", None)) == "any_order"


# ---- from the bytecode: liveness ------------------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def _live_after(code: CodeType) -> dict[int, frozenset[str]]:
    """The locals that may still be read after each instruction: backward, to a fixed point."""
    instructions = list(dis.get_instructions(code))
    follows = _successors(code, instructions)
    before: dict[int, frozenset[str]] = {each.offset: frozenset() for each in instructions}
    after = dict(before)
    changed = True
    while changed:
        changed = False
        for each in reversed(instructions):
            live = frozenset().union(*(before[offset] for offset in follows[each.offset]))
            after[each.offset] = live
            entering = _transfer(each, live)
            if entering != before[each.offset]:
                before[each.offset], changed = entering, True
    return after


def _transfer(instruction: dis.Instruction, live: frozenset[str]) -> frozenset[str]:
    """Live before an instruction, given what is live after it. Fused instructions name two variables."""
    name, value = instruction.opname, instruction.argval
    if isinstance(value, tuple) and "_FAST" in name:
        if name.startswith("STORE_FAST_STORE"):
            return live - set(value)
        if name.startswith("STORE_FAST"):
            return (live - {value[0]}) | {value[1]} if value[0] != value[1] else live - {value[0]}
        return live | set(value)
    if name in _USES:
        return live | {value}
    return live - {value} if name in _KILLS else live


def _successors(code: CodeType, instructions: list[dis.Instruction]) -> dict[int, list[int]]:
    jumps = {*dis.hasjrel, *dis.hasjabs}
    handlers: Any = getattr(dis.Bytecode(code), "exception_entries", ())
    follows: dict[int, list[int]] = {}
    for number, each in enumerate(instructions):
        targets = [each.argval] if each.opcode in jumps else []
        unconditional = each.opname.startswith("JUMP_") and "_IF_" not in each.opname
        if each.opname not in _NO_NEXT and not unconditional and number + 1 < len(instructions):
            targets.append(instructions[number + 1].offset)
        targets += [entry.target for entry in handlers if entry.start <= each.offset < entry.end]
        follows[each.offset] = targets
    return follows
