"""How a value of a model is written in a trace, and in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from checker.language.types import order_key
from checker.language.words import Word


def shown(value: object) -> str:
    """`page2`, `MAPPED`, `True`, `{page0, page1}`, `(va0, page1)`."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return "(" + ", ".join(shown(item) for item in value) + ")"
    if isinstance(value, frozenset | set):
        return "{" + ", ".join(shown(item) for item in in_order(value)) + "}"
    return repr(value)


def as_json(value: object) -> object:
    """The same for a machine: numbers, truth values and null stay what they are, sets become sorted lists."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and not isinstance(value, Enum):
        return value
    if isinstance(value, Word):
        return int(value)
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if isinstance(value, frozenset | set):
        return [as_json(item) for item in in_order(value)]
    return shown(value)


def call(name: str, arguments: Iterable[object]) -> str:
    return f"{name}({', '.join(shown(value) for value in arguments)})"


def in_order(members: Iterable[object]) -> list[object]:
    """Set members in index order; Python's own order of a set is an accident."""
    return sorted(members, key=order_key)
