"""Questions about a function's syntax tree."""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache

from checker.compiler.source import Source
from checker.language.source import statements_in


def names_assigned_in(stmts: list[ast.stmt]) -> set[str]:
    return {name for stmt in stmts for name in _assigned(stmt)}


@lru_cache(maxsize=4096)
def has_yield(loop: ast.For | ast.While) -> bool:
    """Inside its body."""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for stmt in loop.body for node in ast.walk(stmt))


@lru_cache(maxsize=4096)
def first_assert(tree: ast.FunctionDef) -> ast.Assert | None:
    return next((node for node in statements_in(tree) if isinstance(node, ast.Assert)), None)


@lru_cache(maxsize=4096)
def _assigned(tree: ast.AST) -> Counter[str]:
    """How often each name is assigned; the variables of comprehensions are names of their own."""
    names: list[ast.Name] = []
    comprehensions: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node)
        elif isinstance(node, ast.comprehension):
            comprehensions.update(ast.walk(node.target))
    return Counter(name.id for name in names if name not in comprehensions)


def assigned_names(source: Source) -> set[str]:
    """Python's rule: a name that is assigned anywhere in a function is local to it."""
    return set(_assigned(source.tree))


def times_assigned(source: Source, name: str) -> int:
    return _assigned(source.tree)[name]


@lru_cache(maxsize=4096)
def augmented(node: ast.AugAssign) -> ast.BinOp:
    """The right side of `n += 1` as that of an assignment."""
    load = ast.parse(ast.unparse(node.target), mode="eval").body
    for part in ast.walk(load):
        ast.copy_location(part, node.target)
    return ast.copy_location(ast.BinOp(load, node.op, node.value), node)


def always_returns(stmts: list[ast.stmt]) -> bool:
    if not stmts:
        return False
    last = stmts[-1]
    if isinstance(last, ast.Return):
        return True
    if isinstance(last, ast.If):
        return always_returns(last.body) and always_returns(last.orelse)
    if isinstance(last, ast.While) and isinstance(last.test, ast.Constant) and last.test.value is True:
        return not any(isinstance(node, ast.Break) for stmt in last.body for node in ast.walk(stmt))
    return False


def statements_of(source: Source) -> list[ast.stmt]:
    """A function's body without its docstring."""
    assert isinstance(source.tree, ast.FunctionDef)
    body = source.tree.body
    if (
        isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        return body[1:]
    return body
