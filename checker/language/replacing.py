"""Functions of the model that others stand in for: so a patch under review is one file beside the model."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from checker.language.declaration import Declaration, Function
from checker.language.errors import CheckerError
from checker.language.model import note_declaration
from checker.language.source import is_library
from checker.language.steps import Operation, SubOperation

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Replacement:
    """A function of the model, and the one that is called in its place."""

    replaced: Function
    by: Function


made: list[Replacement] = []


def replaces(target: Callable[..., Any]) -> Callable[[F], F]:
    """Have a function called wherever the model calls `target`, a helper or a sub-operation of it.

    In the file that says so, and only there, the name of `target` still means the model's own.
    """
    replaced = _function_of(target)

    def decorate(function: F) -> F:
        by = _function_of(function)
        _check_alike(replaced, by)
        if not _rebind(target, function, keeps=by.__globals__):
            raise CheckerError(
                f"{replaced.__name__} is defined in this file: nothing outside it is replaced",
                advice="change it where it is",
            ).at_function(by)
        note_declaration()
        made.append(Replacement(replaced, by))
        return function

    return decorate


def _function_of(given: object) -> FunctionType:
    if isinstance(given, Operation):
        raise CheckerError(
            f"{given.name} is an operation",
            advice=f"write @operation({given.actor.__name__}, replaces={given.name})",
        )
    if isinstance(given, Declaration) and not isinstance(given, SubOperation):
        kind = type(given).__name__.lower()
        raise CheckerError(
            f"{given.name} is declared with @{kind}: only what operations call can be replaced",
            advice="declare another one, and let the scenarios name it",
        )
    function = getattr(given, "function", given)
    if not isinstance(function, FunctionType) or is_library(function.__code__.co_filename):
        raise CheckerError(
            f"@replaces takes a function of the model, not {given!r}", advice="write @replaces(f)"
        )
    return function


def _check_alike(replaced: FunctionType, by: FunctionType) -> None:
    """Every call of the one must be a call of the other."""
    if inspect.isgeneratorfunction(replaced) != inspect.isgeneratorfunction(by):
        has, lacks = (replaced, by) if inspect.isgeneratorfunction(replaced) else (by, replaced)
        raise CheckerError(
            f"{has.__name__} has a `yield` and {lacks.__name__} has none: they are called in different ways"
        ).at_function(by)
    first, second = inspect.signature(replaced), inspect.signature(by)
    if _called(first) != _called(second):
        raise CheckerError(
            f"{by.__name__}{_shown(second)} cannot be called as {replaced.__name__}{_shown(first)} is",
            advice="give it the same parameters",
        ).at_function(by)


def _called(signature: inspect.Signature) -> list[tuple[str, Any, bool]]:
    empty = inspect.Parameter.empty
    return [(each.name, each.kind, each.default is empty) for each in signature.parameters.values()]


def _shown(signature: inspect.Signature) -> str:
    return f"({', '.join(signature.parameters)})"


def _rebind(target: object, by: object, keeps: Mapping[str, object]) -> bool:
    """Let every name of the one, but for those in one file, be a name of the other. Is there any?"""
    found = [
        (owner, name)
        for owner in _owners()
        if vars(owner) is not keeps
        for name, value in list(vars(owner).items())
        if value is target
    ]
    for owner, name in found:
        setattr(owner, name, by)
    return bool(found)


def _owners() -> Iterator[ModuleType | type]:
    """What has names: modules, and the classes that are defined in them, as records have methods."""
    for module in list(sys.modules.values()):
        if not isinstance(module, ModuleType):
            continue
        yield module
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value
