"""Which change of the design repairs a violation: found by trying, not read off.

A change of what is not read in the scenario repairs nothing, nor one under which a known trace can still be
replayed, as it can where nothing changes that its replay reads; so most need no search. The other ones are
searched, once for all properties, and the trace of each that fails is one more to be replayed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from checker.engines.outcome import Limits, Violation
from checker.findings.searched import known_run
from checker.language.bounds import defaults_of
from checker.language.model import Model
from checker.language.patches import design_values, presets_of, series_of
from checker.language.scenario import Scenario
from checker.language.world import World
from checker.names import setting
from checker.request import Request, Wanted, world_of

REPLAYABLE = ("invariant", "step", "assert", "model error")  # the others are about what can never come
LIMIT = 3_000_000  # states: of a search for one repair; a number, so that the answer is always the same


@dataclass(frozen=True)
class Change:
    """A switch set to the value that it has in `designs`."""

    switch: str
    value: Any
    designs: tuple[str, ...]

    @property
    def setting(self) -> str:
        return f"{self.switch}={setting(self.value)}"


Changes = tuple[Change, ...]


class Tried(Enum):
    REPAIRED = "repaired"
    VIOLATED = "violated"
    UNKNOWN = "unknown"  # the search did not end


@dataclass(frozen=True)
class Repairs:
    """`alone`: each of them suffices. `together`: if none does, some that do, none of which can be left out.
    `unknown`: those whose search did not end."""

    alone: Changes = ()
    together: Changes = ()
    unknown: Changes = ()


def posted(model: Model) -> list[str]:
    """The designs that have patches, in the order of posting; all of them for a model without series."""
    return list(series_of(model.design)) or list(presets_of(model.design))


def following(model: Model, design: str) -> list[str]:
    """The next posted design, and those that were never posted: where a repair may come from."""
    known = posted(model)
    name = design.partition("/")[0]
    later = known[known.index(name) + 1 :] if name in known else []
    return [*later[:1], *(each for each in presets_of(model.design) if each not in known)]


def candidates(model: Model, design: str) -> Changes:
    """Every switch that one of the following designs sets differently."""
    own = {**defaults_of(model.design), **design_values(model.design, design or None)}
    found: dict[tuple[str, Any], list[str]] = {}
    for other in following(model, design):
        values = {**defaults_of(model.design), **design_values(model.design, other)}
        for name, value in values.items():
            if value is not own[name]:
                found.setdefault((name, value), []).append(other)
    order = list(own)
    changes = [Change(name, value, tuple(designs)) for (name, value), designs in found.items()]
    return tuple(sorted(changes, key=lambda change: order.index(change.switch)))


@dataclass(frozen=True)
class Known:
    """A trace, and the switches that its replay has read: where these have the same values, so has it."""

    violation: Violation
    read: Mapping[str, object]

    def is_same(self, world: World) -> bool:
        return all(world.design[name] is value for name, value in self.read.items())


@dataclass
class Trial:
    """One violation, and what is known of its design with some changes. `together`: what else is asked of
    each search, as others want to know it. `read`: the switches that the search which found it has read.
    """

    request: Request
    model: Model
    scenario: Scenario
    wanted: Wanted | None  # None: an assert or a model error
    violation: Violation
    together: tuple[Wanted | None, ...] = ()
    read: frozenset[str] | None = None
    traces: list[Known] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._know(self.violation, self.world(()))

    def world(self, changes: Changes) -> World:
        return world_of(self.asked(changes), self.model, self.scenario)

    def asked(self, changes: Changes) -> Request:
        settings = (*self.request.settings, *(each.setting for each in changes))
        return dataclasses.replace(self.request, settings=settings, scenarios=(self.scenario,))

    def tried(self, changes: Changes) -> Tried:
        if self.read is not None and not any(each.switch in self.read for each in changes):
            return Tried.VIOLATED
        world = self.world(changes)
        if any(trace.is_same(world) or self._still(world, trace.violation) for trace in self.traces):
            return Tried.VIOLATED
        asked = self.together if self.wanted in self.together else (self.wanted,)
        run = known_run(self.asked(changes), self.model, asked, Limits(max_states=LIMIT))
        bad = run.violation_of(self.wanted, self.violation.property)
        if bad is not None:
            self._know(bad, self.world(changes))
            return Tried.VIOLATED
        return Tried.REPAIRED if run.outcome.complete else Tried.UNKNOWN

    def _know(self, trace: Violation, world: World) -> None:
        if self._still(world, trace):
            self.traces.append(Known(trace, {name: world.design[name] for name in world.switches_read}))

    def _still(self, world: World, trace: Violation) -> bool:
        from checker.engines import python

        if self.violation.kind not in REPLAYABLE or trace.initial not in world.initial_states():
            return False
        found = [self.wanted.found] if self.wanted is not None and self.wanted.found is not None else []
        return python.replay(world, trace, found, watched=False).agrees


def repairs_of(trial: Trial, changes: Changes) -> Repairs:
    results = {change: trial.tried((change,)) for change in changes}
    alone = tuple(change for change, result in results.items() if result is Tried.REPAIRED)
    unknown = tuple(change for change, result in results.items() if result is Tried.UNKNOWN)
    if alone:
        return Repairs(alone, (), unknown)
    return Repairs((), next(_together(trial, changes), ()), unknown)


def repairs_as_a_whole(trial: Trial, changes: Changes) -> bool:
    """Whether these repair it, and no single one of several does."""
    if trial.tried(changes) is not Tried.REPAIRED:
        return False
    return len(changes) == 1 or all(trial.tried((each,)) is not Tried.REPAIRED for each in changes)


def _together(trial: Trial, changes: Changes) -> Iterator[Changes]:
    """Of each design in turn: all its changes, less those that can be left out."""
    for design in dict.fromkeys(name for change in changes for name in change.designs):
        left = tuple(change for change in changes if design in change.designs)
        if trial.tried(left) is not Tried.REPAIRED:
            continue
        for change in left:
            fewer = tuple(each for each in left if each != change)
            if fewer and trial.tried(fewer) is Tried.REPAIRED:
                left = fewer
        yield left
