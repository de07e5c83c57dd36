"""`match` is `if` and `elif`: everything that reads a model's text sees only these.

Patterns are values, None, True, False, `_`, names, `|`, and tuples of them where what is matched is a tuple
that is written out. Nothing happens before a case is chosen, so what is matched may be repeated.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)


class NotPlain(Exception):
    """A pattern that asks for a class, a mapping or a length."""


def without_match(tree: ast.Module) -> ast.Module:
    """The tree itself, with each `match` replaced that can be."""
    found: ast.Module = _Replacing().visit(tree)
    return found


class _Replacing(ast.NodeTransformer):
    def visit_Match(self, node: ast.Match) -> ast.stmt:
        self.generic_visit(node)
        try:
            made = _cases(node.subject, node.cases)
        except NotPlain:
            return node
        only = made[0] if len(made) == 1 and isinstance(made[0], ast.If) else None
        whole = only or ast.If(ast.Constant(True), made, [])  # its first case takes everything
        return ast.fix_missing_locations(ast.copy_location(whole, node))


def _cases(subject: ast.expr, cases: list[ast.match_case]) -> list[ast.stmt]:
    if not cases:
        return []
    case, names = cases[0], dict[str, ast.expr]()
    test = _test(case.pattern, subject, names)
    if case.guard is not None:
        guard = _Named(names).visit(copy.deepcopy(case.guard))
        test = guard if test is None else _at(case.pattern, ast.BoolOp(ast.And(), [test, guard]))
    bound = [_at(case.pattern, ast.Assign([ast.Name(n, ast.Store())], value)) for n, value in names.items()]
    if test is None:
        return [*bound, *case.body]
    return [_at(case.pattern, ast.If(test, [*bound, *case.body], _cases(subject, cases[1:])))]


def _test(pattern: ast.pattern, subject: ast.expr, names: dict[str, ast.expr]) -> ast.expr | None:
    """What must be true; None: nothing. `names` are those that it gives."""
    if isinstance(pattern, ast.MatchValue):
        return _compared(subject, ast.Eq(), pattern.value, pattern)
    if isinstance(pattern, ast.MatchSingleton):
        return _compared(subject, ast.Is(), ast.Constant(pattern.value), pattern)
    if isinstance(pattern, ast.MatchAs):
        if pattern.name is not None:
            names[pattern.name] = copy.deepcopy(subject)
        return None if pattern.pattern is None else _test(pattern.pattern, subject, names)
    if isinstance(pattern, ast.MatchOr):
        tests = [_test(each, subject, names) for each in pattern.patterns]
        if names:
            raise NotPlain
        wanted = [test for test in tests if test is not None]
        return _at(pattern, ast.BoolOp(ast.Or(), wanted)) if len(wanted) == len(tests) else None
    if isinstance(pattern, ast.MatchSequence) and isinstance(subject, ast.Tuple):
        if len(pattern.patterns) != len(subject.elts):
            raise NotPlain
        parts = [_test(each, item, names) for each, item in zip(pattern.patterns, subject.elts, strict=True)]
        wanted = [test for test in parts if test is not None]
        if len(wanted) < 2:
            return wanted[0] if wanted else None
        return _at(pattern, ast.BoolOp(ast.And(), wanted))
    raise NotPlain


def _compared(subject: ast.expr, operator: ast.cmpop, value: ast.expr, pattern: ast.pattern) -> ast.expr:
    return _at(pattern, ast.Compare(copy.deepcopy(subject), [operator], [value]))


def _at(pattern: ast.pattern, made: Node) -> Node:
    return ast.copy_location(made, pattern)


class _Named(ast.NodeTransformer):
    """A guard with what the names in it stand for."""

    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.names.get(node.id, node))
