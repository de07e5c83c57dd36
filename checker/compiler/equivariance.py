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
from checker.compiler.failing import has_site
from checker.compiler.ir import (
    Apply,
    Bits,
    Call,
    Domain,
    Expr,
    Fold,
    Literal,
    Load,
    Read,
    Rows,
    Span,
    Variable,
)
from checker.compiler.permutations import Permutation, moved_code, moves
from checker.compiler.source import Place
from checker.language.types import IndexType, OptionalType, RangeType, SetType

MOST_TRIED = 1 << 12  # combinations of an operator's operands

AND, OR, CHOICE, NOT, SAME = "({0} && {1})", "({0} || {1})", "({0} ? {1} : {2})", "!{0}", "{0}"
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
            raise Asymmetric(place, f"a member of {self.name} is named, and they are interchangeable")

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


# ---- what can fail ----


def alike(one: Expr, other: Expr) -> bool:
    """The same expression, written twice."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Read) and isinstance(other, Read):
        return one.variable is other.variable
    if isinstance(one, Literal) and isinstance(other, Literal):
        return one.code == other.code
    if isinstance(one, Load) and isinstance(other, Load):
        same = one.leaf.key == other.leaf.key and one.root == other.root
    elif isinstance(one, Apply) and isinstance(other, Apply):
        same = one.operator == other.operator
    else:
        return False
    return same and all(itertools.starmap(alike, zip(one.children(), other.children(), strict=True)))


def known_in(fold: Fold) -> list[Expr]:
    """What holds where the body of a fold is evaluated."""
    return [fact for group in fold.filters for test in group for fact in conjuncts(test)]


def conjuncts(test: Expr) -> list[Expr]:
    if isinstance(test, Apply) and test.operator == AND:
        return [fact for each in test.arguments for fact in conjuncts(each)]
    return [test]


def can_fail(expr: Expr, known: Sequence[Expr] = ()) -> bool:
    """May it fail, where the facts hold? `x is not None` is what keeps `k.array[x]` from it."""
    if not has_site(expr):
        return False
    if isinstance(expr, Apply):
        if expr.operator == AND:
            left, right = expr.arguments
            return can_fail(left, known) or can_fail(right, [*known, *conjuncts(left)])
        if expr.operator in (OR, CHOICE):
            first, *rest = expr.arguments
            after = (
                [[*known, *denied(first)]] if expr.operator == OR else [[*known, *conjuncts(first)], known]
            )
            return can_fail(first, known) or any(map(can_fail, rest, after))
        if expr.check is not None and not _is_discharged(expr, known):
            return True
    elif isinstance(expr, Fold):
        if expr.check is not None:
            return True
        inner = [*known, *known_in(expr)]
        return any(can_fail(child, inner) for child in expr.children())
    elif isinstance(expr, Call):
        return any(can_fail(each, known) for each in expr.arguments) or has_site(
            Call(expr.type, expr.helper, expr.roots, ())
        )
    return any(can_fail(child, known) for child in expr.children())


def denied(test: Expr) -> list[Expr]:
    """What holds where a test does not: `x is None or ...`."""
    if isinstance(test, Apply) and test.operator.startswith("({0} == "):
        return [Apply(test.type, test.operator.replace("==", "!="), test.arguments)]
    if isinstance(test, Apply) and test.operator == NOT:
        return conjuncts(test.arguments[0])
    return []


def _is_discharged(expr: Apply, known: Sequence[Expr]) -> bool:
    if not expr.operator.startswith("not_none("):
        return False
    value = expr.arguments[0]
    return any(_says_not_none(fact, value) for fact in known)


def _says_not_none(fact: Expr, value: Expr) -> bool:
    if not isinstance(fact, Apply) or not fact.operator.startswith("({0} != "):
        return False
    if not alike(fact.arguments[0], value):
        return False
    if len(fact.arguments) == 1:
        return True
    other = fact.arguments[1]
    none = none_code(value.type) if isinstance(value.type, OptionalType) else None
    return isinstance(other, Literal) and other.code == none


def sites_of(*exprs: Expr) -> int:
    """How many different failures are in there; a helper that can fail counts as two."""
    found: set[Any] = set()

    def visit(expr: Expr) -> None:
        if isinstance(expr, (Apply, Fold)) and expr.check is not None:
            found.add(expr.check)
        if isinstance(expr, Call) and has_site(Call(expr.type, expr.helper, expr.roots, ())):
            found.update((expr.helper.cname, n) for n in range(2))
        for child in expr.children():
            visit(child)

    for expr in exprs:
        visit(expr)
    return len(found)
