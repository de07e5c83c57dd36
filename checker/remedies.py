"""`--why`: the smallest sets of design switches with which a violated property holds, found by checking."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.engines.outcome import Limits, Violation
from checker.findings.repairs import LIMIT, Change, Changes, Trial, Tried
from checker.findings.searched import run_of
from checker.language.bounds import fields_of
from checker.language.model import Model
from checker.language.patches import design_values, presets_of
from checker.names import setting
from checker.request import Request, Wanted
from checker.verdict import Run

SECONDS = 60.0  # unless --time says otherwise
LARGEST = 3  # switches that are tried together


@dataclass(frozen=True)
class Remedies:
    """`found`: all of one size. `tried`: so many sets were decided. `size`: every smaller set was."""

    found: tuple[Changes, ...]
    tried: int
    size: int
    in_time: bool


def remedies(
    request: Request, model: Model, run: Run, violation: Violation, wanted: Wanted | None
) -> Remedies:
    """Sets of one switch first, then of two and three. Most are decided at once: the trace still runs."""
    ends = time.monotonic() + (request.limits.seconds or SECONDS)
    trial = Trial(request, model, run.world.scenario, wanted, violation)
    changes = sorted(_changes(model, run), key=lambda change: not change.designs)  # what others have first
    tried = 0
    for size in range(1, LARGEST + 1):
        found: list[Changes] = []
        for together in itertools.combinations(changes, size):
            if len({change.switch for change in together}) < size:
                continue
            if time.monotonic() > ends:
                return Remedies(tuple(found), tried, size, False)
            tried += 1
            if trial.tried(together) is Tried.REPAIRED and _exercised(trial, together):
                found.append(together)
        if found:
            return Remedies(tuple(found), tried, size, True)
    return Remedies((), tried, LARGEST + 1, True)


def _exercised(trial: Trial, changes: Changes) -> bool:
    """Whether the property still says something: a design without what it is about is no remedy."""
    run = run_of(trial.asked(changes), trial.model, trial.wanted, Limits(max_states=LIMIT))
    return trial.wanted is None or run.exercised(trial.wanted)


def _changes(model: Model, run: Run) -> Iterator[Change]:
    presets = {name: design_values(model.design, name) for name in presets_of(model.design)}
    for name, field in fields_of(model.design).items() if model.design is not None else ():
        default: Any = field.default
        values: tuple[Any, ...] = (False, True) if isinstance(default, bool) else tuple(default.__class__)
        for value in values:
            if value is not run.world.design[name]:
                has = [each for each, sets in presets.items() if sets.get(name, default) is value]
                yield Change(name, value, tuple(has))


def lines_of(found: Remedies, scenario: str) -> Iterator[str]:
    """What was found, and what was not tried."""
    alike: dict[object, list[Changes]] = {}  # other values of one switch that no design has are one line
    for together in found.found:
        lone = len(together) == 1 and not together[0].designs
        alike.setdefault(together[0].switch if lone else together, []).append(together)
    for together, *others in alike.values():
        settings = " ".join(f"--set {change.setting}" for change in together)
        more = ", ".join(setting(change.value) for other in others for change in other)
        designs = set.intersection(*(set(change.designs) for change in together))
        names = ", ".join(each for each in together[0].designs if each in designs)
        yield (
            f"with {settings}{f' (or {more})' if more else ''} it holds in {scenario}"
            f"{f' (as {names} has it)' if names else ''}"
        )
    sets = f"{found.tried:,} set{'' if found.tried == 1 else 's'} of switches"
    if not found.found and found.in_time:
        yield f"no change of up to {LARGEST} switches makes it hold ({sets} tried in {scenario})"
    if not found.in_time:
        yield f"the time was up after {sets}; --time gives more"
