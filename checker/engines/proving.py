"""Proves an obligation for all values of its parameters, or finds the least values that refute it.

Nothing counts as proved that z3 did not prove: a question that it gave up makes the answer `unknown`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from typing import Any

import z3

from checker.engines.proof import PROVED, REFUTED, SECONDS, UNKNOWN, VACUOUS, Assumption, Result
from checker.engines.refuting import Refutation, refutation
from checker.engines.terms import GaveUp, Path, Truth, answer_of, paths_of, symbol
from checker.language.errors import CheckerError, located
from checker.language.obligations import Obligation
from checker.language.words import Word, wrapped


def prove(
    obligation: Obligation, only: Mapping[str, list[Any]], seconds: float = SECONDS
) -> Iterator[Result]:
    """A result for each case; `only` narrows the values of some parameters."""
    cases = {name: only.get(name, values) for name, values in obligation.cases.items()}
    for values in itertools.product(*cases.values()):
        yield _Proof(obligation, dict(zip(cases, values, strict=True)), seconds).result()


class _Proof:
    """One obligation in one case."""

    def __init__(self, obligation: Obligation, case: dict[str, Any], seconds: float) -> None:
        self.obligation = obligation
        self.case = case
        self.began = time.monotonic()
        self.until = self.began + seconds
        self.seconds = seconds
        self.terms = {name: symbol(name, kind) for name, kind in obligation.symbols.items()}
        self.paths: list[Path] = []

    def result(self) -> Result:
        result = Result(self.obligation, self.case)
        try:
            self.paths = paths_of(self._claim, self._left)
            self._judge(result)
        except GaveUp as problem:
            result.verdict, result.refutation = UNKNOWN, None
            result.why = f"z3 gave up ({problem}): nothing is proved"
        except CheckerError as problem:
            raise located(problem).at_function(self.obligation.function) from None
        result.seconds = time.monotonic() - self.began
        return result

    def _claim(self) -> Any:
        return self.obligation.function(**self.case, **self.terms)

    def _judge(self, result: Result) -> None:
        checks = {each.check: each.by for path in self.paths for each in path.required}
        unenforced = {check for check, by in checks.items() if not by}
        if self._model(z3.Or(*(path.taken(set()) for path in self.paths))) is None:
            result.verdict, result.why = VACUOUS, "no values meet its conditions"
            return
        found = self._least(set())
        repairable = found is None
        if found is None and unenforced:
            found = self._least(unenforced)
        result.verdict = PROVED if found is None else REFUTED
        result.refutation = found
        if repairable:
            result.assumptions = [self._assumption(check, by) for check, by in checks.items()]

    def _assumption(self, check: str, by: str) -> Assumption:
        without = self._least({check})
        return Assumption(check, by, without is not None, without)

    # ---- questions to z3 ------------------------------------------------------------------------------

    def _left(self) -> int:
        return max(int((self.until - time.monotonic()) * 1000), 1)

    def _answer(self, solver: z3.Solver, *extra: Any) -> z3.ModelRef | None:
        try:
            found = answer_of(solver, self._left(), *extra)
        except GaveUp as problem:
            raise GaveUp(f"{self.seconds:g} s are over" if not self._in_time() else str(problem)) from None
        return solver.model() if found else None

    def _in_time(self) -> bool:
        return time.monotonic() < self.until

    def _model(self, formula: Any) -> z3.ModelRef | None:
        solver = z3.SimpleSolver()
        solver.add(formula)
        return self._answer(solver)

    def _least(self, dropped: set[str]) -> Refutation | None:
        """The refutation with the smallest values, `least` first: the same one whatever z3 finds first."""
        solver = z3.SimpleSolver()
        solver.add(z3.Or(*(path.bad(dropped) for path in self.paths)))
        model = self._answer(solver)
        if model is None:
            return None
        first = self.obligation.least
        order = sorted(self.terms, key=lambda name: name != first)
        values: dict[str, Any] = dict(self.case)
        for name in order:
            values[name] = self._smallest(solver, self.terms[name])
        ordered = {name: values[name] for name in self.obligation.parameters}
        return refutation(self.obligation, ordered)

    def _smallest(self, solver: z3.Solver, symbol: Word | Truth) -> Word | bool:
        """Fixes a parameter at its smallest bad value: the least from 0 on, or else the one nearest to it."""
        if isinstance(symbol, Truth):
            answer = self._answer(solver, z3.Not(symbol.formula)) is None
            solver.add(symbol.formula == answer)
            return answer
        kind = symbol.kind
        downwards = kind.signed and self._answer(solver, symbol.term >= 0) is None
        distance = ~symbol.term if downwards else symbol.term
        number = self._least_bits(solver, distance, kind.bits)
        solver.add(distance == number)
        return Word(kind, wrapped(kind, ~number if downwards else number))

    def _least_bits(self, solver: z3.Solver, term: Any, bits: int) -> int:
        """Bit by bit from the highest: 0 where some bad value has a 0 there, after the bits before."""
        model = self._answer(solver)
        assert model is not None, "it was satisfiable before"
        number = _value(model, term)
        for bit in reversed(range(bits)):
            if number >> bit & 1:
                lower = self._answer(solver, z3.Extract(bits - 1, bit, term) == number >> bit ^ 1)
                number = number if lower is None else _value(lower, term)
        return number


def _value(model: z3.ModelRef, term: Any) -> int:
    return int(model.eval(term, model_completion=True).as_long())
