"""What Python runs without a word although it is surely meant otherwise; the compiler sees it by itself."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping

from checker.language.errors import Mistake
from checker.language.source import module_tree
from checker.language.steps import SubOperation

_INSTEAD = "make it a field of the @state class"
_CHANGING = {name for kind in (list, set, dict) for name in vars(kind)} - {
    *("copy", "count", "difference", "get", "index", "intersection", "isdisjoint", "issubset", "issuperset"),
    *("items", "keys", "symmetric_difference", "union", "values"),
}


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


def _mistakes(
    function: ast.FunctionDef, names: Mapping[str, object]
) -> Iterator[tuple[ast.stmt | ast.expr, str, str]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield node, "what is not in the state is forgotten", _INSTEAD
        yield from _kept_outside(node, function, names)
        call = node.value if isinstance(node, ast.Expr | ast.Assign) else None
        if isinstance(node, ast.Expr | ast.Assign) and isinstance(call, ast.Call):
            called = names.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if isinstance(called, SubOperation) or inspect.isgeneratorfunction(called):
                name = getattr(called, "__name__", "")
                yield node, f"{name}() is a sub-operation", "call it with `yield from`"


def _kept_outside(
    node: ast.AST, function: ast.FunctionDef, names: Mapping[str, object]
) -> Iterator[tuple[ast.expr, str, str]]:
    """`LOG.append(1)`, `COUNTS[me] += 1`: a list, set or dict of the file's own that a step changes."""
    changed: ast.expr | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        changed = node.func.value
    elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        changed = node.value
    if not isinstance(changed, ast.Name) or changed.id in _locals(function):
        return
    if type(names.get(changed.id)) in (list, set, dict) and _takes_state(function, names):
        yield changed, f"`{changed.id}` is not in the state: what is put in it is forgotten", _INSTEAD


def _locals(function: ast.FunctionDef) -> set[str]:
    found = (node for node in ast.walk(function) if isinstance(node, ast.Name))
    return {each.arg for each in function.args.args} | {
        node.id for node in found if isinstance(node.ctx, ast.Store)
    }


def _takes_state(function: ast.FunctionDef, names: Mapping[str, object]) -> bool:
    """Other generators of the file, such as a fixture of its tests, are no steps."""
    kinds = (each.annotation for each in function.args.args)
    types = (names.get(kind.id) for kind in kinds if isinstance(kind, ast.Name))
    return any(isinstance(kind, type) and "__state__" in kind.__dict__ for kind in types)
