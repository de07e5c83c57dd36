"""More than the first violation of one property: the native engine's side of causes.h."""

from __future__ import annotations

import ctypes
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from checker.engines.build import is_built
from checker.engines.decoding import decode_violation
from checker.engines.figures import ENDED
from checker.engines.outcome import INTERRUPTED, Limits, Violation
from checker.engines.run import Run


@dataclass(frozen=True)
class Shown:
    """A violation, and the numbers of the blocks that its events ran."""

    violation: Violation
    blocks: tuple[int, ...]


@dataclass(frozen=True)
class Causes:
    """For each block in which a property can be violated first, the shortest trace."""

    found: list[Shown]
    complete: bool


def causes(
    program: Any, violated: str, forbidden: Container[int] = (), limits: Limits | None = None
) -> Causes:
    """For each block, the shortest way to violate a property with it; the forbidden blocks never run."""
    # The library that the search before has used: many programs of few states are never compiled well.
    with Run(program, (), limits, quick=not is_built(program.source)) as run:
        _ask(run, violated, forbidden)
        run.go(None)
        if ENDED[run.run.ended] == INTERRUPTED:
            raise KeyboardInterrupt
        found = [
            Shown(decode_violation(program, each), tuple(event.block for event in each.events))
            for each in run.found()
        ]
        return Causes(found, run.run.ended == 0)


def _ask(run: Run, violated: str, forbidden: Container[int]) -> None:
    """In the place of everything else that a search is asked for."""
    p = run.program
    names = [*p.invariants, *p.steps, *(site.property for site in p.sites)]
    run.run.cause = names.index(violated) + 1
    run.run.keep_going = 1
    run.run.wanted_goals = 0
    run.run.forbidden = run.array(ctypes.c_uint8, [int(block in forbidden) for block in range(len(p.blocks))])
