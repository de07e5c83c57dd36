"""Keeps `while` loops from running for ever inside one block: Python's own tracing counts their rounds."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable
from types import CodeType, FrameType
from typing import Any, TypeGuard

from checker.language.errors import ModelError
from checker.language.source import FunctionNode, function_tree, module_tree, source_of, statements_in
from checker.language.waits import is_wait

LOOP_LIMIT = 4096

Loops = dict[int, tuple[int, int]]  # a line passed once each round -> first and last line of the loop


class LoopGuard:
    """`with guard:` around a block. It costs nothing for a model without such loops."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = frozenset(file for file in files if _has_loops(file))
        self._loops: dict[CodeType, Loops] = {}
        self._before: Any = None

    def __enter__(self) -> None:
        if self.files:
            self._before = sys.gettrace()
            sys.settrace(self._called)

    def __exit__(self, *_: object) -> None:
        if self.files:
            sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if code.co_filename not in self.files:
            return None
        if code not in self._loops:
            tree = function_tree(code)
            self._loops[code] = {} if tree is None else loops_of(tree)
        loops = self._loops[code]
        return _counter(loops) if loops else None


def _counter(loops: Loops) -> Any:
    """A tracer for one call, or one resumption: a loop's count starts again when control has left it."""
    rounds: dict[int, int] = {}

    def traced(frame: FrameType, event: str, argument: object) -> Any:
        line = frame.f_lineno
        if event == "line":
            for counted in [each for each in rounds if not loops[each][0] <= line <= loops[each][1]]:
                del rounds[counted]
            if line in loops:
                rounds[line] = rounds.get(line, 0) + 1  # the test, which is made once more than the body
                if rounds[line] > LOOP_LIMIT + 1:
                    raise ModelError(
                        f"a loop went round more than {LOOP_LIMIT} times (to wait, its body is `yield`)",
                        file=frame.f_code.co_filename,
                        line=loops[line][0],
                    )
        return traced

    return traced


def _has_loops(file: str) -> bool:
    """Most files need not be parsed to tell."""
    tree = module_tree(file) if "while" in source_of(file) else None
    return tree is not None and _any_loops(tree)


@functools.lru_cache(maxsize=256)
def _any_loops(tree: ast.Module) -> bool:
    """Remembered, as a replay of a few steps must not cost a walk over all of the model."""
    return any(map(_is_counted, statements_in(tree)))


def _is_counted(node: ast.AST) -> TypeGuard[ast.While]:
    """Every `while` but a wait, at which a block always ends."""
    return isinstance(node, ast.While) and not is_wait(node)


def loops_of(function: FunctionNode) -> Loops:
    loops: Loops = {}
    for node in statements_in(function):
        if _is_counted(node):
            loops[_passed_each_round(node)] = (node.lineno, node.end_lineno or node.lineno)
    return loops


def _passed_each_round(loop: ast.While) -> int:
    """The line of the test; `while True` has none, so there a plain statement of its body."""
    if not isinstance(loop.test, ast.Constant):
        return loop.lineno
    plain = [stmt for stmt in loop.body if not isinstance(stmt, ast.For | ast.While)]
    return (plain or loop.body)[0].lineno
