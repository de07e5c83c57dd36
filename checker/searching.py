"""Running the engines: one search per scenario, until every wanted property is violated or all are done."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Container, Iterator, Sequence
from typing import Any, Protocol

from checker.ahead import Ahead
from checker.building import asked, with_companions
from checker.causes import all_causes
from checker.engines.checkpoint import Keeper
from checker.engines.outcome import INTERRUPTED, TIME, Limits, Violation
from checker.finding import trace_of
from checker.language.model import Model
from checker.language.world import World
from checker.request import Request, Wanted, only_for, scenarios_of, world_of
from checker.verdict import Answer, Run, ShownCause, Unsearched, Verdict, verdict_on, within_reach


class Progress(Protocol):
    """The live line: told which scenario begins, called with numbers while it runs, told to go away."""

    def start(self, scenario: str) -> None: ...
    def __call__(self, now: Any) -> None: ...
    def stop(self) -> None: ...


class Search:
    """One run per scenario. Properties that are decided are left out of the runs after that."""

    def __init__(
        self, request: Request, model: Model, wanted: Sequence[Wanted], keeper: Keeper | None = None
    ) -> None:
        self.request = request
        self.keeper = keeper  # saves what is stopped
        self.wanted = wanted
        self.left = list(wanted)  # not decided yet
        self.worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
        self.runs: list[Run] = []
        self.found: list[Verdict] = []
        self.unsearched: list[Unsearched] = []
        self.ahead = Ahead(reduced=request.reduced and not request.each_cause)

    def go(self, progress: Progress | None) -> Iterator[Verdict]:
        """Each violation as it is found and replayed."""
        begun = time.monotonic()
        stopped = ""
        for world in self.worlds:
            here = only_for(self.left, world.scenario)
            spent = time.monotonic() - begun
            if not stopped and self.request.limits.seconds and spent >= self.request.limits.seconds:
                stopped = TIME
            if stopped and here:
                self.unsearched.append(Unsearched(world.scenario.name, tuple(here), stopped))
            if stopped or not here:
                continue
            try:
                run = self._run(world, here, spent, progress)
            except KeyboardInterrupt:
                self.unsearched.append(Unsearched(world.scenario.name, tuple(here), INTERRUPTED))
                stopped = INTERRUPTED
                continue
            self.runs.append(run)
            yield from self._new(run)
            if not self.request.each_cause:
                self.left = [each for each in self.left if not run.decided(each)]
            stopped = INTERRUPTED if run.outcome.ended == INTERRUPTED else ""

    @property
    def is_stopped(self) -> bool:
        """Whether Ctrl-C or a limit on the time came before the end."""
        return bool(self.unsearched) or any(run.outcome.ended in (TIME, INTERRUPTED) for run in self.runs)

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing left to search."""
        return not self.unsearched and all(run.outcome.ended is None for run in self.runs)

    def _new(self, run: Run) -> Iterator[Verdict]:
        """What the runs before have not found: properties, or causes where these are asked for."""
        known = {each.name for each in self.found}
        causes = {(each.name, cause.shows, cause.wrote) for each in self.found for cause in each.causes}
        for verdict in findings(self.request, run, () if self.request.each_cause else known):
            new = tuple(
                each for each in verdict.causes if (verdict.name, each.shows, each.wrote) not in causes
            )
            if new or verdict.name not in known:
                found = dataclasses.replace(verdict, causes=new)
                self.found.append(found)
                yield found

    def _run(self, world: World, here: Sequence[Wanted], spent: float, progress: Progress | None) -> Run:
        limits = limits_less(self.request.limits, spent)  # the time is for all scenarios together
        if progress is not None:
            progress.start(world.scenario.name)
        try:
            if self.request.fine:
                from checker.fine import fine

                began = time.monotonic()
                world = fine(world, limits.seconds, progress)
                limits = limits_less(limits, time.monotonic() - began)
            return self._run_with(self.request.engine, world, here, limits, progress)
        finally:
            if progress is not None:
                progress.stop()

    def _run_with(
        self, engine: str, world: World, here: Sequence[Wanted], limits: Limits, progress: Progress | None
    ) -> Run:
        if engine == "python":
            from checker.engines import python

            outcome = python.explore(world, with_companions(here), limits, progress)
            return Run(world, tuple(here), outcome, engine)
        if engine == "symbolic":
            from checker.engines import symbolic

            outcome = symbolic.explore(world, with_companions(here), limits, progress)
            return Run(world, tuple(here), outcome, engine)
        from checker.engines import native

        self.ahead.start(world, here)
        if not self.request.fine:  # the next world is split only when its turn comes
            self._start_following(world)
        program = self.ahead.take(world, here)
        outcome = native.explore(program, asked(here), limits, progress, keeper=self.keeper)
        causes = all_causes(program, world, here, outcome, limits) if self.request.each_cause else {}
        statistics = dict(outcome.statistics or program.statistics)
        return Run(world, tuple(here), outcome, engine, statistics, causes)

    def _start_following(self, world: World) -> None:
        """The next one; more as long as the program of this world is not there yet anyway."""
        for following in self.worlds[self.worlds.index(world) + 1 :]:
            there = only_for(self.left, following.scenario)
            if there and following not in self.ahead.started:
                self.ahead.start(following, there)
                if not self.ahead.wants_more(world):
                    return

    def _with_all_causes(self, verdict: Verdict) -> Verdict:
        """Those of the other scenarios too."""
        same = [each for each in self.found if each.name == verdict.name]
        return dataclasses.replace(
            verdict,
            causes=tuple(cause for each in same for cause in each.causes),
            all_causes=all(each.all_causes for each in same),
        )

    def verdicts(self) -> list[Verdict]:
        """One verdict per wanted property, and one per assert or model error that was met on the way."""
        by_name = {verdict.name: self._with_all_causes(verdict) for verdict in reversed(self.found)}
        result = []
        for each in self.wanted:
            known = by_name.pop(each.name, None)
            result.append(known if known is not None else verdict_on(each, self.runs, self.unsearched))
        extra = list(by_name.values())
        ended = [each.name for each in extra]
        return [*(within_reach(each, ended) for each in result), *extra]


def _with_causes(request: Request, run: Run, violation: Violation, verdict: Verdict) -> Verdict:
    """Each cause with its trace; the first one's is that of the verdict."""
    causes = run.causes.get(violation.property)
    if causes is None or verdict.trace is None or verdict.trace.kind != violation.kind:
        return verdict
    wanted = next((each for each in run.wanted if each.covers(violation.property)), None)
    shown = tuple(
        ShownCause(each.shows, each.wrote, run.scenario, trace_of(request, run, each.violation, wanted))
        for each in causes.found
    )
    first = shown[0].trace if shown else verdict.trace
    return dataclasses.replace(verdict, trace=first, causes=shown, all_causes=causes.complete)


def limits_less(limits: Limits, spent: float) -> Limits:
    """What a limit on the time leaves when some of it is gone."""
    if limits.seconds is None:
        return limits
    return dataclasses.replace(limits, seconds=max(limits.seconds - spent, 0.001))


def findings(request: Request, run: Run, known: Container[str] = ()) -> Iterator[Verdict]:
    """Every violation of a run that is not known yet, replayed; the shortest first."""
    met: set[str] = set()
    for violation, wanted in run.to_be_shown():
        if violation.property in known:
            continue  # an assert fails in every scenario
        trace = trace_of(request, run, violation, wanted)
        if trace.name in met:
            continue  # several properties are violated beyond one model error
        met.add(trace.name)
        answer = Answer.MODEL_ERROR if trace.kind == "model error" else Answer.VIOLATED
        verdict = Verdict(trace.name, answer, trace.kind, trace.message, run.scenario, trace)
        yield _with_causes(request, run, violation, verdict)
