"""Which lines of a model write the state, and in which function: what a step is best named after."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checker.language.source import module_tree

MUTATORS = {"add", "discard", "remove", "clear", "update", "assign"}


@dataclass(frozen=True)
class Effect:
    """A statement that writes the state."""

    function: str
    file: str
    line: int
    text: str


def effects(lines: Iterable[tuple[str, int]]) -> list[Effect]:
    """Those among the lines that were run, each once, in the order in which they were run."""
    found = (_by_line(file).get(line) for file, line in lines)
    return list(dict.fromkeys(effect for effect in found if effect is not None))


@functools.lru_cache(maxsize=256)
def _by_line(file: str) -> dict[int, Effect]:
    """Every line of a file that belongs to a writing statement."""
    tree = module_tree(file)
    return {} if tree is None else dict(_in(tree, "", file))


def _in(node: ast.AST, function: str, file: str) -> Iterator[tuple[int, Effect]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield from _in(child, child.name, file)
        elif isinstance(child, ast.stmt) and _writes(child):
            effect = Effect(function, file, child.lineno, ast.unparse(child))
            for line in range(child.lineno, (child.end_lineno or child.lineno) + 1):
                yield line, effect
        else:
            yield from _in(child, function, file)


def _writes(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return any(_is_place(target) for target in statement.targets)
    if isinstance(statement, ast.AugAssign | ast.AnnAssign):
        return _is_place(statement.target)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute):
            return called.attr in MUTATORS
        return isinstance(called, ast.Name) and called.id == "copy_into"
    return False


def _is_place(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple):
        return any(_is_place(item) for item in target.elts)
    return isinstance(target, ast.Attribute | ast.Subscript)
