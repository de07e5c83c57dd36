"""What is to be searched for a cell: one scenario of one design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    def without(self, why: str) -> Searched:
        """What is known where the search could not be made."""
        return Searched(self.design, self.world.scenario.name, names_of(self.wanted), ended=why)


def names_of(wanted: Sequence[Wanted]) -> tuple[str, ...]:
    return tuple(each.name for each in wanted)
