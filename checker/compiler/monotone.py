"""Which way a value can move when some sets of the state become larger (or smaller): docs/design/eager.md.

An `order` names leaves of the state and, for each, the way it may move: sets and bools up or down, an enum
from one value to another. The polarity of an expression says how its value then moves: a bool from false to
true, a number upwards, a set to a superset. What is not recognised may move both ways: that proves nothing,
and so is safe.
"""

from __future__ import annotations

import re

from checker.compiler.codes import code_range, set_size
from checker.compiler.fibres import asks_of_fibres
from checker.compiler.ir import (
    Apply,
    Bits,
    Call,
    Counted,
    Domain,
    Expr,
    Fold,
    Literal,
    Load,
    Read,
    Variable,
)
from checker.compiler.ir_statements import Assign, Check, For, Helper, If, Jump, Return, Stmt, While
from checker.compiler.orders import DOWN, FIXED, MIXED, UP, Climb, CoarseOrder, Fibres, Polarity, joined
from checker.compiler.walking import walk
from checker.language.types import BoolType, RangeType, SetType, Type

# Operators that are monotone in each argument: +1 in the same, -1 in the opposite direction.
_SIGNS: dict[str, tuple[int, ...]] = {
    "{0}": (1,),
    "!{0}": (-1,),
    "(-{0})": (-1,),
    "({0} && {1})": (1, 1),
    "({0} || {1})": (1, 1),
    "({0} & ~{1})": (1, -1),
    "(({0} & ~{1}) == 0)": (-1, 1),
    "(({1} & ~{0}) == 0)": (1, -1),
    "(({0} & {1}) == 0)": (-1, -1),
    "({0} + {1})": (1, 1),
    "({0} - {1})": (1, -1),
    "({0} > {1})": (1, -1),
    "({0} >= {1})": (1, -1),
    "({0} < {1})": (-1, 1),
    "({0} <= {1})": (-1, 1),
    "({0} < {1} ? {0} : {1})": (1, 1),
    "({0} > {1} ? {0} : {1})": (1, 1),
    "__builtin_popcountll({0})": (1,),
}
_OF_SETS = {"({0} | {1})", "({0} & {1})"}  # of numbers they are not monotone
_MEMBER = re.compile(r"\(bool\)\(\(\{0\} >> (\{1\}|\(\{1\} - \(-?\d+\)\))\) & 1\)")
_KNOWN = (BoolType, RangeType, SetType)


class Monotone:
    """Polarities under one order. `variables` are the locals that are not fixed."""

    def __init__(self, order: CoarseOrder, variables: dict[Variable, Polarity] | None = None) -> None:
        self.order = order
        self.variables = variables if variables is not None else {}
        self._has_fibres = any(isinstance(moves, Fibres) for moves in order.values())
        self._results: dict[tuple[Helper, tuple[Polarity, ...]], Polarity] = {}

    def of(self, expr: Expr) -> Polarity:
        if isinstance(expr, Read):
            return self.variables.get(expr.variable, FIXED)
        if isinstance(expr, Load):
            moves = self.order.get(expr.leaf.key, FIXED)
            found = isinstance(moves, Polarity) and all(self.of(i) == FIXED for i in expr.index)
            return moves if found else MIXED  # type: ignore[return-value]
        if isinstance(expr, Counted):
            return self.of(expr.value)
        if isinstance(expr, Apply):
            return self._apply(expr)
        if isinstance(expr, Fold):
            return self._fold(expr)
        if isinstance(expr, Call):
            return self.result(expr.helper, tuple(map(self.of, expr.arguments)))
        return MIXED if any(self.of(child) for child in expr.children()) else FIXED

    def domain(self, domain: Domain) -> Polarity:
        """UP: it may gain members."""
        if isinstance(domain, Bits):
            return self.of(domain.value)
        return MIXED if any(self.of(child) for child in domain.children()) else FIXED

    def _apply(self, expr: Apply) -> Polarity:
        arguments = [self.of(argument) for argument in expr.arguments]
        if not any(arguments):
            return FIXED
        if expr.check is not None:
            return MIXED
        if is_member(expr):
            return arguments[0] if arguments[1] == FIXED else MIXED
        if expr.operator in ("({0} == {1})", "({0} != {1})"):
            return self._compared(expr, arguments)
        if expr.operator == "({0} ? {1} : {2})" and arguments[0] == FIXED:
            return arguments[1] | arguments[2]
        signs = _SIGNS.get(expr.operator)
        if expr.operator in _OF_SETS and isinstance(expr.type, SetType):
            signs = (1, 1)
        if signs is None or not all(isinstance(a.type, _KNOWN) for a in expr.arguments):
            return MIXED
        return joined(p if sign > 0 else p.opposite for p, sign in zip(arguments, signs, strict=True))

    def _compared(self, expr: Apply, arguments: list[Polarity]) -> Polarity:
        """With an end of what there is: the empty or the whole set, the lowest or the highest number."""
        value, other = expr.arguments
        if not isinstance(other, Literal):
            return MIXED
        same = self._same(value, other.code, arguments[0])
        return same if "==" in expr.operator else same.opposite

    def _same(self, value: Expr, code: int, moves: Polarity) -> Polarity:
        """Whether it has this value, if it moves so."""
        climb = self.order.get(value.leaf.key) if isinstance(value, Load) else None
        if isinstance(value, Load) and isinstance(climb, Climb):
            fixed = all(self.of(i) == FIXED for i in value.index)
            return {climb.low: DOWN, climb.high: UP}.get(code, FIXED) if fixed else MIXED
        if not isinstance(value.type, _KNOWN):
            return MIXED
        lowest, highest = _ends(value.type)
        return {lowest: moves.opposite, highest: moves}.get(code, MIXED)

    def element_asked_for(self, expr: Expr) -> tuple[Load, Expr] | None:
        """Of `element in set`: the set and the element."""
        if not is_member(expr):
            return None
        members, element = expr.children()
        return (members, element) if isinstance(members, Load) else None

    def _fold(self, fold: Fold) -> Polarity:
        if self._has_fibres:
            asked = asks_of_fibres(fold, self)
            if asked is not None:
                return asked[1]
        members = self.members(fold)
        body = self.of(fold.body)
        if fold.kind == "any":
            return members | body
        if fold.kind == "all":
            return members.opposite | body
        if fold.kind == "set" and body == FIXED:
            return members
        if fold.kind == "sum" and isinstance(fold.body.type, _KNOWN) and code_range(fold.body.type)[0] >= 0:
            return members | body
        return MIXED if members | body else FIXED

    def members(self, fold: Fold) -> Polarity:
        """UP: more members may pass its filters."""
        parts = [self.domain(domain) for _, domain in fold.loops]
        parts += [self.of(test) for group in fold.filters for test in group]
        if any(self.of(part) for group in fold.bindings for _, part in group):
            return MIXED
        return joined(parts)

    # -- functions without effects ---------------------------------------------------------------------------

    def result(self, helper: Helper, arguments: tuple[Polarity, ...]) -> Polarity:
        key = (helper, arguments)
        if key not in self._results:
            self._results[key] = MIXED  # what a recursive call sees
            inner = _Function(self.inside(helper, arguments))
            inner.body(helper.body, FIXED)
            self._results[key] = inner.returned
        return self._results[key]

    def inside(self, helper: Helper, arguments: tuple[Polarity, ...]) -> Monotone:
        """The polarities within a function that is called so."""
        given = dict(zip(helper.parameters, arguments, strict=True))
        inner = Monotone(self.order, {**self.variables, **given})
        inner._results = self._results
        inner.settle(helper.body)
        return inner

    def settle(self, body: list[Stmt]) -> None:
        """The polarity of each local: of anything that it is assigned, anywhere."""
        assigned = [stmt for stmt in walk(body) if isinstance(stmt, Assign)]
        changed = True
        while changed:
            changed = False
            for stmt in assigned:
                changed |= self.note(stmt.variable, self.of(stmt.value))

    def note(self, variable: Variable, moves: Polarity) -> bool:
        """A local takes a value that moves so; was that news?"""
        known = self.variables.get(variable, FIXED)
        if moves.within(known):
            return False
        self.variables[variable] = known | moves
        return True


class _Function:
    """The value of a pure function: the first return that is come upon."""

    def __init__(self, values: Monotone) -> None:
        self.values = values
        self.returned = FIXED

    def body(self, body: list[Stmt], reached: Polarity) -> None:
        """`reached` UP: come upon in more states as the order grows."""
        for stmt in body:
            if isinstance(stmt, Return):
                self.returned |= self._return(stmt, reached)
            elif isinstance(stmt, If):
                test = self.values.of(stmt.test)
                self.body(stmt.then, reached | test)
                self.body(stmt.orelse, reached | test.opposite)
            elif isinstance(stmt, For):
                self.body(stmt.body, reached | self.values.domain(stmt.domain))
            elif isinstance(stmt, (While, Check)):
                if any(self.values.of(expr) for expr in stmt.expressions()) or reached:
                    self.returned = MIXED
                for inner in stmt.bodies():
                    self.body(inner, reached)
            elif isinstance(stmt, (Assign, Jump)):
                if reached:
                    self.returned = MIXED
            else:  # a statement with effects has no place here
                self.returned = MIXED

    def _return(self, stmt: Return, reached: Polarity) -> Polarity:
        """Returned in more states, false pulls the result down and true pulls it up."""
        if stmt.value is None:
            return FIXED
        if reached == FIXED:
            return self.values.of(stmt.value)
        if not isinstance(stmt.value, Literal) or not isinstance(stmt.value.type, BoolType):
            return MIXED
        return reached if stmt.value.code else reached.opposite


def _ends(kind: Type) -> tuple[int, int]:
    return (0, (1 << set_size(kind)) - 1) if isinstance(kind, SetType) else code_range(kind)


def is_member(expr: Expr) -> bool:
    """`element in set`: the set is its first argument, the element the second."""
    return isinstance(expr, Apply) and _MEMBER.fullmatch(expr.operator) is not None
