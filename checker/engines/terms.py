"""Words that stand for every value at once, and a function's paths over them.

A predicate is run as it is, on words whose number is a z3 term.  Where Python asks whether a comparison is
true, both answers are gone into, each in a run of its own; a path is what was assumed on the way.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import z3

from checker.language import obligations
from checker.language.errors import CheckerError, TypeRefused
from checker.language.kinds import BoolType, WordType
from checker.language.words import Word

MOST_PATHS = 1024
MOST_QUESTIONS = 200  # on one path

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "&": operator.and_, "|": operator.or_, "^": operator.xor, "<<": operator.lshift,
}  # fmt: skip
_SIGNED: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "//": operator.truediv, "%": z3.SRem, ">>": operator.rshift,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_UNSIGNED: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "//": z3.UDiv, "%": z3.URem, ">>": z3.LShR,
    "<": z3.ULT, "<=": z3.ULE, ">": z3.UGT, ">=": z3.UGE,
}  # fmt: skip


class GaveUp(Exception):
    """z3 did not come to an answer."""


def answer_of(solver: z3.Solver, milliseconds: int, *extra: Any) -> bool:
    """Is it satisfiable? GaveUp where z3 does not know."""
    solver.set("timeout", milliseconds)
    answer = solver.check(*extra)
    if answer == z3.unknown:
        why = solver.reason_unknown()
        if "interrupt" in why:  # z3 hears Ctrl-C itself
            raise KeyboardInterrupt
        raise GaveUp(why)
    return bool(answer == z3.sat)


def calculated(sign: str, kind: WordType, left: Any, right: Any) -> Any:
    """`left sign right` for z3 terms of one width, as C computes it: a number or a truth value."""
    table = _ARITHMETIC if sign in _ARITHMETIC else _SIGNED if kind.signed else _UNSIGNED
    return table[sign](left, right)


def resized(term: Any, kind: WordType, bits: int) -> Any:
    """C's conversion of a term of type `kind` to so many bits."""
    if bits <= kind.bits:
        return z3.Extract(bits - 1, 0, term)
    return (z3.SignExt if kind.signed else z3.ZeroExt)(bits - kind.bits, term)


def undefined_shift(count: Any, kind: WordType, bits: int) -> Any:
    """Is the count of a shift outside 0 .. bits - 1?"""
    if kind.hi < bits and not kind.signed:
        return z3.BoolVal(False)
    negative = count < 0 if kind.signed else z3.BoolVal(False)
    return z3.Or(negative, calculated(">=", kind, count, bits)) if kind.hi >= bits else negative


class Truth:
    """A condition over terms. Asked whether it is true, it sends the run down one of two paths."""

    def __init__(self, formula: Any) -> None:
        self.formula = formula

    def __bool__(self) -> bool:
        return running().decide(self.formula)

    def __and__(self, other: Any) -> Truth:
        return Truth(z3.And(self.formula, formula_of(other)))

    def __or__(self, other: Any) -> Truth:
        return Truth(z3.Or(self.formula, formula_of(other)))

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> Truth:
        return Truth(z3.Not(self.formula))


class Term(Word):
    """A word whose number is a z3 term."""

    __slots__ = ()
    symbolic = True

    def calculate(self, sign: str, left: Word, right: Word) -> Word:
        one, other, kind = _term(left), _term(right), left.kind
        if sign in ("<<", ">>"):
            wrong = undefined_shift(other, right.kind, kind.bits)
            running().undefined(wrong, f"the count of {sign} is negative or at least {kind.bits}")
            other = resized(other, right.kind, kind.bits)
        elif sign in ("//", "%"):
            running().undefined(other == 0, "a division by zero")
        return Term(kind, calculated(sign, kind, one, other))

    def compare(self, sign: str, left: Word, right: Word) -> Any:
        return Truth(calculated(sign, left.kind, _term(left), _term(right)))

    def cast(self, kind: WordType) -> Word:
        return Term(kind, resized(self.term, self.kind, kind.bits))

    def __int__(self) -> int:
        raise TypeRefused(
            "this stands for every value at once, and has no number",
            advice="compute with Unsigned(bits) and Signed(bits) instead of int(...)",
        )

    def __hash__(self) -> int:
        return hash(self.term)

    def __repr__(self) -> str:
        return str(self.term)


def symbol(name: str, kind: WordType | BoolType) -> Term | Truth:
    """A parameter that stands for all its values."""
    return Truth(z3.Bool(name)) if isinstance(kind, BoolType) else Term(kind, z3.BitVec(name, kind.bits))


def _term(word: Word) -> Any:
    return word.term if word.symbolic else z3.BitVecVal(int(word), word.kind.bits)


def formula_of(condition: Any) -> Any:
    if isinstance(condition, Truth):
        return condition.formula
    if isinstance(condition, bool):
        return z3.BoolVal(condition)
    raise TypeRefused(f"{condition!r} is no condition", advice="compare two words")


@dataclass(frozen=True)
class Requirement:
    formula: Any
    check: str
    by: str


@dataclass
class Path:
    """One way through a predicate: when it is taken, and what is claimed at its end."""

    conditions: list[Any] = field(default_factory=list)
    required: list[Requirement] = field(default_factory=list)
    claim: Any = None

    def bad(self, dropped: set[str]) -> Any:
        return z3.And(self.taken(dropped), z3.Not(self.claim))

    def taken(self, dropped: set[str]) -> Any:
        kept = [each.formula for each in self.required if each.check not in dropped]
        return z3.And(*self.conditions, *kept)


class _Run:
    """One run of a predicate, which answers its questions as `decisions` say and then always yes."""

    def __init__(self, decisions: list[bool], left: Callable[[], int]) -> None:
        self.decisions = decisions
        self.asked: list[bool] = []
        self.open: list[bool] = []  # whether the other answer is possible too
        self.solver = z3.SimpleSolver()
        self.left = left  # milliseconds
        self.path = Path()
        self.faults: list[Path] = []

    def decide(self, formula: Any) -> bool:
        formula = z3.simplify(formula)
        if z3.is_true(formula) or z3.is_false(formula):
            return z3.is_true(formula)
        at = len(self.asked)
        if at >= MOST_QUESTIONS:
            raise _too_many(f"one way through this predicate asks more than {MOST_QUESTIONS} questions")
        yes = self._possible(formula)
        no = self._possible(z3.Not(formula)) if yes else True
        answer = self.decisions[at] if at < len(self.decisions) else yes
        self.asked.append(answer)
        self.open.append(yes and no)
        self._assume(formula if answer else z3.Not(formula))
        return answer

    def _possible(self, formula: Any) -> bool:
        return answer_of(self.solver, self.left(), formula)

    def _assume(self, formula: Any) -> None:
        self.path.conditions.append(formula)
        self.solver.add(formula)

    def undefined(self, formula: Any, text: str) -> None:
        """C does not say what happens where `formula` holds: no claim can be made of those values."""
        formula = z3.simplify(formula)
        if z3.is_false(formula):
            return
        self.faults.append(
            Path([*self.path.conditions, formula], list(self.path.required), z3.BoolVal(False))
        )
        self._assume(z3.Not(formula))

    def given(self, condition: Any) -> None:
        self._assume(formula_of(condition))

    def requires(self, condition: Any, check: str, by: str) -> None:
        self.path.required.append(Requirement(formula_of(condition), check, by))


def _too_many(text: str) -> CheckerError:
    return CheckerError(text, advice="state the claim without a loop that depends on the parameters")


_run: _Run | None = None


def running() -> _Run:
    assert _run is not None
    return _run


def paths_of(predicate: Callable[[], Any], left: Callable[[], int]) -> list[Path]:
    """Every path through a predicate that is called with terms; `left`: the milliseconds that z3 has."""
    global _run
    found: list[Path] = []
    decisions: list[bool] = []
    before = obligations.judge
    try:
        while True:
            _run = obligations.judge = _Run(decisions, left)
            _run.path.claim = formula_of(predicate())
            found += [*_run.faults, _run.path]
            if len(found) > MOST_PATHS:
                raise _too_many(f"there are more than {MOST_PATHS} ways through this predicate")
            asked, other = list(_run.asked), list(_run.open)
            while asked and not (asked[-1] and other[-1]):
                asked.pop()
                other.pop()
            if not asked:
                return found
            decisions = [*asked[:-1], False]
    finally:
        obligations.judge, _run = before, None
