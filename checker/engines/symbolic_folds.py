"""Loops inside expressions as terms: what their variables go through, and what any, sum or min make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from checker.compiler.codes import code_range
from checker.compiler.ir import Bits, Domain, Fold, Rows, Span, Variable
from checker.engines.bits import (
    Bit,
    Number,
    as_bit,
    calculate,
    choose,
    conj,
    disj,
    equal,
    known,
    less,
    neg,
    pattern,
    signed,
)
from checker.engines.symbolic_expressions import Expressions, element
from checker.language.types import BoolType, SetType

Round = tuple[Number, Bit]  # a value of a loop's variable, and whether the loop has it


class Folds(Expressions):
    def rounds(self, variable: Variable, domain: Domain) -> Iterator[Round]:
        """What a loop's variable goes through, in order, and whether it has each of these values."""
        if isinstance(domain, Span):
            return self._span(variable, domain)
        if isinstance(domain, Rows):
            return self._rows(domain)
        assert isinstance(domain, Bits)
        return self._bits(domain)

    def _span(self, variable: Variable, domain: Span) -> Iterator[Round]:
        low, high = self.number(domain.low), self.number(domain.high)
        if known(low) and known(high):
            for value in range(signed(low), signed(high), domain.step):
                yield pattern(value), True
            return
        smallest, largest = code_range(variable.type)
        values = range(smallest, largest + 1)
        for value in values if domain.step > 0 else reversed(values):
            number = pattern(value)
            after = neg(less(number, low, False)) if domain.step > 0 else neg(less(low, number, False))
            before = less(number, high, False) if domain.step > 0 else less(high, number, False)
            distance = calculate("-", number, low, False)
            on_step = equal(calculate("%", distance, pattern(abs(domain.step)), False), 0)
            yield number, conj(after, before, True if abs(domain.step) == 1 else on_step)

    def _rows(self, domain: Rows) -> Iterator[Round]:
        row = self.number(domain.row)
        if known(row):
            yield from ((pattern(member), True) for member in domain.rows[row])
            return
        for at in range(max(map(len, domain.rows))):
            members: list[Any] = [pattern(each[at]) if at < len(each) else 0 for each in domain.rows]
            lengths: list[Any] = [len(each) > at for each in domain.rows]
            yield element(members, row), element(lengths, row)

    def _bits(self, domain: Bits) -> Iterator[Round]:
        value = self.number(domain.value)
        assert isinstance(domain.value.type, SetType)
        low, high = code_range(domain.value.type.of)
        for at in range(high - low + 1):
            yield pattern(at + low), as_bit(calculate("&", calculate(">>", value, at, True), 1, True))

    def each_round(
        self, fold: Fold, work: Callable[[], None], going: Callable[[], Bit] = lambda: True
    ) -> None:
        """Does the work in each round of nested loops, under the condition that the round takes place.

        The conditions are relative to the fold's own: what is met is put under that one afterwards.
        """
        outside, self.guard = self.guard, True
        first = len(self.faults)
        try:
            self._nested(fold, 0, work, going)
        finally:
            self.guard = outside
        if outside is not True:
            self.faults[first:] = [(conj(outside, met), site) for met, site in self.faults[first:]]

    def _nested(self, fold: Fold, level: int, work: Callable[[], None], going: Callable[[], Bit]) -> None:
        if level == len(fold.loops):
            work()
            return
        variable, domain = fold.loops[level]
        before = self.guard
        for value, there in list(self.rounds(variable, domain)):
            self.guard = conj(before, there, going())
            self.env[variable] = as_bit(value) if isinstance(variable.type, BoolType) else value
            for bound, part in fold.bindings[level]:
                self.env[bound] = self.expr(part)
            for test in fold.filters[level]:
                self.guard = conj(self.guard, self.bit(test))
            if self.guard is not False:
                self._nested(fold, level + 1, work, going)
        self.guard = before

    def _fold(self, fold: Fold) -> Any:
        return getattr(self, f"_fold_{fold.kind}")(fold)

    def _fold_any(self, fold: Fold) -> Bit:
        return self._decided(fold, True)

    def _fold_all(self, fold: Fold) -> Bit:
        return neg(self._decided(fold, False))

    def _decided(self, fold: Fold, decisive: bool) -> Bit:
        """Whether some round decides; those after it are not looked at."""
        decided: Bit = False

        def look() -> None:
            nonlocal decided
            value = self.bit(fold.body)
            decided = disj(decided, conj(self.guard, value if decisive else neg(value)))

        self.each_round(fold, look, lambda: neg(decided))
        return decided

    def _fold_sum(self, fold: Fold) -> Number:
        return self._gathered(fold, lambda total: calculate("+", total, self.number(fold.body), False))

    def _fold_set(self, fold: Fold) -> Number:
        assert isinstance(fold.type, SetType)
        low = pattern(code_range(fold.type.of)[0])

        def added(total: Number) -> Number:
            at = calculate("-", self.number(fold.body), low, False)
            return calculate("|", total, calculate("<<", 1, at, True), True)

        return self._gathered(fold, added)

    def _gathered(self, fold: Fold, added: Callable[[Number], Number]) -> Number:
        total: Number = 0

        def add() -> None:
            nonlocal total
            total = choose(self.guard, added(total), total)

        self.each_round(fold, add)
        return total

    def _fold_min(self, fold: Fold) -> Number:
        return self._extreme(fold, lambda one, best: less(one, best, False))

    def _fold_max(self, fold: Fold) -> Number:
        return self._extreme(fold, lambda one, best: less(best, one, False))

    def _extreme(self, fold: Fold, better: Callable[[Number, Number], Bit]) -> Number:
        some: Bit = False
        best: Number = 0

        def look() -> None:
            nonlocal some, best
            one = self.number(fold.body)
            best = choose(conj(self.guard, disj(neg(some), better(one, best))), one, best)
            some = disj(some, self.guard)

        self.each_round(fold, look)
        assert fold.check is not None
        self.fault(neg(some), fold.check)
        return best
