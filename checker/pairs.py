"""Every two operations together, in the smallest of the declared worlds in which both reach their last line.

A world is compiled once, with all operations; a search of it says which operation each of the two actors may
start. So a table of n operations costs n * n / 2 small searches, but only one C program for each world.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement
from typing import Any

from checker.ahead import Ahead
from checker.building import asked, with_companions
from checker.engines.outcome import INTERRUPTED, TIME, Limits
from checker.finding import trace_of
from checker.language.index import Index
from checker.language.last_lines import with_last_lines
from checker.language.model import Model
from checker.language.pairs import Pairs, default_pairs
from checker.language.properties import DEADLOCK, REACHABLE
from checker.language.steps import Operation
from checker.language.world import World
from checker.remedies import lines_of, remedies
from checker.request import Request, Wanted, wanted_properties, world_of
from checker.searching import Progress
from checker.traces.trace import Trace
from checker.verdict import Run

MOST_STATES = 1_000_000  # of one search, unless --max-states says otherwise
Given = tuple[tuple[Index, Operation], ...]  # which actor may start which operation


@dataclass
class Found:
    """A property that a pair violates. `alone`: the operation that violates it without the other one, and the
    world in which it does.
    """

    name: str
    key: str  # what the engines call it
    kind: str
    world: str
    trace: Trace
    run: Run
    alone: str = ""
    alone_in: str = ""

    @property
    def steps(self) -> int:
        return len(self.trace.steps)

    @property
    def is_new(self) -> bool:
        """Does it take both operations?"""
        return not self.alone

    @property
    def is_known_here(self) -> bool:
        """Does one of them do it alone in the same world?"""
        return bool(self.alone) and self.alone_in == self.world


@dataclass
class Pair:
    """What was found out about two operations. `worlds`: those in which both reached their last line."""

    first: Operation
    second: Operation
    worlds: dict[str, str] = field(default_factory=dict)  # by family
    states: int = 0  # of the largest search
    tried: bool = False  # some world has an actor for each of them
    began: set[str] = field(default_factory=set)  # the operations that started in some world
    came: set[str] = field(default_factory=set)  # those that reached their last line there
    open: dict[str, str] = field(default_factory=dict)  # by world: why a search ended before its end
    found: dict[str, Found] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        return self.first.name, self.second.name

    @property
    def unfinished(self) -> str:
        return next(iter(self.open.values()), "")

    @property
    def missing(self) -> list[str]:
        """Whose last line is never reached; both, if each of them is, but never in one world."""
        never = [name for name in dict.fromkeys(self.names) if name not in self.came]
        return [] if self.worlds else never or list(dict.fromkeys(self.names))

    @property
    def idle(self) -> list[str]:
        """Which of them never even start."""
        return [name for name in self.missing if name not in self.began]

    @property
    def answer(self) -> str:
        if any(each.kind == "model error" for each in self.found.values()):
            return "model error"
        if self.found:
            return "violated"
        if self.unfinished:
            return "incomplete"
        return "holds" if self.worlds else "never"


@dataclass(frozen=True)
class PairRequest(Request):
    """A request that says how to see one pair again."""

    pair: tuple[str, str] = ("", "")

    def command(self, name: str | None, scenario: str) -> str:
        return shlex.join(["check", "pairs", *self.pair, *self.options()])


class Small:
    """One declared world, with all operations for both actors; it is searched for two at a time."""

    def __init__(
        self,
        request: Request,
        model: Model,
        declared: Pairs,
        wanted: Sequence[Wanted],
        operations: Sequence[Operation],
    ) -> None:
        self.request, self.model, self.declared, self.wanted = request, model, declared, wanted
        everything = [
            (who, operation)
            for who in declared.between
            for operation in operations
            if declared.may_run(who, operation, model)
        ]
        plain = world_of(request, model, self._scenario(tuple(everything)))
        with plain:
            self.variants = with_last_lines(plain.operations)
        self.world = self._like(plain, tuple(everything))
        self.program: Any = None
        self.alone: dict[Given, set[str]] = {}

    def _scenario(self, given: Given) -> Any:
        runs: dict[Index, list[Operation]] = {}
        for who, operation in given:
            runs.setdefault(who, []).append(operation)
        names = " + ".join(operation.name for _, operation in given)
        return self.declared.scenario(runs, f"{self.declared.name}: {names}")

    def _like(self, world: World, given: Given) -> World:
        scenario = self._scenario(given)
        return World(world.model, scenario, world.bounds, world.design, variants=self.variants)

    def places(self, pair: Pair) -> Iterator[Given]:
        """Which actor can run which of the two operations, as their kinds allow it."""
        one, other = self.declared.between
        for a, b in dict.fromkeys([(pair.first, pair.second), (pair.second, pair.first)]):
            if self.declared.may_run(one, a, self.model) and self.declared.may_run(other, b, self.model):
                yield (one, a), (other, b)

    def search(self, given: Given, limits: Limits, progress: Progress | None) -> Run:
        """What can happen where the actors start these operations only."""
        world = self._like(self.world, given)
        if self.request.engine == "python":
            from checker.engines import python

            outcome = python.explore(world, with_companions(self.wanted), limits, progress)
        else:
            from checker.engines import native

            starts = {actor.member: {op.name for op in actor.all_operations} for actor in world.actors}
            outcome = native.explore(self.program, asked(self.wanted), limits, progress, starts=starts)
        return Run(world, tuple(self.wanted), outcome, self.request.engine)


class PairSearch:
    """Pairs, world by world; of each family the first one in which both reach their last line will do."""

    def __init__(self, request: Request, model: Model, pairs: list[Pair]) -> None:
        self.request, self.model, self.pairs = request, model, pairs
        self.wanted = [
            each
            for each in wanted_properties(replace(request, all=True), model)
            if each.kind != REACHABLE and not (each.found is not None and each.found.scenarios)
        ]
        self.declared = list(model.pairs.values()) or self._defaults()
        self.limits = replace(
            request.limits, keep_going=True, max_states=request.limits.max_states or MOST_STATES
        )
        self.searched: list[Small] = []
        self._began = time.monotonic()

    def _defaults(self) -> list[Pairs]:
        plain = world_of(self.request, self.model, next(iter(self.model.scenarios.values())))
        kinds = {operation.actor for operation in self.model.current_operations}
        return default_pairs(self.model, {kind: plain.size(kind) for kind in kinds})

    def go(self, progress: Progress | None) -> None:
        """Ctrl-C ends it; what is known by then stays."""
        try:
            self._try_all(progress)
            for pair in self.pairs:
                for found in pair.found.values():
                    self._look_for_alone(pair, found, progress)
        except KeyboardInterrupt:
            return
        finally:
            if progress is not None:
                progress.stop()

    def _try_all(self, progress: Progress | None) -> None:
        try:
            for small in self._ready():
                for pair in self.pairs:
                    if self._waits_for(pair, small):
                        self._try(pair, small, progress)
        except KeyboardInterrupt:
            for pair in self.pairs:
                for declared in self.declared:
                    if declared.family not in pair.worlds and not declared.instead_of:
                        pair.open[declared.name] = INTERRUPTED
            raise

    def _ready(self) -> Iterator[Small]:
        """The worlds that are needed. The C compiler works on the next one while this one is searched."""
        ahead = Ahead(selectable=True)
        native = self.request.engine == "native"
        operations = list(dict.fromkeys(op for pair in self.pairs for op in (pair.first, pair.second)))
        coming = [Small(self.request, self.model, each, self.wanted, operations) for each in self.declared]
        coming = [small for small in coming if any(list(small.places(pair)) for pair in self.pairs)]
        for number, small in enumerate(coming):
            if not any(self._waits_for(pair, small) for pair in self.pairs):
                continue
            if native:
                small.program = ahead.take(small.world, self.wanted)
                for following in [each for each in coming[number + 1 :] if not each.declared.instead_of][:1]:
                    ahead.start(following.world, self.wanted)
            self.searched.append(small)
            yield small

    def _waits_for(self, pair: Pair, small: Small) -> bool:
        """No smaller world of the family has done, or the one that it stands in for took too long; and there
        is time.
        """
        if TIME in pair.open.values():
            return False
        if small.declared.instead_of:
            return small.declared.instead_of in pair.open
        return small.declared.family not in pair.worlds

    def _try(self, pair: Pair, small: Small, progress: Progress | None) -> None:
        """In each of its places, until both have reached their last line."""
        world = small.declared.name
        for given in small.places(pair):
            pair.tried = True
            run = self._search(small, given, progress)
            if run is None:
                pair.open[world] = TIME
                return
            outcome = run.outcome
            pair.states = max(pair.states, outcome.states)
            pair.began |= {block.partition(":")[0] for block, count in outcome.fired.items() if count}
            pair.came |= outcome.last_lines & set(pair.names)
            self._note(pair, small, given, run, progress)
            if outcome.ended == INTERRUPTED:
                raise KeyboardInterrupt
            both = set(pair.names) <= outcome.last_lines
            if both:
                self._will_do(pair, small.declared)
            if not outcome.complete:
                pair.open[world] = outcome.ended or "stopped early"
            if both:
                return
        replaced = small.declared.instead_of
        if world not in pair.open and replaced not in pair.worlds.values():
            pair.open.pop(replaced, None)

    def _will_do(self, pair: Pair, declared: Pairs) -> None:
        """Worlds of the family that took too long are not needed any more."""
        pair.worlds[declared.family] = declared.name
        for each in self.declared:
            if each.family == declared.family:
                pair.open.pop(each.name, None)

    def _search(self, small: Small, given: Given, progress: Progress | None) -> Run | None:
        """None if the time is up."""
        limits = self.limits
        if limits.seconds is not None:
            left = limits.seconds - (time.monotonic() - self._began)
            if left <= 0:
                return None
            limits = replace(limits, seconds=left)
        if progress is not None:
            progress.start(f"{small.declared.name}: {' + '.join(op.name for _, op in given)}")
        return small.search(given, limits, progress)

    def _note(self, pair: Pair, small: Small, given: Given, run: Run, progress: Progress | None) -> None:
        """Every violation, replayed; and whether one of the two operations has it without the other."""
        request = PairRequest(**vars(self.request), pair=pair.names)
        for name, violation in run.outcome.violations.items():
            wanted = next((each for each in self.wanted if each.covers(name)), None)
            shown = wanted.name if wanted is not None else name
            if shown in pair.found and pair.found[shown].steps <= len(violation.events):
                continue
            trace = trace_of(request, run, violation, wanted)
            found = Found(trace.name, name, trace.kind, small.declared.name, trace, run)
            pair.found[trace.name] = found
            self._compare_alone(small, given, found, progress)

    def add_remedies(self) -> None:
        """To each trace: the smallest changes of the design with which what it shows holds."""
        if self.model.design is None:
            return
        for found in (each for pair in self.pairs for each in pair.found.values()):
            wanted = next((each for each in self.wanted if each.covers(found.key)), None)
            violation = found.run.outcome.violations[found.key]
            changes = remedies(self.request, self.model, found.run, violation, wanted)
            told = tuple(lines_of(changes, found.run.scenario))
            found.trace = replace(found.trace, remedies=told)

    def _look_for_alone(self, pair: Pair, found: Found, progress: Progress | None) -> None:
        """In the worlds where it was not found: the other operation may only have made what this one needs.
        (Not for a deadlock, which is of one actor.)
        """
        for small in self.searched:
            for given in small.places(pair):
                if not found.alone and not found.key.startswith(f"{DEADLOCK}:"):
                    self._compare_alone(small, given, found, progress)

    def _compare_alone(self, small: Small, given: Given, found: Found, progress: Progress | None) -> None:
        """Does one of the two operations violate it in that world without the other?"""
        for who, operation in given:
            key: Given = ((who, operation),)
            if key not in small.alone:
                run = self._search(small, key, progress)
                if run is None:
                    continue
                if run.outcome.ended == INTERRUPTED:
                    raise KeyboardInterrupt
                small.alone[key] = set(run.outcome.violations)
            if found.key in small.alone[key]:
                found.alone, found.alone_in = operation.name, small.declared.name
                return


def pairs_of(model: Model, rows: Sequence[Operation]) -> list[Pair]:
    """All pairs, or those of some operations."""
    every = combinations_with_replacement(model.current_operations, 2)
    return [Pair(a, b) for a, b in every if not rows or a in rows or b in rows]
