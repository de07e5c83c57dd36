"""What a Python expression means while it is being lowered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checker.compiler.ir import Expr, LeafKey, Rows
from checker.language.types import Type


@dataclass(frozen=True)
class Constant:
    """Any Python object that is known while compiling: a number, a class, a function, a module."""

    value: Any


@dataclass(frozen=True)
class Ref:
    """A place in the state: a record, an array or a set reached through `root` and the indexes so far."""

    root: str
    key: LeafKey
    sizes: tuple[int, ...]
    index: tuple[Expr, ...]
    type: Type


@dataclass(frozen=True)
class Pair:
    """A tuple that is written out, (a, b): it can be taken apart, compared, and put into a set."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Method:
    """A bound method: its first argument and the plain function."""

    owner: Value
    function: Callable[..., Any]
    name: str


@dataclass(frozen=True)
class Family:
    """The members a pure function lists, tabulated over its arguments: block.pages, pages_of(block)."""

    domain: Rows
    member: Type


@dataclass(frozen=True)
class Snapshot:
    """frozen(record): the value of a record or an array, as its leaves in order of declaration."""

    type: Type
    leaves: tuple[Expr, ...]


Value = Constant | Ref | Pair | Method | Family | Snapshot | Expr


def taken_apart(value: Value) -> Value:
    """A constant tuple like one that is written out."""
    if isinstance(value, Constant) and isinstance(value.value, tuple):
        return Pair(tuple(map(Constant, value.value)))
    return value
