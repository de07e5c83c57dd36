"""Running the engines: one search per scenario, until every wanted property is violated or all are done."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from checker.engines.outcome import INTERRUPTED, TIME, Limits
from checker.finding import trace_of
from checker.language.errors import TypeRefused, UnsupportedConstruct
from checker.language.model import Model
from checker.language.properties import DEADLOCK
from checker.language.world import World
from checker.request import Request, Wanted, only_for, scenarios_of, world_of
from checker.verdict import Answer, Run, Unsearched, Verdict, verdict_on


class Progress(Protocol):
    """The live line: told which scenario begins, called with numbers while it runs, told to go away."""

    def start(self, scenario: str) -> None: ...
    def __call__(self, now: Any) -> None: ...
    def stop(self) -> None: ...


class Search:
    """One run per scenario. Properties that are decided are left out of the runs after that."""

    def __init__(self, request: Request, model: Model, wanted: Sequence[Wanted]) -> None:
        self.request = request
        self.wanted = wanted
        self.worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
        self.runs: list[Run] = []
        self.found: list[Verdict] = []
        self.unsearched: list[Unsearched] = []

    def go(self, progress: Progress | None) -> Iterator[Verdict]:
        """Each violation as it is found and replayed."""
        begun = time.monotonic()
        left = list(self.wanted)
        stopped = ""
        for world in self.worlds:
            here = only_for(left, world.scenario)
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
            for verdict in findings(self.request, run):
                self.found.append(verdict)
                yield verdict
            left = [each for each in left if not run.decided(each)]
            stopped = INTERRUPTED if run.outcome.ended == INTERRUPTED else ""

    def _run(self, world: World, here: Sequence[Wanted], spent: float, progress: Progress | None) -> Run:
        limits = self.request.limits
        if limits.seconds is not None:  # it is for all scenarios together
            limits = dataclasses.replace(limits, seconds=limits.seconds - spent)
        if progress is not None:
            progress.start(world.scenario.name)
        try:
            return run_one(self.request.engine, world, here, limits, progress)
        finally:
            if progress is not None:
                progress.stop()

    def verdicts(self) -> list[Verdict]:
        """One verdict per wanted property, and one per assert or model error that was met on the way."""
        by_name = {verdict.name: verdict for verdict in reversed(self.found)}
        result = []
        for each in self.wanted:
            known = by_name.pop(each.name, None)
            result.append(known if known is not None else verdict_on(each, self.runs, self.unsearched))
        return [*result, *by_name.values()]


def run_one(
    engine: str, world: World, wanted: Sequence[Wanted], limits: Limits, progress: Progress | None
) -> Run:
    """Explore one world with the engine that was asked for."""
    properties = [each.found if each.found is not None else DEADLOCK for each in wanted]
    if engine == "python":
        from checker.engines import python

        outcome = python.explore(world, properties, limits, progress)
        return Run(world, tuple(wanted), outcome, "python")
    from checker.compiler import compile_program
    from checker.engines import native

    try:
        program = compile_program(world, properties)
    except (UnsupportedConstruct, TypeRefused) as error:
        error.advice = "\n  ".join(filter(None, [error.advice, "or run it with --engine python"]))
        raise
    outcome = native.explore(program, properties, limits, progress)
    statistics = getattr(program, "statistics", None)
    return Run(world, tuple(wanted), outcome, "native", dict(statistics or {}))


def findings(request: Request, run: Run) -> Iterator[Verdict]:
    """Every violation of a run, replayed: those of wanted properties first, then asserts and model errors."""
    shown: set[Wanted] = set()
    for name, violation in sorted(run.outcome.violations.items(), key=lambda item: item[1].depth):
        wanted = next((each for each in run.wanted if each.covers(name)), None)
        if wanted in shown:
            continue  # several actors are stuck: the shortest trace tells
        if wanted is not None:
            shown.add(wanted)
        trace = trace_of(request, run, violation, wanted)
        answer = Answer.MODEL_ERROR if violation.kind == "model error" else Answer.VIOLATED
        yield Verdict(trace.name, answer, violation.kind, trace.message, run.scenario, trace)
