"""What is to be searched for a cell: one scenario of one design."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from checker import contents
from checker.cells.results import Searched
from checker.language.world import World
from checker.request import Request, Wanted


@dataclass(frozen=True)
class Job:
    """One scenario of one design. `request` names the design, for what can be typed to see it again."""

    request: Request
    world: World
    wanted: tuple[Wanted, ...]
    design: str

    @property
    def name(self) -> str:
        return f"{self.design} {self.world.scenario.name}".strip()

    @functools.cached_property
    def key(self) -> str | None:
        """What the result depends on, but for the design. None: nothing is to be kept."""
        names = repr(names_of(self.wanted))
        causes = "each cause" if self.request.each_cause else ""
        reduced = "reduced" if self.request.reduced else ""
        return contents.key_of(self.world, names, self.request.engine, causes, reduced)

    def without(self, why: str) -> Searched:
        """What is known where the search could not be made."""
        return Searched(self.design, self.world.scenario.name, names_of(self.wanted), ended=why)


def names_of(wanted: Sequence[Wanted]) -> tuple[str, ...]:
    return tuple(each.name for each in wanted)
