"""One violated cell, looked into: its traces, told apart by what repairs them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checker.cells.cells import Cell, Place
from checker.engines.blame import blame
from checker.engines.replaying import Step, replay_events
from checker.finding import trace_of
from checker.findings.docstrings import Docstrings, docstrings_of
from checker.findings.provoking import Need, needs, settings_needed, triggers
from checker.findings.repairs import (
    REPLAYABLE,
    Change,
    Changes,
    Repairs,
    Trial,
    candidates,
    repairs_as_a_whole,
    repairs_of,
)
from checker.findings.searched import known_run
from checker.findings.words import what_happens
from checker.language.errors import CheckerError, ReplayFailed
from checker.language.model import Model
from checker.language.scenario import Scenario
from checker.names import find
from checker.request import Request, Wanted
from checker.traces.trace import Trace


@dataclass(frozen=True)
class Examined:
    """One trace, and what is to be said about it. `writer`: the step that it rests on, if one can be told."""

    scenario: Scenario
    trace: Trace
    steps: Sequence[Step]
    writer: int | None
    repairs: Repairs
    triggers: list[Need]
    needs: list[Need]
    needed: list[Change]


@dataclass(frozen=True)
class Like:
    """A further scenario in which the same changes repair the violation."""

    scenario: str
    steps: int
    sentence: str
    as_in: int  # number of the examined trace, from 0


@dataclass(frozen=True)
class Finding:
    """Everything that a page says of a property and a design."""

    cell: Cell
    wanted: Wanted | None
    designs: tuple[str, ...]  # from which repairs may come
    examined: list[Examined]
    like: list[Like]
    docstrings: Docstrings


def examine(
    request: Request,
    model: Model,
    cell: Cell,
    wanted: Wanted | None,
    designs: Sequence[str],
    together: Mapping[str, Sequence[Wanted]],
) -> Finding:
    """The shortest trace, and of every other scenario the one that something else repairs. `together`: what
    other pages ask of each scenario.
    """
    docstrings = docstrings_of(model)
    asked = dataclasses.replace(request, design=cell.design or None)
    changes = candidates(model, cell.design)
    examined: list[Examined] = []
    like: list[Like] = []
    for place in _first_of_each(cell.places):
        others = tuple(together.get(place.scenario, ()))
        known = [_changes_of(each.repairs) for each in examined]
        if any(known) and wanted in others:
            trial, trace = trial_of(asked, model, cell, place, wanted, others, others)
            same = next((number for number, each in enumerate(known) if _as_well(trial, each)), None)
            if same is not None:
                like.append(_like(place, trace, same))
                continue
        trial, trace = trial_of(asked, model, cell, place, wanted, [wanted], others)
        repairs = repairs_of(trial, changes)
        same = next((number for number, each in enumerate(known) if each == _changes_of(repairs)), None)
        if same is None:
            examined.append(_examined(trial, trace, repairs, docstrings))
        else:
            like.append(_like(place, trace, same))
    return Finding(cell, wanted, tuple(designs), examined, like, docstrings)


def _as_well(trial: Trial, known: Changes) -> bool:
    """Whether what repairs another one repairs this one; then nothing else is tried."""
    return bool(known) and repairs_as_a_whole(trial, known)


def _like(place: Place, trace: Trace, same: int) -> Like:
    return Like(place.scenario, len(trace.steps), what_happens(trace), same)


def _first_of_each(places: Sequence[Place]) -> list[Place]:
    """A scenario may have several, if causes are asked for."""
    return list({place.scenario: place for place in reversed(places)}.values())[::-1]


def _changes_of(repairs: Repairs) -> Changes:
    """Of two traces that nothing repairs one stands for both."""
    return repairs.alone[:1] or repairs.together


def trial_of(
    request: Request,
    model: Model,
    cell: Cell,
    place: Place,
    wanted: Wanted | None,
    found_with: Sequence[Wanted | None],
    together: tuple[Wanted, ...] = (),
) -> tuple[Trial, Trace]:
    """`found_with`: what else is asked of the search. The trace of the property alone is the one that the
    command line shows; of several that are as short, this may be another.
    """
    scenario = find("scenario", place.scenario, model.scenarios)
    asked = dataclasses.replace(request, scenarios=(scenario.name,))
    run = known_run(asked, model, found_with)
    violation = run.violation_of(wanted, cell.row.name)
    if violation is None:
        raise CheckerError(f"{cell.row.name} is not violated in {place.scenario} when it is searched alone")
    named = dataclasses.replace(asked, properties=(cell.row.name,) if wanted is not None else ())
    trial = Trial(asked, model, scenario, wanted, violation, together, frozenset(run.world.switches_read))
    return trial, trace_of(named, run, violation, wanted)


def _examined(trial: Trial, trace: Trace, repairs: Repairs, docstrings: Docstrings) -> Examined:
    world = trial.world(())
    steps = replay_events(world, trial.violation.initial, trial.violation.events)
    found = trial.wanted.found if trial.wanted is not None else None
    writer: int | None = None
    if trial.violation.kind in REPLAYABLE and trial.violation.kind != "model error":
        try:
            writer = blame(world, trial.violation, found).writer
        except ReplayFailed:
            writer = None
    needed = settings_needed(trial, docstrings)
    return Examined(
        trial.scenario,
        trace,
        steps,
        None if writer is None else writer + 1,
        repairs,
        triggers(steps, needed, docstrings),
        needs(trace, steps, needed, docstrings),
        needed,
    )
