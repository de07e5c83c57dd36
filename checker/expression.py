"""A property typed on the spot: `check can "EXPR"`, `check never "EXPR"`.

The expression becomes a predicate with a source text of its own, so that it is compiled, run and complained
about exactly like one from a file.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import re
import sys
from collections.abc import Iterator
from typing import Any

from checker.language.errors import CheckerError, UnknownName, did_you_mean
from checker.language.model import Model
from checker.language.place import frozen
from checker.language.properties import INVARIANT, Property
from checker.language.reference import Reference, SetPlace, contents
from checker.language.steps import running

FILE = "<expression>"
STATE = "k"


def property_of(expression: str, model: Model, name: str) -> Property:
    """The invariant `not (EXPR)` over the state `k`: it fails exactly where the expression is true."""
    return Property(predicate_of(expression, model, name), {}, INVARIANT, says="true after these steps")


def predicate_of(expression: str, model: Model, name: str) -> Any:
    return _function(expression, model, name, "not ", bool)


class Projection:
    """An expression by which states are told apart: called with a state, it gives a value that stays."""

    def __init__(self, expression: str, model: Model) -> None:
        self.text = " ".join(expression.split())
        self.function = _function(expression, model, "by", "", object)

    def __call__(self, state: Any) -> Any:
        value = self.function(state)
        if isinstance(value, SetPlace):
            return frozen(value)
        if isinstance(value, Reference):
            return tuple(contents(value))
        if isinstance(value, Iterator):
            raise CheckerError(
                f"`{self.text}` gives no value to group by",
                advice="write any(...), sum(...), or {...} for a set",
            )
        return value


def _function(expression: str, model: Model, name: str, before: str, gives: type) -> Any:
    names = names_of(model)
    source = f"def {name}({STATE}):\n    return {before}(\n{expression}\n    )\n"
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    tree = _parsed(expression)
    _check_names(tree, names)
    namespace = {**names, "__name__": FILE}
    exec(compile(source, FILE, "exec"), namespace)
    function = namespace[name]
    function.__annotations__ = {STATE: model.state, "return": gives}
    function.__doc__ = f"{before}({expression})"
    return function


def as_typed(message: str) -> str:
    """The places in an expression as its author sees them: its first line stands third in our source."""
    return re.sub(rf"{FILE}:(\d+)", lambda found: f"EXPR:{int(found[1]) - 2}", message)


def names_of(model: Model) -> dict[str, Any]:
    """Everything that the model's own files can name; where two files differ, the state's file wins."""
    functions = [each.function for each in (*model.properties.values(), *model.operations, *model.actions)]
    modules = dict.fromkeys([*(function.__module__ for function in functions), model.state.__module__])
    merged: dict[str, Any] = {"running": running, "frozen": frozen}  # whether a file imports them or not
    for module in modules:
        merged.update(vars(sys.modules[module]) if module in sys.modules else {})
    for function in functions:
        merged.setdefault(function.__name__, function)
    return {name: value for name, value in merged.items() if not name.startswith("__")}


def _parsed(expression: str) -> ast.Expression:
    try:
        tree = ast.parse(f"(\n{expression}\n)", FILE, mode="eval")
    except SyntaxError as error:
        lines = expression.splitlines() or [""]
        line = (error.lineno or 2) - 1
        if line > len(lines):  # at the bracket that was put around it: the expression ends too early
            what = re.sub(r".* does not match opening parenthesis ('.').*", r"\1 was never closed", error.msg)
            raise CheckerError(what, file=FILE, line=len(lines) + 2, column=len(lines[-1]) + 1) from None
        raise CheckerError(error.msg, file=FILE, line=line + 2, column=error.offset) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.NamedExpr | ast.Lambda | ast.Await | ast.Yield | ast.YieldFrom):
            raise CheckerError(
                "an expression here only reads the state",
                file=FILE,
                line=node.lineno + 1,
                column=node.col_offset + 1,
            )
    return tree


def _check_names(tree: ast.Expression, names: dict[str, Any]) -> None:
    bound = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    known = {STATE, *bound, *names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known and not hasattr(builtins, node.id):
            raise UnknownName(
                f"`{node.id}` is not a name of the model{did_you_mean(node.id, known)}",
                file=FILE,
                line=node.lineno + 1,
                column=node.col_offset + 1,
                width=len(node.id),
                advice=f"`{STATE}` is the state; `check list` names the rest",
            )
