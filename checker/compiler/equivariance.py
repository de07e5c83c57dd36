"""Whether expressions treat the members of an index alike: docs/design/symmetry.md has the argument.

An expression is *equivariant* if permuting the state and the locals permutes its value, and if it fails in
the permuted state just where it failed before. Comparing two members, or asking whether one is in a set, is;
whatever else an operator does with members is tried for all values of its operands.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.compiler.codes import EMPTY, code_range, none_code
from checker.compiler.evaluation import Fault, NotKnown, evaluated
from checker.compiler.faults import CHOICE, can_fail, known_in, sites_of
from checker.compiler.ir import Apply, Bits, Domain, Expr, Fold, Literal, Rows, Span, Variable
from checker.compiler.permutations import Permutation, moved_code, moves
from checker.compiler.source import Place
from checker.language.types import IndexType, OptionalType, RangeType, SetType

MOST_TRIED = 1 << 12  # combinations of an operator's operands

SAME = "{0}"
_OF_EQUALS = {"({0} == {1})", "({0} != {1})"}
_OF_SETS = {"({0} | {1})", "({0} & {1})", "({0} & ~{1})", "({0} ^ {1})"}
_ABOUT_SETS = {
    "(({0} & ~{1}) == 0)", "(({1} & ~{0}) == 0)", "(({0} & {1}) == 0)", "({0} != 0)",
    "__builtin_popcountll({0})",
}  # fmt: skip
_NONE = re.compile(  # is it None; and what then
    r"\(\{0\} (?:==|!=) (?P<is>-?\d+)(?: && \{1\}| \? (?P<then>-?\d+) : \{1\})?\)"
    r"|not_none\(b, \{0\}, (?P<not>-?\d+), \{site\}\)"
)
_BIT = re.compile(r"\(UINT64_C\(1\) << (?:\{0\}|\(\{0\} - \(-?\d+\)\))\)")
_MEMBER = re.compile(r"\(bool\)\(\(\{0\} >> (?:\{1\}|\(\{1\} - \(-?\d+\)\))\) & 1\)")


class Asymmetric(Exception):
    """At `place` something tells members apart; or (`open`) it is only not proved that nothing does."""

    def __init__(self, place: Place, text: str, open_: bool = False) -> None:
        super().__init__(text)
        self.place = place
        self.text = text
        self.open = open_


class Equivariance:
    """The proof for some permutations, of one index and of what lies within it."""

    def __init__(
        self, generators: Sequence[Permutation], name: str, tables: Mapping[str, Sequence[int]]
    ) -> None:
        self.generators = generators
        self.name = name
        self.tables = tables

    def moves(self, kind: Any) -> bool:
        return any(moves(each, kind) for each in self.generators)

    def prove(self, expr: Expr, place: Place) -> None:
        if isinstance(expr, Literal):
            self._literal(expr, place)
        elif isinstance(expr, Apply):
            self._apply(expr, place)
        else:
            if isinstance(expr, Fold):
                self._fold(expr, place)
            for child in expr.children():
                self.prove(child, place)

    def is_fixed(self, kind: Any, code: int) -> bool:
        return all(moved_code(each, kind, code) == code for each in self.generators)

    def _literal(self, expr: Literal, place: Place) -> None:
        if not self.is_fixed(expr.type, expr.code):
            raise Asymmetric(
                place, f"a member of {self._named(expr.type)} is named, and they are interchangeable"
            )

    def _named(self, kind: Any) -> str:
        """The index whose member it is: of this one, or of one that lies within it."""
        core = _core(kind)
        return core.index.__name__ if isinstance(core, IndexType) else self.name

    # -- operators -------------------------------------------------------------------------------------------

    def _apply(self, expr: Apply, place: Place) -> None:
        try:
            if not self._is_natural(expr):
                raise Asymmetric(place, f"this depends on the numbers of the members of {self.name}")
            for child in expr.arguments:
                self.prove(child, place)
        except Asymmetric:  # the whole may be, where its parts are not: int(a) == int(b)
            if not self._tried(expr, place):
                raise

    def _is_natural(self, expr: Apply) -> bool:
        """An operator that is equivariant by what it is."""
        kinds = [argument.type for argument in expr.arguments]
        if not any(map(self.moves, [expr.type, *kinds])):
            return True
        if expr.operator == SAME:
            return kinds[0] == EMPTY or _core(kinds[0]) == _core(expr.type)
        if expr.operator == CHOICE:
            return all(_core(kind) == _core(expr.type) for kind in kinds[1:])
        if expr.operator in _OF_EQUALS:
            return _core(kinds[0]) == _core(kinds[1])
        if isinstance(kinds[0], SetType):
            if expr.operator in _OF_SETS:
                return all(kind in (expr.type, EMPTY) for kind in kinds)
            if expr.operator in _ABOUT_SETS:
                return all(kind in (kinds[0], EMPTY) for kind in kinds)
            return bool(_MEMBER.fullmatch(expr.operator)) and _core(kinds[0].of) == _core(kinds[1])
        if isinstance(expr.type, SetType) and _BIT.fullmatch(expr.operator):
            return _core(expr.type.of) == _core(kinds[0])
        return _asks_for_none(expr)

    def _tried(self, expr: Apply, place: Place) -> bool:
        """Is it equivariant for all values of what it is made of?"""
        inputs = self._all_inputs(expr)
        if any(isinstance(each.type, SetType) for each in inputs):
            return False
        ranges = [code_range(each.type) for each in inputs]
        if math.prod(high - low + 1 for low, high in ranges) > MOST_TRIED:
            return False
        for each in inputs:
            self.prove(each, place)
        try:
            return all(
                self._agrees(expr, inputs, codes)
                for codes in itertools.product(*(range(low, high + 1) for low, high in ranges))
            )
        except NotKnown:
            return False

    def _all_inputs(self, expr: Expr) -> list[Expr]:
        """What an operator's numbers come from: members, and all else that does not depend on them."""
        return list(dict.fromkeys(self._inputs(expr)))

    def _inputs(self, expr: Expr) -> Iterator[Expr]:
        for child in expr.children():
            if isinstance(child, Apply) and (not self._is_natural(child) or not self.moves(child.type)):
                yield from self._inputs(child)
            elif not isinstance(child, Literal):
                yield child

    def _agrees(self, expr: Apply, inputs: Sequence[Expr], codes: Sequence[int]) -> bool:
        value = self._value(expr, dict(zip(inputs, codes, strict=True)))
        for each in self.generators:
            moved = [moved_code(each, i.type, code) for i, code in zip(inputs, codes, strict=True)]
            image = self._value(expr, dict(zip(inputs, moved, strict=True)))
            if image != (None if value is None else moved_code(each, expr.type, value)):
                return False
        return True

    def _value(self, expr: Expr, known: Mapping[Expr, int]) -> int | None:
        """None: it fails."""
        try:
            return self._number(expr, known)
        except Fault:
            return None

    def _number(self, expr: Expr, known: Mapping[Expr, int]) -> int:
        if expr in known:
            return known[expr]
        if isinstance(expr, Literal):
            return expr.code
        assert isinstance(expr, Apply)
        return evaluated(expr.operator, [self._number(each, known) for each in expr.arguments], self.tables)

    # -- loops -----------------------------------------------------------------------------------------------

    def domain(self, variable: Variable, domain: Domain, place: Place) -> None:
        """Its members are permuted with what they are computed from."""
        for child in domain.children():
            if not isinstance(domain, Rows):
                self.prove(child, place)
        if isinstance(domain, Bits):
            return
        if isinstance(domain, Rows):
            self._rows(variable, domain, place)
        elif isinstance(variable.type, IndexType) and self.moves(variable.type):
            assert isinstance(domain, Span)
            ends = (domain.low, domain.high)
            first, last = code_range(variable.type)
            if [end.code for end in ends if isinstance(end, Literal)] != [first, last + 1]:
                raise Asymmetric(place, f"this goes through some members of {self.name}, by their numbers")

    def _rows(self, variable: Variable, domain: Rows, place: Place) -> None:
        number = RangeType(0, max(0, len(domain.rows) - 1))
        inputs = self._all_inputs(Apply(number, SAME, (domain.row,)))
        for needed in inputs:
            self.prove(needed, place)
        ranges = [code_range(each.type) for each in inputs]
        for codes in itertools.product(*(range(low, high + 1) for low, high in ranges)):
            row = self._row(domain, inputs, codes)
            for each in self.generators:
                moved = [moved_code(each, i.type, code) for i, code in zip(inputs, codes, strict=True)]
                wanted = {moved_code(each, variable.type, member) for member in row}
                if self._row(domain, inputs, moved) != wanted:
                    raise Asymmetric(place, f"this goes through members of {self.name} by their numbers")

    def _row(self, domain: Rows, inputs: Sequence[Expr], codes: Sequence[int]) -> set[int]:
        number = self._value(domain.row, dict(zip(inputs, codes, strict=True)))
        return set() if number is None else set(domain.rows[number])

    def _fold(self, fold: Fold, place: Place) -> None:
        moved = False
        for variable, domain in fold.loops:
            self.domain(variable, domain, place)
            moved |= self.moves(variable.type)
        if not moved:
            return
        if fold.kind in ("min", "max") and self.moves(fold.type):
            raise Asymmetric(place, f"{fold.kind}() picks a member of {self.name} by its number")
        failing = [each for each in self._inside(fold) if can_fail(each, known_in(fold))]
        if failing and (fold.kind in ("any", "all") or sites_of(*failing) > 1):
            raise Asymmetric(
                place,
                f"what can fail inside {fold.kind}() may be met or not, by the order of {self.name}",
                True,
            )

    def _inside(self, fold: Fold) -> Iterator[Expr]:
        for group in fold.filters:
            yield from group
        for bound in fold.bindings:
            for _, part in bound:
                yield part
        yield fold.body


def _asks_for_none(expr: Apply) -> bool:
    found, kind = _NONE.fullmatch(expr.operator), expr.arguments[0].type
    if found is None or not isinstance(kind, OptionalType):
        return False
    if found["then"] is not None and not (
        isinstance(expr.type, OptionalType)
        and int(found["then"]) == none_code(expr.type)
        and _core(expr.type) == _core(expr.arguments[1].type)
    ):
        return False
    return int(found["is"] or found["not"]) == none_code(kind)


def _core(kind: Any) -> Any:
    """Values with and without a None have the same codes otherwise."""
    return _core(kind.of) if isinstance(kind, OptionalType) else kind
