"""Orders of states, and which way a value can move along one: docs/design/eager.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag

from checker.compiler.ir import LeafKey
from checker.language.types import TupleType


class Polarity(IntFlag):
    """UP: may become larger. DOWN: may become smaller. FIXED: neither."""

    FIXED = 0
    UP = 1
    DOWN = 2
    MIXED = 3

    @property
    def opposite(self) -> Polarity:
        return Polarity((self & Polarity.UP) << 1 | (self & Polarity.DOWN) >> 1)

    def within(self, allowed: Polarity) -> bool:
        return int.__or__(self, allowed) == int(allowed)  # of numbers: asked so often that flags are too slow


FIXED, UP, DOWN, MIXED = Polarity.FIXED, Polarity.UP, Polarity.DOWN, Polarity.MIXED


def joined(parts: Iterable[Polarity]) -> Polarity:
    result = FIXED
    for part in parts:
        result |= part
    return result


@dataclass(frozen=True)
class Climb:
    """An enum that may move from one value to one other; nothing lies between, below or above them."""

    low: int
    high: int

    @property
    def opposite(self) -> Climb:
        return Climb(self.high, self.low)


@dataclass(frozen=True)
class Fibres:
    """A set of tuples that may become larger, and of whose elements one item does not matter: a fibre is the
    elements that differ in that item only, and all that counts is which fibres have some element."""

    kind: TupleType
    item: int


Movement = Polarity | Climb
Order = Mapping[LeafKey, Movement]
CoarseOrder = Mapping[LeafKey, Movement | Fibres]
