"""The searches: the model as it stands, then every mutant, scenario by scenario."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from checker.building import asked, build_quietly, with_companions
from checker.engines import native, python
from checker.engines.outcome import INTERRUPTED, STATES, TIME, Limits, Outcome, Violation
from checker.engines.replaying import Replay
from checker.language.errors import ReplayFailed
from checker.language.model import Model
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK, REACHABLE
from checker.language.world import World
from checker.mutation.functions import Chosen, Functions, refuse_unknown
from checker.mutation.preparing import Numbers, Prepared, prepared
from checker.mutation.reasons import reason_for
from checker.mutation.verdicts import Notice, Record
from checker.request import Request, Wanted, only_for, scenarios_of, world_of

MODEL_ERROR = "model error"
GOALS = (DEADLOCK, ALWAYS_POSSIBLE)
Told = Callable[[int, int, str], None]  # how many are done, of how many, and in which scenario


class Mutation:
    """What was found so far is in `records`, also when a limit or Ctrl-C ended it."""

    def __init__(
        self,
        request: Request,
        model: Model,
        wanted: Sequence[Wanted],
        chosen: Chosen,
        only: int | None = None,
    ) -> None:
        self.request = request
        self.wanted = wanted
        self.chosen = chosen
        self.worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
        self.numbers = Numbers()
        self.records: dict[int, Record] = {}
        self.unable: dict[str, list[str]] = {}  # property → the scenarios where it is violated as it is
        self.left_out: dict[str, str] = {}  # functions that have no mutants, and why
        self.searched: list[str] = []
        self.left: list[str] = []  # scenarios that were not, or not wholly, searched
        self.stopped = ""
        self.searches = 0
        self.only = only
        self.prepared: dict[str, Prepared] = {}  # by scenario
        self._begun = time.monotonic()

    def found(self) -> list[Record]:
        """In the order of their numbers, and of the text of each function."""
        known = [record for _, record in sorted(self.records.items())]
        return known if self.only is None else [each for each in known if each.number == self.only]

    def go(self, told: Told | None) -> None:
        self.left = [world.scenario.name for world in self.worlds]
        try:
            for each in self._prepared():
                self._search(each, told)
                if self.stopped:
                    break
                self.left.remove(each.world.scenario.name)
                self.searched.append(each.world.scenario.name)
        except KeyboardInterrupt:
            self.stopped = INTERRUPTED
        if self.stopped:
            for record in self.records.values():
                record.unfinished = record.unfinished or self.stopped

    # -- programs --------------------------------------------------------------------------------------------

    def _prepared(self) -> Iterator[Prepared]:
        """Each scenario's program; the C compiler works on the next one while this one is searched."""
        known = []
        for world in self.worlds:
            here = only_for(self.wanted, world.scenario)
            known.append((world, here, Functions.of(world, here)))
        refuse_unknown(self.chosen, [functions for _, _, functions in known])
        concerned = [each for each in known if each[2].chosen(self.chosen)]
        for _, _, functions in concerned:
            self.left_out.update(functions.left_out(self.chosen))
        concerned_names = {world.scenario.name for world, _, _ in concerned}
        self.left = [name for name in self.left if name in concerned_names]
        waiting: list[tuple[Prepared, threading.Thread | None]] = []
        for number in range(len(concerned) + 1):
            if number < len(concerned):
                waiting.append(self._begin(*concerned[number]))
            if number > 0:
                made, thread = waiting.pop(0)
                while thread is not None and thread.is_alive():
                    thread.join(0.1)  # in short waits, so that Ctrl-C is heard
                yield made

    def _begin(
        self, world: World, here: Sequence[Wanted], functions: Functions
    ) -> tuple[Prepared, threading.Thread | None]:
        made = prepared(world, here, functions, self.chosen, self.numbers)
        self._record(made)
        if self.request.engine != "native":
            return made, None
        thread = threading.Thread(target=build_quietly, args=(made.program.source,), daemon=True)
        thread.start()
        return made, thread

    def _record(self, made: Prepared) -> None:
        scenario = made.world.scenario.name
        self.prepared[scenario] = made
        for number in made.here:
            mutant = self.numbers.mutants[number]
            record = self.records.setdefault(number, Record(number, mutant, reason_for(mutant)))
            record.scenarios.append(scenario)
            record.read |= number in made.program.asked_variants or number in made.own
            if number in made.stillborn:
                record.refused[scenario] = made.stillborn[number]

    # -- searches --------------------------------------------------------------------------------------------

    def _search(self, made: Prepared, told: Told | None) -> None:
        scenario = made.world.scenario.name
        base, met = self._explore(made, 0, made.wanted, True)
        if base.ended == INTERRUPTED:
            self.stopped = INTERRUPTED
        able = [each for each in made.wanted if self._able(each, base, scenario)]
        for done, number in enumerate(made.here):
            if told is not None:
                told(done, len(made.here), scenario)
            if self.stopped or (self.only is not None and number != self.only):
                continue
            record = self.records[number]
            if number in made.stillborn:
                continue
            if base.complete and number not in met and number not in made.own:
                continue  # it never came to that place, so it is the model as it stands
            if number not in made.program.asked_variants and number not in made.own:
                continue  # what it changes was sliced away
            record.met = True
            outcome, _ = self._explore(made, number, able, False)
            self._judge(made, record, base, outcome, able)

    def _able(self, wanted: Wanted, base: Outcome, scenario: str) -> bool:
        """Whether a property can notice anything here: it holds, or what it names is reached."""
        if wanted.kind == REACHABLE:
            return wanted.key in base.reached
        if any(wanted.covers(name) for name in base.violations):
            self.unable.setdefault(wanted.name, []).append(scenario)
            return False
        return True

    def _judge(
        self, made: Prepared, record: Record, base: Outcome, outcome: Outcome, able: Sequence[Wanted]
    ) -> None:
        scenario = made.world.scenario.name
        new = [each for name, each in outcome.violations.items() if self._is_new(name, each, base)]
        for violation in new:
            wanted = next((each for each in able if each.covers(violation.property)), None)
            name = wanted.name if wanted is not None else violation.property
            record.notice(Notice(name, len(violation.events), scenario))
        for each in able:
            if each.kind == REACHABLE and outcome.complete and each.key not in outcome.reached:
                record.notice(Notice(each.name, None, scenario))
        if new:
            self._replay(made, record, min(new, key=lambda each: (len(each.events), each.property)))
        for ended in (base.ended, outcome.ended):
            if ended is not None:
                record.unfinished = record.unfinished or f"{scenario}: {ended}"

    def _is_new(self, name: str, violation: Violation, base: Outcome) -> bool:
        """Whether the model as it stands is known not to have it; goals are decided by a whole one only."""
        as_deep = violation.depth <= base.covered_depth and violation.kind not in GOALS
        return name not in base.violations and (base.complete or as_deep)

    def _replay(self, made: Prepared, record: Record, violation: Violation) -> None:
        """The shortest counterexample must run through the changed Python as well."""
        if record.shortest is not None and len(record.shortest[1].events) <= len(violation.events):
            return
        known = [each.found for each in made.wanted if each.found is not None]
        with made.alone(record.number):
            replayed = python.replay(made.world, violation, known)
        if not replayed.agrees and not errs(replayed):
            raise ReplayFailed(
                f"internal error: mutant {record.number} at {record.mutant.place} is said to violate "
                f"{violation.property}, and the changed Python does not agree: {replayed.why}",
                advice="do not trust this run; please report it with the command that you typed",
            )
        record.shortest = made.world.scenario.name, violation

    def _explore(
        self, made: Prepared, number: int, wanted: Sequence[Wanted], whole: bool
    ) -> tuple[Outcome, frozenset[int]]:
        """One search, and the mutants whose place it came to."""
        limits = self._limits(whole)
        if limits is None:
            self.stopped = TIME
            return Outcome(ended=TIME), frozenset()
        self.searches += 1
        if self.request.engine == "python":
            outcome = self._in_python(made, number, wanted, limits)
            met = frozenset(made.here)
        else:
            own = number in made.own
            program = made.own_program(number) if own else made.program
            for here, quick in native.attempts(program, limits):
                with native.Run(program, asked(wanted), here, quick=quick) as run:
                    run.choose(0 if own else number)
                    run.go(None)
                    outcome, met = run.outcome(), run.variants_met()
                if outcome.ended != STATES:
                    break
        if outcome.ended in (INTERRUPTED, TIME):
            self.stopped = outcome.ended
        return outcome, met

    def _in_python(
        self,
        made: Prepared,
        number: int,
        wanted: Sequence[Wanted],
        limits: Limits,
    ) -> Outcome:
        given: list[Any] = with_companions(wanted)
        if not number:
            return python.explore(made.world, given, limits)
        with made.alone(number):
            return python.explore(made.world, given, limits)

    def _limits(self, whole: bool) -> Limits | None:
        """What is left of the time, which is for all searches together; None: nothing."""
        limits = dataclasses.replace(self.request.limits, keep_going=whole)
        if limits.seconds is None:
            return limits
        left = limits.seconds - (time.monotonic() - self._begun)
        return dataclasses.replace(limits, seconds=left) if left > 0 else None


def errs(replayed: Replay) -> bool:
    """Does the changed Python do what no model may do?

    C may say so elsewhere: of what a mutant passes on at the call, of what no property depends on not at all.
    """
    fault = replayed.steps[-1].fault if replayed.steps else None
    return fault is not None and fault.kind == MODEL_ERROR
