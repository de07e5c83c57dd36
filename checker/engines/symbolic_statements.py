"""IR statements as terms: what a whole operation does to a state, from each of its program points at once.

Every statement is run under the condition on which it is reached. A path that has ended, at a yield or in a
fault, keeps the state as it left it, because nothing is written any more under its condition.  A resumption
begins behind its yield: there the condition of the paths that came from above is replaced by "the actor stood
here". A loop is unrolled, and a resumption enters it in the round that its variable says.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import z3

from checker.compiler.ir import Call, Expr, Variable
from checker.compiler.ir_statements import (
    LOOP_LIMIT,
    Assign,
    Block,
    Check,
    Choose,
    For,
    Helper,
    If,
    Jump,
    Leave,
    Mark,
    Perform,
    Point,
    Return,
    Site,
    Stmt,
    Store,
    When,
    While,
    Yield,
)
from checker.compiler.walking import walk
from checker.engines.bits import (
    WIDTH,
    Bit,
    Number,
    as_bit,
    as_number,
    calculate,
    choose,
    conj,
    disj,
    equal,
    known,
    less,
    neg,
)
from checker.engines.symbolic_folds import Folds
from checker.engines.terms import GaveUp
from checker.language.types import BoolType

FEW_ROUNDS = 2  # before it is asked whether a loop can go round once more
MOST_ROUNDS = 64  # of a loop that nothing known ends
CHOICE_BITS = 16


class TooDeep(Exception):
    """More than is worth unrolling."""


@dataclass
class Ends:
    """Where the paths through a function go when they do not go on: conditions."""

    breaks: list[list[Bit]] = field(default_factory=list)
    continues: list[list[Bit]] = field(default_factory=list)
    leaves: dict[str, list[Bit]] = field(default_factory=dict)
    returns: list[Bit] = field(default_factory=list)
    result: Any = 0


@dataclass
class Picked:
    """A choice that was asked for, when, and what it answered."""

    asked: Bit
    answer: Any


class Statements(Folds):
    """Runs statements; `state` under the root "t" is changed in place."""

    suspended: Callable[[Point], None]
    resumed: Callable[[Point], Bit]
    possible: Callable[[Bit], bool]  # can the condition be met in some state?
    until: float  # of the monotonic clock: a formula that takes longer to write is too long to be solved

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.ends = Ends()
        self.picked: list[Picked] = []
        self.limits: list[Any] = []  # what the answers of choices have to meet
        self.wrote: Bit = False
        self.entering: Bit = True  # how a resumption gets to this place: the rounds of the loops around it
        self.entry: dict[Variable, Any] = {}  # locals as a resumption finds them
        self.fresh = 0
        self.name = ""  # tells the choices of different events apart

    def body(self, body: list[Stmt]) -> None:
        for stmt in body:
            if time.monotonic() > self.until:
                raise GaveUp("time")
            if self.guard is False and not self._resumes([stmt]):
                continue
            if self.numbering.kept.matters(stmt):
                getattr(self, f"_do_{type(stmt).__name__.lower()}")(stmt)
            elif self.numbering.track_writes:
                self._dropped(stmt)

    def _dropped(self, stmt: Stmt) -> None:
        """A field that nothing reads was written: a choice of nothing may not disable the block any more."""
        if isinstance(stmt, Store):
            self.wrote = disj(self.wrote, self.guard)

    def assign(self, variable: Variable, value: Any) -> None:
        value = as_bit(value) if isinstance(variable.type, BoolType) else as_number(value)
        old = self.env.get(variable)
        self.env[variable] = value if old is None else choose(self.guard, value, old)

    def _do_assign(self, stmt: Assign) -> None:
        self.assign(stmt.variable, self.expr(stmt.value))

    def _do_store(self, stmt: Store) -> None:
        at, value = self.position(stmt.leaf, stmt.index), self.expr(stmt.value)
        cells = self.roots[stmt.root][stmt.leaf.key]
        self.wrote = disj(self.wrote, self.guard)
        for number, old in enumerate(cells):
            cells[number] = choose(conj(self.guard, equal(at, number)), value, old)

    def _do_mark(self, stmt: Mark) -> None:
        """Only the explicit engines count lines."""

    def _do_if(self, stmt: If) -> None:
        test = self.bit(stmt.test)
        before = self.guard
        ends = []
        for condition, body in ((test, stmt.then), (neg(test), stmt.orelse)):
            self.guard = entered = conj(before, condition)
            self.body(body)
            ends.append((entered, self.guard))
        through = all(entered is end for entered, end in ends)
        self.guard = before if through else disj(*(end for _, end in ends))

    def _resumes(self, body: list[Stmt]) -> bool:
        """May a resumption begin in here, though no path comes from above?"""
        return self.entering is not False and any(isinstance(each, Yield) for each in walk(body))

    # ---- loops ----------------------------------------------------------------------------------------

    def _do_for(self, stmt: For) -> None:
        rounds = list(self.rounds(stmt.variable, stmt.domain))
        outside, entering = self.guard, self.entering
        self.ends.breaks.append([])
        going = outside
        for value, there in rounds:
            self.guard = conj(going, there)
            before = self.guard
            self.assign(stmt.variable, value)
            mine = self.entry.get(stmt.variable, 0)
            self.entering = conj(entering, there, equal(mine, value)) if stmt.yields else False
            self.ends.continues.append([])
            self.body(stmt.body)
            after = disj(self.guard, *self.ends.continues.pop())
            if after is not before:
                going = disj(conj(going, neg(there)), after)
        self.entering = entering
        self.guard = disj(going, *self.ends.breaks.pop())

    def _do_while(self, stmt: While) -> None:
        entering = self.entering
        self.ends.breaks.append([])
        out: list[Bit] = []
        rounds = 0
        while True:
            self.body(stmt.before)
            test = self.bit(stmt.test)
            out.append(conj(self.guard, neg(test)))
            self.guard = conj(self.guard, test)
            if self.guard is False and self.entering is False:
                break
            rounds += 1
            if rounds > LOOP_LIMIT:
                where = stmt.place
                text = "a loop goes round without ever reaching its yield"
                self.fault(True, stmt.bound or Site("model error", text, where))
                break
            if rounds > FEW_ROUNDS and not known(self.guard) and not self._goes_on():
                self.guard = False
                continue
            if rounds > MOST_ROUNDS and not known(self.guard):
                raise TooDeep(f"{stmt.place.shown_file}:{stmt.place.line}: a loop of many rounds")
            self.ends.continues.append([])
            self.body(stmt.body)
            self.guard = disj(self.guard, *self.ends.continues.pop())
            self.entering = False  # a resumption begins in the first round; the others follow from it
        self.entering = entering
        self.guard = disj(*out, *self.ends.breaks.pop())

    def _goes_on(self) -> bool:
        """Is there a state, and answers to the choices so far, for which the loop goes round once more?"""
        return self.possible(conj(self.guard, *self.limits))

    def _do_jump(self, stmt: Jump) -> None:
        stack = self.ends.breaks if stmt.kind == "break" else self.ends.continues
        stack[-1].append(self.guard)
        self.guard = False

    # ---- ends -----------------------------------------------------------------------------------------

    def _do_block(self, stmt: Block) -> None:
        self.ends.leaves[stmt.label] = []
        self.body(stmt.body)
        self.guard = disj(self.guard, *self.ends.leaves.pop(stmt.label))

    def _do_leave(self, stmt: Leave) -> None:
        self.ends.leaves[stmt.label].append(self.guard)
        self.guard = False

    def _do_return(self, stmt: Return) -> None:
        if stmt.value is not None and self.wanted:
            self.ends.result = choose(self.guard, self.expr(stmt.value), self.ends.result)
        self.ends.returns.append(self.guard)
        self.guard = False

    wanted = True  # somebody uses a helper's result

    def _do_when(self, stmt: When) -> None:
        self.guard = conj(self.guard, self.bit(stmt.test))

    def _do_check(self, stmt: Check) -> None:
        test = self.bit(stmt.test)
        self.fault(neg(test), stmt.site)
        self.guard = conj(self.guard, test)

    def _do_yield(self, stmt: Yield) -> None:
        here = conj(self.resumed(stmt.point), self.entering)
        wait = False if stmt.wait is None else self._waiting(stmt.wait, disj(self.guard, here))
        above = self.guard
        self.guard = above if stmt.always else conj(above, wait)
        if self.guard is not False:
            self.suspended(stmt.point)
        passing = False if stmt.always else conj(above, neg(wait))
        self.guard = disj(passing, conj(here, neg(wait)))

    def _waiting(self, wait: Expr, reached: Bit) -> Bit:
        before, self.guard = self.guard, reached
        result = self.bit(wait)
        self.guard = before
        return result

    # ---- choices --------------------------------------------------------------------------------------

    def _answer(self, count: Number) -> Number:
        """A number below `count` that z3 picks."""
        self.fresh += 1
        variable = z3.BitVec(f"choice{self.name}.{self.fresh}@now", CHOICE_BITS)
        answer = z3.ZeroExt(WIDTH - CHOICE_BITS, variable)
        self.picked.append(Picked(self.guard, variable))
        self.limits.append(disj(neg(self.guard), less(answer, count, True)))
        return answer

    def _do_choose(self, stmt: Choose) -> None:
        if stmt.options:
            answer = self._answer(len(stmt.options))
            value: Any = 0
            for number, option in enumerate(stmt.options):
                picked = equal(answer, number)
                value = choose(picked, self.under(picked, lambda: self.expr(option)), value)  # noqa: B023
            self.assign(stmt.variable, value)
            return
        assert stmt.fold is not None
        found: list[tuple[Bit, Any]] = []
        fold = stmt.fold
        self.each_round(fold, lambda: found.append((self.guard, self.expr(fold.body))))
        count: Number = 0
        ranks = []
        for there, _ in found:
            ranks.append(count)
            count = calculate("+", count, as_number(there), False)
        empty = equal(count, 0)
        if self.numbering.track_writes:
            self.fault(conj(empty, self.wrote), stmt.empty)
        self.guard = conj(self.guard, neg(empty))
        if self.guard is False:
            return
        answer = self._answer(count)
        value = 0
        for (there, element), rank in zip(found, ranks, strict=True):
            value = choose(conj(there, equal(answer, rank)), element, value)
        self.assign(stmt.variable, value)

    # ---- helpers --------------------------------------------------------------------------------------

    def _call(self, expr: Call) -> Any:
        arguments = [self.expr(argument) for argument in expr.arguments]
        before = self.guard
        result = self._run(expr.helper, expr.roots, arguments, True)
        self.guard = before
        return result

    def _do_perform(self, stmt: Perform) -> None:
        needed = self.numbering.kept.needed
        arguments = [
            self.expr(argument) if parameter in needed else 0
            for parameter, argument in zip(stmt.helper.parameters, stmt.arguments, strict=True)
        ]
        wanted = stmt.helper in needed or not stmt.helper.effects
        result = self._run(stmt.helper, stmt.roots, arguments, wanted)
        if stmt.variable is not None and stmt.variable in needed:
            self.assign(stmt.variable, result)

    def _run(self, helper: Helper, roots: tuple[str, ...], arguments: list[Any], wanted: bool) -> Any:
        """A helper's body in a frame of its own; afterwards `guard` says which paths came back."""
        frame = (self.roots, self.env, self.ends, self.entering, self.wanted)
        self.roots = {mine: self.roots[given] for mine, given in zip(helper.roots, roots, strict=True)}
        self.env = dict(zip(helper.parameters, arguments, strict=True))
        self.ends, self.entering, self.wanted = Ends(), False, wanted
        if helper.result is not None and isinstance(helper.result, BoolType):
            self.ends.result = False
        try:
            self.body(helper.body)
            self.guard = disj(self.guard, *self.ends.returns)
            return self.ends.result
        finally:
            self.roots, self.env, self.ends, self.entering, self.wanted = frame
