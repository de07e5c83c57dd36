"""Which functions of a model some of its functions call, directly or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

from checker.language.source import is_library


def functions_reached(functions: Iterable[Callable[..., Any]]) -> list[FunctionType]:
    """Those of the model that these call, without these themselves; each once."""
    first = list(functions)
    found: dict[FunctionType, None] = {}
    todo: list[Any] = list(first)
    while todo:
        function = todo.pop()
        for name in _names_in(function.__code__):
            called = function.__globals__.get(name)
            called = getattr(called, "function", called)
            if not isinstance(called, FunctionType) or called in found or called in first:
                continue
            if not is_library(called.__code__.co_filename):
                found[called] = None
                todo.append(called)
    return list(found)


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
