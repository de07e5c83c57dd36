"""What a C function shares with everything that is inlined into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checker.compiler.codes import EMPTY, join
from checker.compiler.ir_statements import Point
from checker.language.types import OptionalType, RangeType, SetType, TupleType

MOST = (1 << 15) - 1  # of a local that is computed from itself; beyond it is a model error


@dataclass
class Context:
    """Shared by a C function and everything inlined into it."""

    # (instance …, local) → type: what one pass learns, the next one starts with
    types: dict[tuple[str, ...], Any] = field(default_factory=dict)
    changed: bool = False  # a type that something may have been lowered with was widened
    widening: bool = False  # a number that still grows is taken to grow up to MOST
    points: list[Point] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    labels: int = 0
    entered: list[Any] = field(default_factory=list)  # the sub-operations that were inlined so far
    first: bool = True  # in the first pass no type is known from another one

    def learn(self, key: tuple[str, ...], kind: Any, read: bool = True) -> Any:
        """Widen what is known of a local's type; None if they do not fit. `read`: it may have been read."""
        old = self.types.get(key)
        if old is None or (old == EMPTY and isinstance(kind, SetType)):
            new = kind
        elif kind == EMPTY and isinstance(old, SetType):
            new = old
        else:
            new = join(old, kind)
        if self.widening and new != old:
            new = _widened(old, new)
        if new is not None and new != old:
            self.types[key] = new
            self.changed |= read and old is not None  # nothing has read a local before it had a type
        return new


def _widened(old: Any, new: Any) -> Any:
    """At the ends where it grows it is as wide as it may get, and stays so."""
    if isinstance(new, OptionalType):
        inner = old.of if isinstance(old, OptionalType) else old
        return OptionalType(_widened(inner, new.of))
    if isinstance(old, TupleType) and isinstance(new, TupleType):
        return TupleType(tuple(map(_widened, old.items, new.items)))
    if not isinstance(old, RangeType) or not isinstance(new, RangeType):
        return new
    low = old.lo if new.lo >= old.lo else min(old.lo, -MOST)
    high = old.hi if new.hi <= old.hi else max(old.hi, MOST)
    return RangeType(low, high)
