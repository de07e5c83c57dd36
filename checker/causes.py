"""More than the first violation: by the block where it shows, and the block that last wrote the bad fact.

One search gives, for each block, the shortest trace that it is the first to violate (causes.h). Where a block
shows a second cause, the trace of that one is longer, and hidden: so the block that wrote the bad fact of the
first is forbidden, and the search repeated, until nothing shows in that block any more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.engines.outcome import INTERRUPTED, Limits, Outcome, Violation
from checker.language.errors import CheckerError
from checker.language.properties import Property
from checker.language.world import World
from checker.request import Request, Wanted

KINDS = ("invariant", "step", "assert", "model error")  # not those that are about what can never come
MOST_SEARCHES = 50  # for one property in one scenario


@dataclass(frozen=True)
class Cause:
    """A group of violations by its shortest. For the names of blocks see block_of in blame.py. `wrote` is
    empty where no single earlier change brought it about."""

    shows: str
    wrote: str
    violation: Violation


@dataclass(frozen=True)
class Causes:
    """Those of one property, the shortest first. Not `complete`: there may be more."""

    found: tuple[Cause, ...]
    complete: bool


def all_causes(
    program: Any, world: World, wanted: Sequence[Wanted], outcome: Outcome, limits: Limits
) -> dict[str, Causes]:
    """Those of every violation that a search has found; one search more for each, or several. Ctrl-C ends
    them, and makes the outcome an interrupted one: what it found stays."""
    properties = {each.key: each.found for each in wanted}
    ends = None if limits.seconds is None else time.monotonic() + limits.seconds - outcome.seconds
    causes: dict[str, Causes] = {}
    try:
        for name, violation in outcome.violations.items():
            if violation.kind in KINDS:
                search = _Search(program, world, violation, properties.get(name), limits, ends)
                causes[name] = search.go()
    except KeyboardInterrupt:
        outcome.complete, outcome.ended = False, INTERRUPTED
    return causes


class _Search:
    """`ends`: when the time is up; None: never."""

    def __init__(
        self,
        program: Any,
        world: World,
        violation: Violation,
        found: Property | None,
        limits: Limits,
        ends: float | None,
    ) -> None:
        self.program, self.world, self.found, self.limits = program, world, found, limits
        self.violation, self.ends = violation, ends
        self.known: dict[tuple[str, str], Cause] = {}
        self.done: dict[frozenset[int], dict[int, int | None]] = {}
        self.complete = True

    def go(self) -> Causes:
        """For each block that shows it, forbid what wrote its bad facts, one writer after the other."""
        if not self.violation.events:
            self._note(self.violation)
        for shows in self._once(frozenset()):
            forbidden: frozenset[int] = frozenset()
            while (wrote := self._once(forbidden).get(shows)) is not None and wrote != shows:
                forbidden |= {wrote}
        causes = sorted(
            self.known.values(), key=lambda each: (len(each.violation.events), each.shows, each.wrote)
        )
        return Causes(tuple(causes), self.complete)

    def _once(self, forbidden: frozenset[int]) -> dict[int, int | None]:
        """One search: the blocks that show it, each with the writer of its shortest trace."""
        if forbidden not in self.done:
            if not self.complete or len(self.done) == MOST_SEARCHES:
                self.complete = False
                return {}
            self.done[forbidden] = self._search(forbidden)
        return self.done[forbidden]

    def _search(self, forbidden: frozenset[int]) -> dict[int, int | None]:
        from checker.engines.causes import causes

        result = causes(self.program, self.violation.property, forbidden, self._limits())
        self.complete &= result.complete
        writers: dict[int, int | None] = {}
        for each in sorted(result.found, key=lambda each: (len(each.blocks), each.blocks[-1])):
            writer = self._note(each.violation)
            writers[each.blocks[-1]] = None if writer is None else each.blocks[writer]
        return writers

    def _limits(self) -> Limits:
        """What is left of the time."""
        if self.ends is None:
            return self.limits
        return replace(self.limits, seconds=max(self.ends - time.monotonic(), 0.001))

    def _note(self, violation: Violation) -> int | None:
        """Keep it if it is the shortest of its cause; the number of the step that wrote the bad fact."""
        from checker.engines.blame import blame

        about = blame(self.world, violation, self.found)
        cause = Cause(about.shows, about.wrote, violation)
        known = self.known.setdefault((about.shows, about.wrote), cause)
        if len(violation.events) < len(known.violation.events):
            self.known[about.shows, about.wrote] = cause
        return about.writer


def check_engine(request: Request) -> None:
    if request.each_cause and request.engine != "native":
        raise CheckerError("--each-cause needs the native engine, and so a C compiler")
