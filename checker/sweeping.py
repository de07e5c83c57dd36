"""`check --sweep`: bounds are raised one by one, the cheapest choice of them first, until the time is over.

A choice of bounds is searched only when every choice that is smaller by one was searched to its end. So what
is established is closed downwards, and its largest choices tell all of it.
"""

from __future__ import annotations

import dataclasses
import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.building import asked, with_companions
from checker.engines.checkpoint import key_of
from checker.engines.outcome import INTERRUPTED, Limits, Outcome
from checker.fired import place_of
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.scenario import Scenario
from checker.programs import Programs
from checker.request import Request, Wanted, only_for, world_of
from checker.searching import Progress, findings
from checker.verdict import Answer, Run, Verdict, verdict_on, within_reach

Choice = tuple[int, ...]  # a value for each bound that may be changed

UPWARDS = 0.75  # of the time; the rest is for smaller bounds
WORTH_TRYING = 0.02  # of the time: with less left, nothing more is begun


@dataclass(frozen=True)
class Searched:
    """What one choice of bounds came to. `refused`: why the model cannot be built with it."""

    choice: Choice
    run: Run | None
    verdicts: tuple[Verdict, ...] = ()
    refused: str = ""

    @property
    def complete(self) -> bool:
        return self.run is not None and self.run.outcome.complete

    @property
    def is_broken(self) -> bool:
        """Whether the model is not made for these bounds."""
        return self.run is None or any(each.answer is Answer.MODEL_ERROR for each in self.verdicts)

    @property
    def states(self) -> int:
        return 0 if self.run is None else self.run.outcome.states

    @property
    def fired(self) -> frozenset[str]:
        """Places of the blocks that ran."""
        counts = {} if self.run is None else self.run.outcome.fired
        return frozenset(place_of(block) for block, count in counts.items() if count)

    @property
    def figures(self) -> object:
        if self.run is None:
            return self.refused
        outcome = self.run.outcome
        answers = [(verdict.name, verdict.answer) for verdict in self.verdicts]
        return outcome.complete, outcome.states, outcome.transitions, outcome.depth, outcome.fired, answers

    @property
    def blocks(self) -> frozenset[str]:
        return frozenset() if self.run is None else frozenset(map(place_of, self.run.outcome.fired))


@dataclass
class Sweep:
    """One scenario."""

    request: Request
    model: Model
    scenario: Scenario
    wanted: Sequence[Wanted]
    seconds: float
    progress: Progress | None = None
    searched: dict[Choice, Searched] = field(default_factory=dict)
    without_effect: list[str] = field(default_factory=list)  # bounds that change nothing if raised alone

    def __post_init__(self) -> None:
        bounds = world_of(self.request, self.model, self.scenario).bounds
        self.names = [name for name in bounds if name not in self.request.bounds]
        self.start: Choice = tuple(bounds[name] for name in self.names)
        self.wanted = only_for(self.wanted, self.scenario)
        self.begun = time.monotonic()
        self.interrupted = False
        self._programs = Programs()
        self._keys: dict[Choice, str] = {}
        self._same: dict[Choice, int] = {}  # choices that are as with one bound less, and which that is
        self._growth: dict[int, float] = {}  # of the states, when a bound was last raised

    def upwards(self) -> Iterator[Searched]:
        """Each choice of bounds as it is done."""
        until = UPWARDS * self.seconds
        waiting: list[tuple[bool, float, int, Choice]] = [(False, 0.0, 0, self.start)]
        known = {self.start}
        while waiting and not self.interrupted:
            _, expected, _, choice = heapq.heappop(waiting)
            left = until - self._spent()
            if self.searched and left < WORTH_TRYING * self.seconds:
                return
            found = self._search(choice, self._asked(choice), left if not self.searched else left / 2)
            if found is not None and not (found.complete and self._adds_nothing(found)):
                self.searched[choice] = found
                self._note_growth(found)
                yield found
            for item in self._following(choice, expected if found is None else found.states):
                if item[-1] not in known:
                    known.add(item[-1])
                    heapq.heappush(waiting, item)

    def _following(self, choice: Choice, states: float) -> Iterator[tuple[bool, float, int, Choice]]:
        """Those larger by one that may be searched now: first what may tell something, and is expected to
        have the fewest states. A bound that had no effect is not raised further here."""
        found = self.searched.get(choice)
        is_broken = found is not None and found.is_broken
        for place in range(len(self.names)):
            larger = _changed(choice, place, 1)
            if place != self._same.get(choice) and self._is_due(larger):
                idle = is_broken or choice in self._same or self.names[place] in self.without_effect
                yield idle, states * self._growth.get(place, 1.0), sum(larger), larger

    def smallest(self) -> Searched | None:
        """Bounds at which every block fires that fires at all, none of which can be lowered by one."""
        wanted, found = self.fired, None
        for each in sorted(self.searched.values(), key=lambda each: each.states):
            if each.fired == wanted and found is None:
                found = each
        place = since = 0
        while found is not None and since < len(self.names) and not self.interrupted:
            lower = self._lower(found, place, wanted)
            if lower is None:
                place, since = (place + 1) % len(self.names), since + 1
            else:
                found, since = lower, 0
        return found

    @property
    def is_whole(self) -> bool:
        """Whether lowering came to its end."""
        return not self.interrupted and self._spent() < self.seconds

    @property
    def fired(self) -> frozenset[str]:
        return frozenset().union(*(each.fired for each in self.searched.values()))

    @property
    def never_fired(self) -> frozenset[str]:
        return frozenset().union(*(each.blocks for each in self.searched.values())) - self.fired

    def _lower(self, found: Searched, place: int, wanted: frozenset[str]) -> Searched | None:
        """Properties are left out of these searches: whoever wrote them had larger bounds in mind."""
        if found.choice[place] == 0 or self.names[place] in self.without_effect:
            return None
        left = self.seconds - self._spent()
        if left < WORTH_TRYING * self.seconds:
            return None
        smaller = self._search(_changed(found.choice, place, -1), [], left)
        if smaller is None or any(verdict.trace is not None for verdict in smaller.verdicts):
            return None
        return smaller if smaller.fired >= wanted else None

    def _asked(self, choice: Choice) -> list[Wanted]:
        """Those that no smaller choice has violated."""
        smaller = [each for each in self.searched.values() if is_below(each.choice, choice)]
        violated = {
            verdict.name for each in smaller for verdict in each.verdicts if verdict.trace is not None
        }
        return [each for each in self.wanted if each.name not in violated]

    def _is_due(self, choice: Choice) -> bool:
        """Whether all that are smaller by one are done."""
        for _, smaller in self._smaller(choice):
            done = self.searched.get(smaller)
            if smaller not in self._same and (done is None or not done.complete):
                return False
        return True

    def _search(self, choice: Choice, wanted: list[Wanted], seconds: float) -> Searched | None:
        """None if the program is the same as with one bound less."""
        bounds = {**self.request.bounds, **dict(zip(self.names, choice, strict=True))}
        limits = dataclasses.replace(self.request.limits, seconds=max(seconds, 0.01), keep_going=True)
        request = dataclasses.replace(self.request, bounds=bounds, limits=limits)
        begun = time.monotonic()
        try:
            world = world_of(request, self.model, self.scenario)
            program = self._programs.program(world, with_companions(wanted), request.reduced)
            if self._is_same(choice, key_of(program, None, limits)):
                return None
            left = max(seconds - (time.monotonic() - begun), 0.01)
            outcome = self._explored(program, dataclasses.replace(limits, seconds=left), wanted)
            self.interrupted = outcome.ended == INTERRUPTED
            run = Run(world, tuple(wanted), outcome, "native", dict(outcome.statistics or program.statistics))
            return Searched(choice, run, tuple(_verdicts(request, run)))
        except CheckerError as problem:
            if choice == self.start:
                raise
            return Searched(choice, None, refused=problem.text)
        except KeyboardInterrupt:
            self.interrupted = True
            return None

    def _explored(self, program: Any, limits: Limits, wanted: Sequence[Wanted]) -> Outcome:
        from checker.engines import native

        if self.progress is not None:
            self.progress.start(self.scenario.name)
        try:
            return native.explore(program, asked(wanted), limits, self.progress)
        finally:
            if self.progress is not None:
                self.progress.stop()

    def _is_same(self, choice: Choice, key: str) -> bool:
        """Whether the program is that of one bound less."""
        self._keys[choice] = key
        return any(
            self._keys.get(smaller) == key and self._note_same(choice, place)
            for place, smaller in self._smaller(choice)
        )

    def _adds_nothing(self, found: Searched) -> bool:
        """Whether all counts and answers are those of one bound less."""
        return any(
            smaller in self.searched
            and self.searched[smaller].figures == found.figures
            and self._note_same(found.choice, place)
            for place, smaller in self._smaller(found.choice)
        )

    def _note_same(self, choice: Choice, place: int) -> bool:
        self._same[choice] = place
        if _changed(choice, place, -1) == self.start:
            self.without_effect.append(self.names[place])
        return True

    def _smaller(self, choice: Choice) -> Iterator[tuple[int, Choice]]:
        """Those with one bound less, and which that is."""
        for place, value in enumerate(choice):
            if value > self.start[place]:
                yield place, _changed(choice, place, -1)

    def _note_growth(self, found: Searched) -> None:
        for place, smaller in self._smaller(found.choice):
            before = self.searched.get(smaller)
            if before is not None and before.states:
                self._growth[place] = found.states / before.states

    def _spent(self) -> float:
        return time.monotonic() - self.begun


def _verdicts(request: Request, run: Run) -> Iterator[Verdict]:
    """What is violated, with its trace, and then the rest. Nothing is established where an assert or a model
    error ends paths."""
    found = list(findings(request, run))
    yield from found
    names = {each.name for each in found}
    ended = names - {each.name for each in run.wanted}
    for each in run.wanted:
        if each.name not in names:
            yield within_reach(verdict_on(each, [run]), sorted(ended))


def _changed(choice: Choice, place: int, by: int) -> Choice:
    return (*choice[:place], choice[place] + by, *choice[place + 1 :])


def is_below(a: Choice, b: Choice) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))
