"""A sub-operation that is called again alike: its statements are copied, which is faster than to lower them.

What it is lowered to follows from what its parameters stand for. What tells two such calls apart are only the
numbers in the names of variables and labels, and the places of the calls around.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from checker.compiler.codes import type_of_constant
from checker.compiler.context import Context
from checker.compiler.ir import Domain, Expr, Literal, Read, Variable
from checker.compiler.ir_statements import Block, Leave, Point, Stmt
from checker.compiler.source import Place
from checker.compiler.values import Constant, Ref, Value
from checker.compiler.walking import walk

COPIED = (Stmt, Expr, Domain, Variable, Point)
PLAIN = {tuple, list, dict, str, int, bool, type(None)}


class _Unlike(Exception):
    """A parameter that is compared with no other."""


class Given:
    """What the parameters of a call stand for: `own` variables of the call, others of its callers, places and
    constants. Of two calls that are `alike`, `variables` correspond one to one."""

    def __init__(
        self, scope: Mapping[str, Value], own: Collection[Variable], constant: Collection[Variable]
    ) -> None:
        self.own = own
        self.constant = constant
        self.variables: dict[Variable, int] = {}
        try:
            self.alike: Hashable = tuple((name, self._of(value)) for name, value in scope.items())
        except _Unlike:
            self.alike = None

    def _of(self, value: Value) -> Hashable:
        if isinstance(value, Read):
            variable = value.variable
            number = self.variables.setdefault(variable, len(self.variables))
            return number, value.type, variable.type, variable in self.own, variable in self.constant
        if isinstance(value, Literal):
            return "literal", value.type, value.code
        if isinstance(value, Ref):
            return value.root, value.key, value.sizes, value.type, *map(self._of, value.index)
        if isinstance(value, Constant):
            return _constant(value.value)
        raise _Unlike


def _constant(value: Any) -> Hashable:
    """1 is not True."""
    try:
        hash(value)
    except TypeError:
        raise _Unlike from None
    return "constant", type(value), type_of_constant(value), value


@dataclass(frozen=True)
class Mark:
    """How far the numbers of a C function are."""

    names: Mapping[str, int]
    labels: int
    points: int
    entered: int

    @staticmethod
    def of(context: Context) -> Mark:
        return Mark(dict(context.names), context.labels, len(context.points), len(context.entered))


class Repeat:
    """What one call was lowered to, from `before` on."""

    def __init__(
        self, block: Block, chain: Sequence[Place], given: Given, before: Mark, context: Context
    ) -> None:
        self.block = block
        self.chain = chain
        self.given = given
        self.before = before
        self.points = context.points[before.points :]
        self.entered = context.entered[before.entered :]
        self.labels = context.labels - before.labels
        self.names = {
            name: number - before.names.get(name, 0)
            for name, number in context.names.items()
            if number != before.names.get(name, 0)
        }

    @cached_property
    def _written(self) -> _Written:
        return _Written(self)

    def again(self, chain: Sequence[Place], given: Given, context: Context) -> Block:
        """The same for another call, at the end of `chain`."""
        block, points, variables, labelled = self._written.read(chain[-1], list(given.variables))
        for variable in variables:
            base, number = _number_of(variable.cname)
            number += context.names.get(base, 0) - self.before.names.get(base, 0)
            variable.cname = f"{base}_" if number == 1 else f"{base}_{number}"
            if variable.origin is not None and len(chain) != len(self.chain):
                frame = variable.origin.frame + len(chain) - len(self.chain)
                variable.origin = replace(variable.origin, frame=frame)
        for point in points:
            point.chains = [(*chain, *each[len(self.chain) :]) for each in point.chains]
        for stmt in labelled:
            name, _, label = stmt.label.rpartition("_")
            stmt.label = f"{name}_{int(label) + context.labels - self.before.labels}"
        context.points += points
        context.entered += self.entered
        context.labels += self.labels
        for name, more in self.names.items():
            context.names[name] = context.names.get(name, 0) + more
        return block


def _number_of(cname: str) -> tuple[str, int]:
    """`unique` backwards."""
    base, _, number = cname.rpartition("_")
    return base, int(number or 1)


class _Written:
    """Statements as bytes: what is theirs is made anew when they are read, all else is what it is."""

    def __init__(self, repeat: Repeat) -> None:
        self.place = repeat.chain[-1]
        self.outside: list[Any] = list(repeat.given.variables)
        self._number = {id(each): number for number, each in enumerate(self.outside)}
        self.own: dict[Variable, None] = {}
        out = io.BytesIO()
        pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
        pickler.persistent_id = self._outside  # type: ignore[method-assign]
        labelled = [each for each in walk([repeat.block]) if isinstance(each, Block | Leave)]
        pickler.dump((repeat.block, repeat.points, labelled))
        pickler.dump(list(self.own))
        self.bytes = out.getvalue()
        self.variables = len(repeat.given.variables)

    def _outside(self, part: Any) -> int | None:
        if type(part) in PLAIN:
            return None
        number = self._number.get(id(part))
        if number is None and isinstance(part, COPIED):
            if isinstance(part, Variable):
                self.own[part] = None
            return None
        if number is None:
            number = self._number[id(part)] = len(self.outside)
            self.outside.append(part)
        return number

    def read(
        self, place: Place, variables: list[Variable]
    ) -> tuple[Block, list[Point], list[Variable], list[Block | Leave]]:
        """With these variables of the callers, for a call at this place."""
        others = [place if each == self.place else each for each in self.outside[self.variables :]]
        reader = pickle.Unpickler(io.BytesIO(self.bytes))
        reader.persistent_load = [*variables, *others].__getitem__  # type: ignore[method-assign]
        block, points, labelled = reader.load()
        return block, points, reader.load(), labelled
