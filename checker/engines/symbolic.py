"""The symbolic engine: short counterexamples by bounded model checking, and proofs by induction.

States are not enumerated, so fields may be words of 64 bits. What is found is replayed like any other
counterexample. What is not found within a number of steps is not claimed to be absent, unless the invariant
is inductive: it holds at first, and every step from a state in which it holds leads to one in which it holds.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import z3

from checker.compiler.codes import code_range, decode
from checker.compiler.ir_statements import Site
from checker.compiler.program import cells_of
from checker.engines.bits import bit_solver, known, pattern, signed
from checker.engines.outcome import DEPTH, Event, Limits, Outcome, Progress, ProgressCallback, Violation
from checker.engines.predicates import Predicate
from checker.engines.symbolic_machine import NOW, THEN, Transition, machine_of
from checker.engines.symbolic_statements import TooDeep
from checker.engines.terms import GaveUp, answer_of
from checker.language.context import current
from checker.language.properties import ALWAYS_POSSIBLE, INVARIANT, REACHABLE, STEP, Property
from checker.language.types import BoolType, SetType, WordType
from checker.language.world import World

SECONDS = 60.0
Finding = Callable[[Any], None]  # what to do with a model in which it is so
TOO_DEEP = "too deep for z3"
UNDECIDED = "what must stay possible is for the other engines"
SHARE = 0.2  # of the time that is left: what one question about induction may take


def explore(
    world: World,
    properties: Sequence[Property | str],
    limits: Limits,
    progress: ProgressCallback | None = None,
) -> Outcome:
    """Violations of up to as many steps as the limits allow, and what induction proves."""
    return _Search(world, properties, limits, progress).run()


class _Search:
    def __init__(
        self,
        world: World,
        properties: Sequence[Property | str],
        limits: Limits,
        progress: ProgressCallback | None,
    ) -> None:
        self.world = world
        self.properties = {each.name: each for each in properties if isinstance(each, Property)}
        self.others = [each for each in properties if not isinstance(each, Property)]
        self.limits = limits
        self.progress = progress
        self.began = time.monotonic()
        self.until = self.began + (limits.seconds if limits.seconds is not None else SECONDS)
        self.outcome = Outcome()

    def run(self) -> Outcome:
        outcome = self.outcome
        try:
            with self.world:
                self.machine = machine_of(self.world, [*self.properties.values(), *self.others], self.until)
                self._induction()
                self._search()
        except (GaveUp, TooDeep) as problem:
            why = f" ({problem})" if isinstance(problem, TooDeep) else ""
            outcome.ended = f"{TOO_DEEP}{why}"
        if self.others or any(each.kind == ALWAYS_POSSIBLE for each in self.properties.values()):
            outcome.ended = outcome.ended or UNDECIDED
        outcome.complete = outcome.ended is None
        outcome.seconds = time.monotonic() - self.began
        self._count()
        return outcome

    # ---- questions ------------------------------------------------------------------------------------

    def _sat(self, solver: Any, *extra: Any, share: float = 1) -> bool:
        left = (self.until - time.monotonic()) * share
        if left <= 0:
            raise GaveUp("time")
        return answer_of(solver, max(int(left * 1000), 1), *extra)

    def _open(self) -> list[Property]:
        """Those of which nothing is known yet, and of which a bounded search can find something."""
        decided = {*self.outcome.violations, *self.outcome.reached, *self.outcome.proved}
        return [
            each
            for name, each in self.properties.items()
            if name not in decided and each.kind != ALWAYS_POSSIBLE
        ]

    def _at(self, formula: Any, step: int) -> Any:
        """A formula over now and then, for one step of a sequence."""
        return z3.substitute(formula, *self._renamed(step))

    @functools.cache  # noqa: B019  (a search is made for one question)
    def _renamed(self, step: int) -> list[tuple[Any, Any]]:
        """Each variable, and what it is called in that step. (To look for them in each formula takes longer
        than to solve it.)
        """
        pairs = []
        for variable in self.machine.variables:
            base, _, when = variable.decl().name().rpartition("@")
            number = step + 1 if when == THEN else step
            pairs.append((variable, z3.Const(f"{base}@{number}", variable.sort())))
        return pairs

    # ---- bounded model checking -----------------------------------------------------------------------

    def _search(self) -> None:
        machine, outcome = self.machine, self.outcome
        snapshots, are = machine.initial(NOW)
        self.snapshots = snapshots
        self.are = [self._at(formula, 0) for formula in are]
        self.solver = bit_solver()
        self.solver.add(z3.Or(*self.are))
        relation = z3.simplify(machine.relation())
        bad = {name: self._bad(each) for name, each in self.properties.items()}
        sites = machine.sites
        step = 0
        while True:
            states = [each for each in self._open() if each.kind in (INVARIANT, REACHABLE)]
            asked = [(self._at(bad[each.name], step), self._finding(each, step)) for each in states]
            if not self._ask_all(asked) and step and not self._sat(self.solver):
                return self._exhausted()
            outcome.covered_depth = outcome.depth = step + 1
            self._tell()
            if not self._wanted(sites):
                return
            if self.limits.max_depth is not None and step + 1 >= self.limits.max_depth:
                outcome.ended = DEPTH
                return
            self._ask_all(
                [
                    (self._at(machine.fault(site), step), self._fault_finding(site, step))
                    for site in sites
                    if site.property not in outcome.violations
                ]
            )
            self.solver.add(self._at(relation, step))
            steps = [each for each in self._open() if each.kind == STEP]
            self._ask_all([(self._at(bad[each.name], step), self._finding(each, step + 1)) for each in steps])
            step += 1

    def _exhausted(self) -> None:
        """No sequence is longer than this: everything was seen."""
        for each in self._open():
            if each.kind in (INVARIANT, STEP):
                self.outcome.proved[each.name] = "no sequence of steps is longer"

    def _wanted(self, sites: Sequence[Any]) -> bool:
        """Is there anything left that another step could show?"""
        undecided = any(site.property not in self.outcome.violations for site in sites)
        return bool(self._open() or (undecided and self.limits.keep_going))

    def _bad(self, each: Property) -> Any:
        machine = self.machine
        if each.kind == STEP:
            holds = machine.holds(each.name, machine.before, machine.state(THEN))
        elif each.kind in (INVARIANT, REACHABLE):
            holds = machine.holds(each.name, machine.before)
        else:
            return z3.BoolVal(False)  # what must stay possible is not seen in a bounded search
        holds = z3.BoolVal(holds) if known(holds) else holds
        return holds if each.kind == REACHABLE else z3.Not(holds)

    def _ask_all(self, questions: list[tuple[Any, Finding]]) -> bool:
        """Which of these can be? One question for all of them, and again for those that it leaves open. Is
        any?
        """
        asked = len(questions)
        while questions and self._sat(self.solver, z3.Or(*(bad for bad, _ in questions))):
            model = self.solver.model()
            open_: list[tuple[Any, Finding]] = []
            for bad, found in questions:
                if z3.is_true(model.eval(bad, model_completion=True)):
                    found(model)
                else:
                    open_.append((bad, found))
            questions = open_
        return len(questions) < asked

    def _finding(self, each: Property, steps: int) -> Finding:
        def found(model: Any) -> None:
            into = self.outcome.reached if each.kind == REACHABLE else self.outcome.violations
            into[each.name] = self._violation(model, each.name, each.kind, steps)

        return found

    def _fault_finding(self, site: Site, step: int) -> Finding:
        def found(model: Any) -> None:
            self.outcome.violations[site.property] = self._violation(
                model, site.property, site.kind, step + 1, site.message, site.location
            )

        return found

    def _violation(
        self, model: Any, name: str, kind: str, steps: int, message: str = "", location: str | None = None
    ) -> Violation:
        initial = next(
            snapshot
            for snapshot, formula in zip(self.snapshots, self.are, strict=True)
            if z3.is_true(model.eval(formula, model_completion=True))
        )
        events = [self._event(model, step) for step in range(steps)]
        return Violation(name, kind, steps + 1, events, initial, message, location)

    def _event(self, model: Any, step: int) -> Event:
        number = _number(model, self._at(self.machine.event, step))
        each = self.machine.transitions[number]

        def value(term: Any) -> Any:
            return term if known(term) else model.eval(self._at(term, step), model_completion=True)

        return event_of(each, value)

    def _tell(self) -> None:
        if self.progress is not None:
            seconds = time.monotonic() - self.began
            self.progress(Progress(0, 0, self.outcome.depth, 0, 0, seconds))

    # ---- induction ------------------------------------------------------------------------------------

    def _induction(self) -> None:
        """Which invariants are kept by every step from any state in which they hold, reachable or not.

        What is proved helps to prove the others: it may be assumed of the state that the step leaves.
        """
        machine = self.machine
        initial = z3.Or(*machine.initial(NOW)[1])
        claims = {}
        for each in self.properties.values():
            if each.kind == INVARIANT:
                now, then = (_bit(machine.holds(each.name, state)) for state in self._two_states())
                if not self._sat(bit_solver(), initial, z3.Not(now)):  # or else the search will find it
                    claims[each.name] = (now, then)
        lemmas: dict[str, Any] = {}
        progress = True
        while progress:
            progress = False
            for name, (now, then) in claims.items():
                if name not in lemmas and self._kept(name, now, then, lemmas):
                    given = f", given {', '.join(lemmas)}" if lemmas else ""
                    self.outcome.proved[name] = f"inductive{given}: no step from any state breaks it"
                    self.outcome.not_inductive.pop(name, None)
                    lemmas[name] = now
                    progress = True

    def _two_states(self) -> tuple[Any, Any]:
        return self.machine.before, self.machine.state(THEN)

    def _kept(self, name: str, now: Any, then: Any, lemmas: dict[str, Any]) -> bool:
        """Is it kept by each event? One question for each: they are much smaller than all at once."""
        for event in range(len(self.machine.transitions)):
            solver = bit_solver()
            legal = (self.machine.legal(NOW), self.machine.legal(THEN))  # a local may hold anything in NOW
            solver.add(*legal, self._steps[event], now, z3.Not(then), *lemmas.values())
            try:
                if self._sat(solver, share=SHARE):
                    self.outcome.not_inductive[name] = self._step_from(solver.model(), event)
                    return False
            except GaveUp:
                return False  # neither: the bounded search may still find something
        return True

    @functools.cached_property
    def _steps(self) -> list[Any]:
        """The transition relation of each event."""
        relation, event = self.machine.relation(), self.machine.event
        numbers = range(len(self.machine.transitions))
        return [
            z3.simplify(z3.substitute(relation, (event, z3.BitVecVal(number, event.size()))))
            for number in numbers
        ]

    def _step_from(self, model: Any, number: int) -> str:
        """A counterexample to induction in words: the state, the event, and what it changes."""
        event = event_of(
            self.machine.transitions[number],
            lambda term: term if known(term) else model.eval(term, model_completion=True),
        )
        before, after = (self._values(model, step) for step in (NOW, THEN))
        state = ", ".join(f"{path}={value!r}" for path, value in before.items())
        changes = ", ".join(
            f"{path}: {value!r} -> {after[path]!r}" for path, value in before.items() if after[path] != value
        )
        arguments = ", ".join(map(repr, event.arguments))
        actor = f"{event.actor!r} " if event.actor is not None else ""
        verb = "goes on with " if event.kind == "resume" else ""
        return f"from {state}: {actor}{verb}{event.name}({arguments}) changes {changes or 'nothing'}"

    def _values(self, model: Any, step: str) -> dict[str, Any]:
        """The fields that are kept, by path."""
        state = self.machine.state(step)
        values = {}
        for key, path, at, kind in cells_of(self.world):
            if key in self.machine.compilation.leaves:
                code = state[key][at]
                values[path] = decode(kind, _code(model, code, kind))
        return values

    # ---- what was looked at ---------------------------------------------------------------------------

    def _count(self) -> None:
        """The conditions of what was proved, evaluated where that is known to be reached: at first."""
        operation_of, current.operation_of = current.operation_of, lambda actor: None  # at first nobody runs
        try:
            with self.world:
                for name in self.outcome.proved:
                    predicate = Predicate(self.properties[name])
                    if predicate.kind == INVARIANT:
                        for snapshot in self.world.initial_states():
                            predicate(self.world.view(snapshot))
                    self.outcome.conditions[name] = predicate.counts()
        finally:
            current.operation_of = operation_of


def event_of(each: Transition, value: Any) -> Event:
    """The event that a model takes; `value` is what the model says of a term."""
    kind = each.lowered.actor
    begun = bool(z3.is_true(value(each.begun))) or value(each.begun) is True
    arguments = []
    if begun:
        for parameter in each.lowered.parameters.values():
            cell = each.arguments.get(parameter)
            stored = 0 if cell is None else value(cell.variable(NOW)).as_long()
            low = cell.low if cell is not None else _only(parameter.type)
            arguments.append(decode(parameter.type, stored + low))
    picks = tuple(
        value(picked.answer).as_long()
        for picked in each.picked
        if value(picked.asked) is True or z3.is_true(value(picked.asked))
    )
    action = not hasattr(each.lowered.declaration, "forever")
    what = "action" if action else "start" if begun else "resume"
    member = None if kind is None else kind[each.member]
    return Event(what, member, each.lowered.declaration.name, tuple(arguments), picks)


def _only(kind: Any) -> int:
    return code_range(kind)[0]


def _bit(bit: Any) -> Any:
    return z3.BoolVal(bit) if known(bit) else bit


def _number(model: Any, term: Any) -> int:
    return int(model.eval(term, model_completion=True).as_long())


def _code(model: Any, code: Any, kind: Any) -> int:
    if known(code):
        return signed(pattern(int(code)))
    value = model.eval(code, model_completion=True)
    if isinstance(kind, BoolType):
        return int(z3.is_true(value))
    number = int(value.as_long())
    return number if isinstance(kind, SetType | WordType) else signed(number)
