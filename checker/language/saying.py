"""The sentence of a property (`says="{cpu} is inside"`): what stands in its braces is checked beforehand."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator
from string import Formatter
from typing import TYPE_CHECKING

from checker.language.errors import CheckerError, did_you_mean
from checker.language.source import function_tree

if TYPE_CHECKING:
    from checker.language.properties import Property


def refuse_unknown_names(made: Property) -> None:
    """A name that nothing has would be a gap in every sentence."""
    tree = function_tree(made.function.__code__)
    if made.says is None or tree is None:
        return
    states = list(inspect.signature(made.function).parameters)
    own = {*states, *_names(tree)}
    for expression in _expressions(made, made.says):
        known = {
            *own,
            *_names(expression, bound=True),
            *made.function.__globals__,
            *made.names,
            *dir(builtins),
        }
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id not in known:
                near = did_you_mean(node.id, [*own, *made.function.__globals__])
                raise _refused(
                    made,
                    f"there is no `{node.id}`{near}",
                    "in braces stand the predicate's parameters, its loop variables and names of the file",
                )
            of_state = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if of_state and node.value.id in states and not hasattr(made.state, node.attr):  # type: ignore[attr-defined]
                near = did_you_mean(node.attr, dir(made.state))  # type: ignore[attr-defined]
                raise _refused(made, f"{made.state.__name__} has no field `{node.attr}`{near}")  # type: ignore[attr-defined]


def _names(tree: ast.AST, bound: bool = False) -> set[str]:
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {node.id for node in found if not bound or isinstance(node.ctx, ast.Store)}


def _expressions(made: Property, says: str) -> Iterator[ast.Expression]:
    try:
        parts = [part for _, part, _, _ in Formatter().parse(says) if part is not None]
    except ValueError as problem:
        raise _refused(made, str(problem).lower(), "write {{ and }} for braces that are text") from None
    for part in parts:
        try:
            yield ast.parse(part.strip(), mode="eval")
        except SyntaxError:
            raise _refused(
                made, f"`{part}` is no expression", "write {{ and }} for braces that are text"
            ) from None


def _refused(made: Property, text: str, advice: str | None = None) -> CheckerError:
    return CheckerError(f"says={made.says!r}: {text}", advice=advice).at_function(made.function)
