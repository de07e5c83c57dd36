"""What Python runs without a word although it is surely meant otherwise; the compiler sees it by itself."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping

from checker.language.errors import Mistake
from checker.language.source import module_tree
from checker.language.steps import SubOperation


def refuse_mistakes(files: Iterable[str]) -> None:
    """In the files of a model."""
    wanted = set(files)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        tree = module_tree(file) if file in wanted else None
        if tree is None:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and _has_steps(node):
                for where, text, advice in _mistakes(node, vars(module)):
                    raise Mistake(
                        text, file=file, line=where.lineno, column=where.col_offset + 1, advice=advice
                    )


def _has_steps(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def _mistakes(function: ast.FunctionDef, names: Mapping[str, object]) -> Iterator[tuple[ast.stmt, str, str]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield node, "what is not in the state is forgotten", "make it a field of the @state class"
        call = node.value if isinstance(node, ast.Expr | ast.Assign) else None
        if isinstance(node, ast.Expr | ast.Assign) and isinstance(call, ast.Call):
            called = names.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if isinstance(called, SubOperation) or inspect.isgeneratorfunction(called):
                name = getattr(called, "__name__", "")
                yield node, f"{name}() is a sub-operation", "call it with `yield from`"
