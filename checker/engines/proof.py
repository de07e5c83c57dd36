"""What is found about an obligation. Without z3, whose import takes longer than many a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checker.engines.refuting import Refutation
from checker.language.obligations import Obligation

PROVED, REFUTED, VACUOUS, UNKNOWN = "proved", "refuted", "vacuous", "unknown"
SECONDS = 5.0  # for one case of one obligation


@dataclass(frozen=True)
class Assumption:
    """Something that the proof takes for granted. `without`: what happens if it is not so; None: nothing."""

    check: str
    by: str  # what enforces it today; empty: nothing does
    needed: bool
    without: Refutation | None


@dataclass
class Result:
    """What was found about one obligation, for one choice of the parameters that have few values."""

    obligation: Obligation
    case: dict[str, Any]
    verdict: str = UNKNOWN
    why: str = ""
    refutation: Refutation | None = None
    assumptions: list[Assumption] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def repaired(self) -> bool:
        """Refuted as it is, and proved with the checks that nothing makes today."""
        return self.verdict == REFUTED and any(each.needed and not each.by for each in self.assumptions)
