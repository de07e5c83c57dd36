"""Searches for pages. Each is made once: a change is tried on all properties that it may repair, and what was
found is kept by content, so that designs that differ in nothing that counts share it.
"""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Sequence
from dataclasses import dataclass

from checker.contents import key_of
from checker.engines.outcome import STATES, Limits, Outcome, Violation
from checker.kept import Kept
from checker.language.model import Model
from checker.language.properties import DEADLOCK
from checker.language.world import World
from checker.request import Request, Wanted, scenarios_of, world_of
from checker.searching import Search
from checker.verdict import Run

KEPT = 20_000  # searches


@dataclass(frozen=True)
class _Found:
    """What is kept of one."""

    complete: bool
    violations: dict[str, Violation]


def run_of(request: Request, model: Model, wanted: Wanted | None, limits: Limits | None = None) -> Run:
    """One search, as the command line makes it; for an assert one for something else, on to its end."""
    limits = dataclasses.replace(limits or request.limits, keep_going=wanted is None)
    return _searched(request, model, [wanted or Wanted(DEADLOCK, None)], limits)


def known_run(
    request: Request, model: Model, wanted: Sequence[Wanted | None], limits: Limits | None = None
) -> Run:
    """The same for several at once, with nothing in it but violations, and whether there may be more."""
    limits = dataclasses.replace(limits or request.limits, keep_going=None in wanted)
    asked = tuple(dict.fromkeys(each or Wanted(DEADLOCK, None) for each in wanted))
    world = world_of(request, model, scenarios_of(request, model)[0])
    names = repr([each.name for each in asked])
    typed = (request.question, request.expression)
    key = key_of(world, "trial", names, request.engine, repr((request.reduced, typed, limits)))
    found = _known(key, world) or _made(key, request, world, asked, limits)
    outcome = Outcome(complete=found.complete, violations=found.violations)
    return Run(world, asked, outcome, request.engine)


def tidy() -> None:
    """Drop what was used longest ago."""
    Kept("trials", KEPT).tidy()


def _searched(request: Request, model: Model, wanted: Sequence[Wanted], limits: Limits) -> Run:
    search = Search(dataclasses.replace(request, limits=limits, each_cause=False), model, wanted)
    for _found in search.go(None):
        pass
    return search.runs[0]


def _known(key: str | None, world: World) -> _Found | None:
    """A pickle, as the compiled programs are, from a folder as closed to others as theirs."""
    content = Kept("trials", KEPT).find(key, world)
    if content is None:
        return None
    try:
        kept = pickle.loads(content)
    except Exception:  # an entry that does not fit may fail in any way
        return None
    return kept if isinstance(kept, _Found) else None


def _made(
    key: str | None, request: Request, world: World, wanted: Sequence[Wanted], limits: Limits
) -> _Found:
    run = _searched(request, world.model, wanted, limits)
    found = _Found(run.outcome.complete, run.outcome.violations)
    if key is not None and run.outcome.ended in (None, STATES):
        world.switches_read.update(run.world.switches_read)
        Kept("trials", KEPT).keep(key, world, pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
    return found
