"""Every scenario of every design, searched on all processors, each to its end and not only to a violation."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from checker.building import asked, compiled_for, with_companions
from checker.causes import all_causes
from checker.cells.cache import Cache
from checker.cells.job import Job, names_of
from checker.cells.results import Searched, Violated
from checker.engines.outcome import INTERRUPTED, Limits, Outcome, Violation
from checker.engines.resources import available_memory, memory_in_use
from checker.finding import message_of, name_of, seen_in
from checker.fired import place_of
from checker.language.model import Model
from checker.language.properties import REACHABLE
from checker.processes import CAN_FORK, forked
from checker.request import Request, Wanted, only_for, scenarios_of, world_of
from checker.verdict import Run

KILLED = "the process that searched was killed (is there enough memory?)"
Told = Callable[[int, int, str], None]  # how many are done, of how many, and which was the last


def jobs_of(request: Request, model: Model, designs: Sequence[str], wanted: Sequence[Wanted]) -> list[Job]:
    jobs = []
    for design in designs:
        asks = dataclasses.replace(request, design=design or None)
        for scenario in scenarios_of(request, model):
            here = tuple(only_for(wanted, scenario))
            if here:
                jobs.append(Job(asks, world_of(asks, model, scenario), here, design))
    return jobs


def search_all(jobs: Sequence[Job], told: Told | None = None) -> list[Searched]:
    """The results in the order of the jobs; from the cache where it has them. Ctrl-C loses none."""
    results = _Results(jobs)
    try:
        for number, made in _searched(jobs, results):
            results.note(number, made)
            if told is not None:
                told(len(results.found), len(jobs), jobs[number].name)
            if made.searched.ended.startswith(INTERRUPTED):
                break
    except KeyboardInterrupt:
        pass
    results.cache.tidy()
    return [
        results.found[number] if results.is_known(number) else job.without(INTERRUPTED)
        for number, job in enumerate(jobs)
    ]


class _Results:
    """What was found so far, and what it says about the searches that are left."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs
        self.cache = Cache()
        self.found: dict[int, Searched] = {}
        self.states: dict[str, int] = {}  # of each scenario, in the design that was searched last

    def is_known(self, number: int) -> bool:
        """Asked before each search, as designs that differ in nothing that counts are searched once."""
        if number not in self.found:
            known = self.cache.known(self.jobs[number])
            if known is not None:
                self.found[number] = known
        return number in self.found

    def is_long(self, number: int) -> bool:
        """Whether the same scenario of another design was: then it is not begun in a hurry first."""
        from checker.engines.native import QUICK_STATES

        return self.states.get(self.jobs[number].world.scenario.name, 0) > QUICK_STATES

    def note(self, number: int, made: _Made) -> None:
        job, searched = self.jobs[number], made.searched
        self.found[number] = searched
        self.states[searched.scenario] = searched.states
        if made.read is not None:
            job.world.switches_read.update(made.read)
            self.cache.note(job, searched)


@dataclass(frozen=True)
class _Made:
    """`read`: the switches that had a part in it; None where there was no search."""

    searched: Searched
    read: frozenset[str] | None


def _made(job: Job, long: bool) -> _Made:
    result = searched(job, long)
    return _Made(result, frozenset(job.world.switches_read))


def _searched(jobs: Sequence[Job], results: _Results) -> Iterator[tuple[int, _Made]]:
    numbers = range(len(jobs))
    workers = min(os.cpu_count() or 1, len(jobs))
    if workers < 2 or not CAN_FORK:
        for number in numbers:
            if not results.is_known(number):
                yield number, _made(jobs[number], results.is_long(number))
        return
    yield from _in_processes(jobs, numbers, workers, results)


_jobs: Sequence[Job] = ()  # of a worker


def _in_processes(
    jobs: Sequence[Job], numbers: Sequence[int], workers: int, results: _Results
) -> Iterator[tuple[int, _Made]]:
    """Who is killed takes the others' work with it: what is left then is searched one by one."""
    lost = []
    for number, result in _pooled(jobs, numbers, workers, results):
        if result is not None:
            yield number, result
        else:
            lost.append(number)
    for alone in sorted(lost):
        for number, result in _pooled(jobs, [alone], 1, results):
            yield number, result or _Made(jobs[number].without(KILLED), None)


def _pooled(
    jobs: Sequence[Job], numbers: Sequence[int], workers: int, results: _Results
) -> Iterator[tuple[int, _Made | None]]:
    """None for a search that was lost as a process was killed. None is begun before a process is free for it:
    by then it may be known."""
    with forked(workers, _begin, _share(jobs, workers)) as pool:
        left = iter(numbers)
        waiting: dict[Future[_Made], int] = {}
        while True:
            while len(waiting) < workers and (number := next(left, None)) is not None:
                if results.is_known(number):
                    continue
                try:
                    waiting[pool.submit(_do, number, results.is_long(number))] = number
                except BrokenProcessPool:
                    yield number, None
            if not waiting:
                return
            done, _ = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
            for each in done:
                lost = isinstance(each.exception(), BrokenProcessPool)
                yield waiting.pop(each), None if lost else each.result()


def _begin(jobs: Sequence[Job]) -> None:
    global _jobs
    _jobs = jobs


def _do(number: int, long: bool) -> _Made:
    return _made(_jobs[number], long)


def _share(jobs: Sequence[Job], workers: int) -> list[Job]:
    """Each process may use its part of the memory that is left."""
    free = available_memory()
    if free is None:
        return list(jobs)
    share = free // workers + memory_in_use()
    shared = []
    for job in jobs:
        limits = job.request.limits
        limits = limits if limits.memory is not None else dataclasses.replace(limits, memory=share)
        shared.append(dataclasses.replace(job, request=dataclasses.replace(job.request, limits=limits)))
    return shared


def searched(job: Job, long: bool = False) -> Searched:
    """One search, and its violations replayed. `long`: it is expected to be."""
    limits = dataclasses.replace(job.request.limits, keep_going=True)
    run = _run(job, limits, long)
    violated = tuple(bad for each, wanted in run.to_be_shown() for bad in _violated(run, each, wanted))
    outcome = run.outcome
    reached = {
        each.name: len(outcome.reached[each.key].events)
        for each in job.wanted
        if each.kind == REACHABLE and each.key in outcome.reached
    }
    return Searched(
        design=job.design,
        scenario=job.world.scenario.name,
        properties=names_of(job.wanted),
        states=outcome.states,
        ended=_ended(outcome),
        exercised=tuple(each.name for each in job.wanted if run.exercised(each)),
        reached=reached,
        violated=violated,
        transitions=outcome.transitions,
        depth=outcome.depth,
        reduced=outcome.reduced,
        fired=_by_place(outcome.fired),
    )


def _by_place(fired: Mapping[str, int]) -> dict[str, int]:
    """A sub-operation's block counts wherever it fired."""
    found: dict[str, int] = {}
    for block, count in fired.items():
        place = place_of(block)
        found[place] = found.get(place, 0) + count
    return dict(sorted(found.items()))


def _run(job: Job, limits: Limits, long: bool) -> Run:
    if job.request.engine == "python":
        from checker.engines import python

        outcome = python.explore(job.world, with_companions(job.wanted), limits)
        return Run(job.world, job.wanted, outcome, "python")
    from checker.engines import native

    each_cause = job.request.each_cause
    reduced = job.request.reduced and not each_cause
    program = compiled_for(job.world, with_companions(job.wanted), reduced=reduced)
    outcome = native.explore(program, asked(job.wanted), limits, long=long)
    causes = all_causes(program, job.world, job.wanted, outcome, limits) if each_cause else {}
    statistics = dict(outcome.statistics or program.statistics)
    return Run(job.world, job.wanted, outcome, "native", statistics, causes)


def _violated(run: Run, violation: Violation, wanted: Wanted | None) -> Iterator[Violated]:
    """One for each cause, or one for the only trace."""
    causes = run.causes.get(violation.property)
    found = [(each.violation, each.shows, each.wrote) for each in causes.found] if causes is not None else []
    for each, shows, wrote in found or [(violation, "", "")]:
        seen = seen_in(run, each, wanted, watched=False)
        yield Violated(
            name_of(seen.violation, seen.wanted),
            seen.violation.kind,
            len(seen.replay.steps),
            seen.replay.assumed,
            message_of(seen.violation, seen.replay),
            shows,
            wrote,
            causes is None or causes.complete,
        )


def _ended(outcome: Outcome) -> str:
    if outcome.complete:
        return ""
    return f"{outcome.ended or 'stopped early'}, covered to depth {outcome.covered_depth}"
