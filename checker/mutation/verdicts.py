"""What the searches say about a mutant. Nothing here turns an unfinished search into a survivor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from checker.engines.outcome import Violation
from checker.mutation.mutant import Mutant
from checker.mutation.reasons import Reason


class Fate(Enum):
    """`STILLBORN`: the change makes no model, so there is nothing to notice."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    EXCUSED = "excused"
    INCOMPLETE = "incomplete"
    STILLBORN = "stillborn"


@dataclass(frozen=True)
class Notice:
    """A property that tells the mutant from the model. `steps`: None where something is no longer reached."""

    name: str
    steps: int | None
    scenario: str

    @property
    def order(self) -> tuple[int, str, str]:
        return (1 << 30 if self.steps is None else self.steps, self.name, self.scenario)


@dataclass
class Record:
    """One mutant, in all scenarios whose code has it."""

    number: int
    mutant: Mutant
    reason: Reason | None
    notices: dict[str, Notice] = field(default_factory=dict)
    scenarios: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # scenario → why the mutant is no model there
    read: bool = False  # something that is checked depends on what it changes
    met: bool = False  # some search ran it
    unfinished: str = ""  # why some search did not come to its end
    shortest: tuple[str, Violation] | None = None  # the scenario and the counterexample

    def notice(self, found: Notice) -> None:
        known = self.notices.get(found.name)
        if known is None or found.order < known.order:
            self.notices[found.name] = found

    @property
    def fate(self) -> Fate:
        if self.notices:
            return Fate.NOTICED
        if self.unfinished:
            return Fate.INCOMPLETE
        if self.scenarios and set(self.refused) == set(self.scenarios):
            return Fate.STILLBORN
        return Fate.SURVIVED if self.reason is None else Fate.EXCUSED

    @property
    def stale(self) -> bool:
        """The model says that the change is harmless, and it is not."""
        return self.reason is not None and self.fate is Fate.NOTICED

    @property
    def why(self) -> str:
        """Why it was not noticed, as far as that is known."""
        if self.fate is Fate.STILLBORN:
            return next(iter(self.refused.values()))
        if self.fate is Fate.INCOMPLETE:
            return self.unfinished
        if not self.read:
            return "nothing that is checked depends on it"
        return "" if self.met else "no scenario that was searched runs it"

    @property
    def found(self) -> list[Notice]:
        return sorted(self.notices.values(), key=lambda each: each.order)


def score(records: Iterable[Record]) -> dict[Fate, int]:
    fates = [each.fate for each in records]
    return {fate: fates.count(fate) for fate in Fate}


def exit_code(records: Iterable[Record]) -> int:
    """1: a survivor without a reason, or a reason that is wrong; 3: open, or nothing was changed at all."""
    known = list(records)
    if any(each.fate is Fate.SURVIVED or each.stale for each in known):
        return 1
    counts = score(known)
    return 3 if counts[Fate.INCOMPLETE] or counts[Fate.STILLBORN] == len(known) else 0
