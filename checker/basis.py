"""What a verdict rests on: steps of the model that are assumed, functions of it that others stand in for."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from checker.language import replacing
from checker.language.errors import shown_path
from checker.language.source import definition_line
from checker.language.steps import Operation

SEQUENTIAL = "interleavings are sequentially consistent: weak memory is not modelled"


@dataclass(frozen=True)
class Assumption:
    text: str
    place: str


@dataclass(frozen=True)
class Replaced:
    """A function of the model, by name, and what is called in its place."""

    name: str
    by: str
    place: str


def replaced(operations: Iterable[Operation]) -> list[Replaced]:
    """The operations among these that stand in for others, and every function that does."""
    pairs: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
        (each.replaces.function, each.function) for each in operations if each.replaces is not None
    ]
    pairs += [(each.replaced, each.by) for each in replacing.made]
    return [Replaced(name.__name__, by.__name__, _place_of(by)) for name, by in pairs]


def _place_of(function: Callable[..., Any]) -> str:
    return f"{shown_path(function.__code__.co_filename)}:{definition_line(function.__code__)}"


def assumptions(functions: Iterable[Callable[..., Any]]) -> list[Assumption]:
    """Every `assumed("why")` in these functions and in the model's functions that they call, each once."""
    found: dict[Assumption, None] = {}
    waiting = list(functions)
    seen: set[Callable[..., Any]] = set()
    while waiting:
        function = _plain(waiting.pop(0))
        if function is None or function in seen:
            continue
        seen.add(function)
        tree, shift = _tree(function)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if _is_assumed(call, function):
                place = f"{shown_path(function.__code__.co_filename)}:{call.lineno + shift}"
                found[Assumption(_text(call), place)] = None
            waiting.extend(_called(call, function))
    return list(found)


def _plain(found: object) -> Any:
    """The Python function behind a decorated one; None for what is not the model's: classes, built-ins."""
    function = getattr(found, "function", found)
    if not inspect.isfunction(function) or function.__module__.split(".")[0] == "checker":
        return None
    return function


def _tree(function: Callable[..., Any]) -> tuple[ast.AST, int]:
    """The syntax tree, and what to add to its line numbers."""
    try:
        lines, first = inspect.getsourcelines(function)
        return ast.parse(textwrap.dedent("".join(lines))), first - 1
    except (OSError, SyntaxError):
        return ast.Module([], []), 0


def _is_assumed(call: ast.Call, function: Any) -> bool:
    target = function.__globals__.get(call.func.id) if isinstance(call.func, ast.Name) else None
    return getattr(target, "__name__", "") == "assumed" and target.__module__.startswith("checker.language")


def _text(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else "(no reason given)"


def _called(call: ast.Call, function: Any) -> Iterator[Any]:
    """What a call may run: a function of that name, or of that name in a module that is named."""
    target = call.func
    if isinstance(target, ast.Name):
        yield function.__globals__.get(target.id)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        owner = function.__globals__.get(target.value.id)
        if inspect.ismodule(owner):
            yield getattr(owner, target.attr, None)
