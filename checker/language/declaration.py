"""What operations, actions, properties and the like have in common: a function and the state it is about."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from checker.language.context import current
from checker.language.errors import CheckerError, TypeRefused
from checker.language.source import definition_line
from checker.language.types import Type, evaluated, resolve

Function = Callable[..., Any]


def caller_names(depth: int = 2) -> Mapping[str, object]:
    """The local names where a decorator is used (a test may declare a model inside a function)."""
    frame = sys._getframe(depth)
    return {} if frame.f_locals is frame.f_globals else dict(frame.f_locals)


class Declaration:
    """A decorated function, still callable. Its `leading` parameters (state, actor) are no arguments."""

    leading = 1
    leading_names = "the state"

    def __init__(self, function: Function, names: Mapping[str, object]) -> None:
        if not inspect.isfunction(function):
            raise CheckerError(f"{self.what()} is a function, not {function!r}")
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise CheckerError(f"{function.__name__} is `async`", advice="write `def`").at_function(function)
        self.function = function
        self.name: str = function.__name__
        self.file: str = function.__code__.co_filename
        self.names = names
        self.__name__ = function.__name__
        self.__module__ = function.__module__
        self.__doc__ = function.__doc__
        self.__wrapped__ = function
        if len(inspect.signature(function).parameters) < self.leading:
            raise CheckerError(
                f"{self.name} needs {self.leading} parameter{'s' if self.leading > 1 else ''} at least: "
                + self.leading_names
            ).at_function(function)

    def what(self) -> str:
        """What it is called in messages."""
        return f"what @{type(self).__name__.lower()} stands above"

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.function(*arguments, **keywords)

    def __repr__(self) -> str:
        return self.name

    @functools.cached_property
    def line(self) -> int:
        """The line of `def`."""
        return definition_line(self.function.__code__)

    @property
    def doc(self) -> str:
        return inspect.cleandoc(self.__doc__ or "")

    def annotation(self, parameter: str) -> object:
        """A parameter's annotation as an object."""
        raw = self.function.__annotations__.get(parameter)
        if raw is None:
            first = parameter == next(iter(inspect.signature(self.function).parameters))
            instead = "the @state class" if first else "a type such as an Index, an Enum, bool or Range(0, 3)"
            raise TypeRefused(
                f"parameter `{parameter}` of {self.name} has no type",
                advice=f"write `{parameter}: ...` with {instead}",
            ).at_function(self.function, parameter)
        cells = {
            name: cell.cell_contents
            for name, cell in zip(
                self.function.__code__.co_freevars, self.function.__closure__ or (), strict=True
            )
            if _filled(cell)
        }
        try:
            return evaluated(raw, self.function.__globals__, self.names, cells)
        except CheckerError as problem:
            raise problem.at_function(self.function, parameter) from None

    @functools.cached_property
    def state(self) -> type:
        """The @state class that this is about."""
        first = next(iter(inspect.signature(self.function).parameters))
        found = self.annotation(first)
        if not isinstance(found, type) or "__state__" not in found.__dict__:
            shown = found.__name__ if isinstance(found, type) else repr(found)
            raise TypeRefused(
                f"the first parameter of {self.name} must be of the @state class, not {shown}"
            ).at_function(self.function, first)
        return found

    @property
    def parameters(self) -> dict[str, Type]:
        """Name and type of each argument, in the world in force (a Range may end at a bound)."""
        bounds = current.world.bounds if current.world is not None else {}
        resolved = {}
        for name in list(inspect.signature(self.function).parameters)[self.leading :]:
            try:
                resolved[name] = resolve(self.annotation(name), bounds)
            except CheckerError as problem:
                raise problem.at_function(self.function, name) from None
        return resolved


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True
