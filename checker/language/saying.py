"""The sentence of a property (`says="{cpu} is inside"`): what stands in its braces is checked beforehand."""

from __future__ import annotations

import ast
import builtins
import inspect
from typing import TYPE_CHECKING

from checker.language.errors import CheckerError, did_you_mean
from checker.language.source import function_tree

if TYPE_CHECKING:
    from checker.language.properties import Property


def pieces(says: str) -> list[str | ast.Expression]:
    """Text, and what stands in braces, as Python reads an f-string. A SyntaxError, if it does not."""
    text = says.replace("\\", "\\\\").replace('"""', '\\"""')
    text = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    whole = ast.parse(f'f"""{text} """', mode="eval").body  # a space, as it may end with a quotation mark
    assert isinstance(whole, ast.JoinedStr)
    found: list[str | ast.Expression] = []
    for part in whole.values:
        if isinstance(part, ast.FormattedValue):
            found.append(ast.Expression(part.value))
        elif isinstance(part, ast.Constant):
            found.append(str(part.value))
    return [*found[:-1], str(found[-1])[:-1]]


def refuse_unknown_names(made: Property) -> None:
    """A name that nothing has would be a gap in every sentence."""
    tree = function_tree(made.function.__code__)
    if made.says is None or tree is None:
        return
    try:
        expressions = [each for each in pieces(made.says) if isinstance(each, ast.Expression)]
    except SyntaxError as problem:
        raise _refused(made, problem.msg, "write {{ and }} for braces that are text") from None
    own = {*inspect.signature(made.function).parameters, *_names(tree)}
    defined = {*made.function.__globals__, *made.names, *dir(builtins)}
    for expression in expressions:
        known = own | defined | _names(expression, bound=True)
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id not in known:
                near = did_you_mean(node.id, [*own, *made.function.__globals__])
                advice = "in braces stand the predicate's parameters, loop variables and names of the file"
                raise _refused(made, f"there is no `{node.id}`{near}", advice)
            if isinstance(node, ast.Attribute):
                _refuse_unknown_field(made, node)


def _refuse_unknown_field(made: Property, node: ast.Attribute) -> None:
    of_state = (
        isinstance(node.value, ast.Name) and node.value.id in inspect.signature(made.function).parameters
    )
    if of_state and not hasattr(made.state, node.attr):
        near = did_you_mean(node.attr, dir(made.state))
        raise _refused(made, f"{made.state.__name__} has no field `{node.attr}`{near}")


def _names(tree: ast.AST, bound: bool = False) -> set[str]:
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {node.id for node in found if not bound or isinstance(node.ctx, ast.Store)}


def _refused(made: Property, text: str, advice: str | None = None) -> CheckerError:
    return CheckerError(f"says={made.says!r}: {text}", advice=advice).at_function(made.function)
