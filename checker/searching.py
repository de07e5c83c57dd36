"""Running the engines: one search per scenario, until every wanted property is violated or all are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from checker.finding import trace_of
from checker.language.model import Model
from checker.language.properties import DEADLOCK
from checker.language.world import World
from checker.request import Request, Wanted, only_for, scenarios_of, world_of
from checker.verdict import Answer, Run, Verdict, verdict_on


class Progress(Protocol):
    """The live line: told which scenario begins, called with numbers while it runs, told to go away."""

    def start(self, scenario: str) -> None: ...
    def __call__(self, now: Any) -> None: ...
    def stop(self) -> None: ...


def search(
    request: Request, model: Model, wanted: Sequence[Wanted], progress: Progress | None
) -> Iterator[Run]:
    """One run per scenario. Properties that are violated are left out of the runs after that."""
    left = list(wanted)
    worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
    for world in worlds:
        here = only_for(left, world.scenario)
        if not here:
            continue
        if progress is not None:
            progress.start(world.scenario.name)
        try:
            run = run_one(request, world, here, progress)
        finally:
            if progress is not None:
                progress.stop()
        yield run
        left = [each for each in left if not run.violated(each)]
        if run.outcome.ended == "interrupted" or not left:
            return


def run_one(request: Request, world: World, wanted: Sequence[Wanted], progress: Progress | None) -> Run:
    """Explore one world with the engine that was asked for."""
    properties = [each.found if each.found is not None else DEADLOCK for each in wanted]
    if request.engine == "python":
        from checker.engines import python

        outcome = python.explore(world, properties, request.limits, progress)
        return Run(world, tuple(wanted), outcome, "python")
    from checker.compiler import compile_program
    from checker.engines import native

    program = compile_program(world, properties)
    outcome = native.explore(program, properties, request.limits, progress)
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


def verdicts_of(wanted: Sequence[Wanted], runs: Sequence[Run], found: Sequence[Verdict]) -> list[Verdict]:
    """One verdict per wanted property, and one per assert or model error that was met on the way."""
    by_name = {verdict.name: verdict for verdict in reversed(found)}
    result = []
    for each in wanted:
        known = by_name.pop(each.name, None)
        result.append(known if known is not None else verdict_on(each, runs, None))
    return [*result, *by_name.values()]
