"""Obligations: claims about numbers that must hold for every value of their parameters.

An obligation is a predicate over words and named parameters; no state and no step is involved.  `given` says
what it is about, `requires` what it takes for granted, with the line of C that would enforce that.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError, DuplicateName, TypeRefused, did_you_mean, shown_path
from checker.language.kinds import BoolType, EnumType, RangeType, Type, WordType, members, type_name
from checker.language.model import note_declaration
from checker.language.words import Word

MOST_CASES = 64  # values of a parameter that are gone through one by one


@dataclass(frozen=True)
class Region:
    """A named interval of addresses, for the drawing of a counterexample; `end` is not part of it."""

    name: str
    start: Word
    end: Word


Regions = Callable[..., Sequence[Region]]


class Judge(Protocol):
    """What an engine does with the conditions that an obligation states."""

    def given(self, condition: bool) -> None: ...
    def requires(self, condition: bool, check: str, by: str) -> None: ...


judge: Judge | None = None


def given(*conditions: bool) -> None:
    """What the parameters are: the obligation says nothing about other values."""
    for condition in conditions:
        if judge is not None:
            judge.given(condition)


def requires(condition: bool, check: str, by: str = "") -> None:
    """An assumption, and the C that would enforce it; `by`: what enforces it today, if something does."""
    if judge is not None:
        judge.requires(condition, check, by)


class Obligation(Declaration):
    """A claim for all values of its parameters: words and bools are proved at once, others case by case."""

    leading = 0

    def __init__(
        self,
        function: Function,
        names: Any,
        least: str | None = None,
        shows: Regions | None = None,
        code: str = "",
    ) -> None:
        super().__init__(function, names)
        known = list(inspect.signature(function).parameters)
        if least is not None and least not in known:
            raise CheckerError(
                f"least={least!r}: {self.name} has no such parameter{did_you_mean(least, known)}"
            ).at_function(function)
        self.least = least
        self.shows = shows
        self.label = code

    @functools.cached_property
    def symbols(self) -> dict[str, WordType | BoolType]:
        """The parameters that stand for all their values at once."""
        return {name: kind for name, kind in self._checked.items() if isinstance(kind, WordType | BoolType)}

    @functools.cached_property
    def cases(self) -> dict[str, list[Any]]:
        """The parameters that are gone through one by one, and their values."""
        return {name: members(kind) for name, kind in self._checked.items() if name not in self.symbols}

    @property
    def _checked(self) -> dict[str, Type]:
        for name, kind in self.parameters.items():
            few = isinstance(kind, EnumType) or (
                isinstance(kind, RangeType) and kind.hi - kind.lo < MOST_CASES
            )
            if not few and not isinstance(kind, WordType | BoolType):
                raise TypeRefused(
                    f"parameter `{name}` of {self.name}: {type_name(kind)} is no word and has no few values",
                    advice="use Unsigned(bits), Signed(bits), bool, an Enum or a short Range",
                ).at_function(self.function)
        return self.parameters


_declared: dict[str, Obligation] = {}


def obligations() -> dict[str, Obligation]:
    """All that were declared, by name, in the order of their declaration."""
    return dict(_declared)


def forget(kept: dict[str, Obligation]) -> None:
    """Back to an earlier set of obligations."""
    _declared.clear()
    _declared.update(kept)


@overload
def obligation(function: Function, /) -> Obligation: ...
@overload
def obligation(
    *, least: str | None = None, shows: Regions | None = None, code: str = ""
) -> Callable[[Function], Obligation]: ...
def obligation(function: Function | None = None, /, **keywords: Any) -> Any:
    """Holds for all values of its parameters. `least`: of which parameter the first bad value is sought;
    `shows`: a function of some of the parameters that names regions for the drawing; `code`: a short name.
    """
    names = caller_names(2)

    def decorate(target: Function) -> Obligation:
        made = Obligation(target, names, **keywords)
        other = _declared.get(made.name)
        if other is not None:
            raise DuplicateName(
                f"there are two obligations `{made.name}`: the other one is at "
                f"{shown_path(other.file)}:{other.line}"
            ).at_function(target)
        _declared[made.name] = made
        note_declaration()
        return made

    return decorate if function is None else decorate(function)
