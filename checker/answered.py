"""Which mail the draft about a violation answers: that of the patch from which on its trace can be taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from checker.cells.bisect import trees_of
from checker.engines.outcome import Violation
from checker.findings.repairs import REPLAYABLE
from checker.formats.mail import Answered
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.patches import messages_of, split_design
from checker.language.world import World
from checker.request import Request, Wanted, design_of, world_of
from checker.verdict import Run


def answered(
    request: Request, model: Model, run: Run, violation: Violation | None, wanted: Wanted | None
) -> Answered | None:
    """None: the model knows no Message-ID of what was checked. It is never made up."""
    preset, last = split_design(model.design, design_of(request, model) or "") if model.design else ("", None)
    known = messages_of(model.design, preset)
    if not known:
        return None
    patch = last if violation is None else _first_patch(request, model, run, violation, wanted)
    name, message = _nearest(known, preset, patch)
    if patch is None:
        return Answered(message, f"This answers {name}.")
    if patch == 0:
        return Answered(message, f"Its steps can be taken before {preset} too. This answers {name}.")
    told = f"Its steps can be taken from {preset}/{patch} on"
    if name == f"{preset}/{patch}":
        return Answered(message, f"{told}, which this answers.")
    return Answered(message, f"{told}; this answers {name}, as the Message-ID of that patch is not known.")


def _nearest(known: dict[int | None, str], preset: str, patch: int | None) -> tuple[str, str]:
    """The patch itself, else the series as such, else a patch before it, else any: they are one thread."""
    numbers = sorted(number for number in known if number is not None)
    before = [number for number in numbers if patch is None or number <= patch]
    for number in (patch, None, *before[-1:], *numbers[:1]):
        if number in known:
            return (preset if number is None else f"{preset}/{number}"), known[number]
    raise AssertionError("there is some")


def _first_patch(
    request: Request, model: Model, run: Run, violation: Violation, wanted: Wanted | None
) -> int | None:
    """None: the patches are not numbered, or it is about what can never come, which no run shows."""
    from checker.engines import python

    if violation.kind not in REPLAYABLE:
        return None
    found = [wanted.found] if wanted is not None and wanted.found is not None else []
    for patch, world in _worlds(request, model, run):
        if (
            violation.initial in world.initial_states()
            and python.replay(world, violation, found, watched=False).agrees
        ):
            return patch
    return None


def _worlds(request: Request, model: Model, run: Run) -> Iterator[tuple[int, World]]:
    try:
        trees = trees_of(model, design_of(request, model) or "")
    except CheckerError:
        return
    for tree in trees:
        asked = dataclasses.replace(request, design=tree.design)
        yield tree.patch, world_of(asked, model, run.world.scenario)
