"""Names as they are typed, and what was probably meant by one that nothing has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TypeVar

from checker.language.errors import UnknownName, did_you_mean

T = TypeVar("T")


def typed(name: str) -> str:
    """A function's name as the command line writes it."""
    return name.replace("_", "-")


def setting(value: object) -> str:
    """A switch's value as --set takes it."""
    if isinstance(value, Enum):
        return typed(value.name.lower())
    return str(value).lower()


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """The thing of that name, with - and _ taken as one; or an error that says what was probably meant."""
    by_typed = {typed(each): value for each, value in known.items()}
    if name in known:
        return known[name]
    if typed(name) in by_typed:
        return by_typed[typed(name)]
    raise unknown(kind, name, by_typed)


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    names = sorted(known)
    return UnknownName(
        f"there is no {kind} `{name}`{did_you_mean(typed(name), names)}",
        advice=f"known: {', '.join(names) or 'none'}" if len(names) <= 12 else "`check list` names them all",
    )
