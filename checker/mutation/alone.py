"""One mutant by itself: the model's own function runs other code for a while, whoever calls it.

Lines and columns are those of the file, so positions and traces point at the model's real lines.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from checker.language.source import rewritten

_numbers = itertools.count()


@contextmanager
def in_force(function: Callable[..., Any], tree: ast.FunctionDef) -> Iterator[None]:
    """Within this, both engines take the tree for the definition of the function."""
    before = function.__code__
    code = _compiled(before, tree)
    function.__code__ = code
    try:
        with rewritten({code: tree}):
            yield
    finally:
        function.__code__ = before


def _compiled(before: CodeType, tree: ast.FunctionDef) -> CodeType:
    """Within a function that has the names it takes from around it, and with a use of each of them.

    Under another name, since a name of the function around it would be no global to it.
    """
    free = before.co_freevars
    uses = [ast.Expr(ast.Name(name, ast.Load())) for name in free]
    never: list[ast.stmt] = [ast.If(ast.Constant(False), list(uses), [])] if free else []
    fields = dict(ast.iter_fields(tree))
    fields.update(name="mutant", decorator_list=[], body=[*never, *tree.body])
    inner = ast.copy_location(ast.FunctionDef(**fields), tree)
    nothing = ast.arguments([], [], None, [], [], None, [])
    given: list[ast.stmt] = [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in free]
    outer = ast.FunctionDef("around", nothing, [*given, inner], [])
    module = ast.fix_missing_locations(ast.Module([outer], []))
    code = _inner(_inner(compile(module, before.co_filename, "exec", dont_inherit=True), "around"), "mutant")
    return code.replace(
        co_name=before.co_name,
        co_qualname=before.co_qualname,
        # Code compares by value: two mutants may differ in lines alone, and what is known of one is kept.
        co_consts=(*code.co_consts, f"mutant {next(_numbers)}"),
    )


def _inner(code: CodeType, name: str) -> CodeType:
    return next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
