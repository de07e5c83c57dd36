"""A state as terms: one for each element of a kept field, for each actor's position, and its kept locals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import z3

from checker.compiler.codes import code_range
from checker.compiler.compile import Compilation
from checker.compiler.ir import Variable
from checker.compiler.layout import Field
from checker.engines.bits import WIDTH, Number, as_number, calculate, pattern
from checker.language.types import BoolType, SetType

Key = Hashable  # a leaf's path, or ("pc", kind), ("slot", name), ("once", name)


def low_of(kind: Any) -> int:
    """The code that is stored as 0."""
    return 0 if isinstance(kind, SetType) else code_range(kind)[0]


@dataclass(frozen=True)
class Cell:
    """One stored number: `low` is added to what its bits say."""

    key: Key
    element: int
    width: int
    low: int
    high: int | None  # the largest code, where not every pattern of bits is one
    truth: bool  # a bool, and a z3 Bool

    @property
    def name(self) -> str:
        return f"{self.key}#{self.element}"

    def variable(self, step: str) -> Any:
        name = f"{self.name}@{step}"
        return z3.Bool(name) if self.truth else z3.BitVec(name, self.width)

    def code(self, variable: Any) -> Any:
        """The code that a variable of this cell stands for."""
        if self.truth:
            return variable
        return calculate("+", z3.ZeroExt(WIDTH - self.width, variable), pattern(self.low), False)

    def stored(self, code: Any) -> Any:
        """The opposite: what the variable has to be."""
        if self.truth:
            return code if isinstance(code, z3.BoolRef) else z3.BoolVal(bool(code))
        number = calculate("-", as_number(code), pattern(self.low), False)
        bits = (1 << self.width) - 1
        if isinstance(number, int):
            return z3.BitVecVal(number & bits, self.width)
        return z3.Extract(self.width - 1, 0, number)

    def legal(self, variable: Any) -> Any:
        """Is its value one of the type?"""
        if self.truth or self.high is None:
            return z3.BoolVal(True)
        return z3.ULE(variable, self.high - self.low)


State = dict[Key, list[Any]]  # codes; what takes no bits is a number


class Shape:
    """Which cells a state has, and states of fresh variables."""

    def __init__(self, compilation: Compilation) -> None:
        self.compilation = compilation
        self.cells = list(self._cells())

    def _cells(self) -> Iterator[Cell]:
        c = self.compilation
        for key, field in c.leaves.items():
            kind = c.unit.leaves[key].type
            high = None if isinstance(kind, SetType) else code_range(kind)[1]
            yield from self._of(key, field, field.low, high, isinstance(kind, BoolType))
        for actor, pc in c.pcs.items():
            points = [p.number for o in c.operations if o.actor is actor for p in o.points]
            yield from self._of(("pc", actor), pc, 0, max(points, default=0))
        for slots in c.slots.values():
            for slot in slots:
                yield from self._of(("slot", slot.cname), slot, 0, None)
        for name, mark in c.once.items():
            yield from self._of(("once", name), mark, 0, None)

    def _of(self, key: Key, field: Field, low: int, high: int | None, truth: bool = False) -> Iterator[Cell]:
        full = high is not None and high - low + 1 == 1 << field.width
        for element in field.active:
            yield Cell(key, element, field.width, low, None if full else high, truth and field.width > 0)

    def state(self, variables: Callable[[Cell], Any]) -> State:
        """A state whose cells are what the function says; all others are 0."""
        state: State = {}
        for cell in self.cells:
            values = state.setdefault(cell.key, [])
            while len(values) < cell.element:
                values.append(0)
            values.append(cell.code(variables(cell)) if cell.width else cell.low)
        return state

    @property
    def wide(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.width]


def copied(state: State) -> State:
    return {key: list(values) for key, values in state.items()}


def slot_key(field: Field) -> Key:
    return ("slot", field.cname)


def local_code(stored: Number, variable: Variable) -> Any:
    """A local's code from what its slot holds."""
    return calculate("+", stored, pattern(low_of(variable.type)), False)
