"""What one search said, as plain data: it goes from process to process, and into the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Violated:
    """A property that is violated in a scenario, by its shortest trace; where causes are asked for, by that
    of each (see Cause in causes.py). `assumed`: the assumed steps that the trace takes."""

    name: str
    kind: str
    steps: int
    assumed: tuple[str, ...] = ()
    message: str = ""
    shows: str = ""
    wrote: str = ""
    all_causes: bool = True  # in this scenario no others can be told apart


@dataclass(frozen=True)
class Searched:
    """One scenario of one design. `ended`: why the search is no complete one; empty if it is."""

    design: str
    scenario: str
    properties: tuple[str, ...]
    states: int = 0
    ended: str = ""
    exercised: tuple[str, ...] = ()
    reached: Mapping[str, int] | None = None  # the steps to what was to be reached
    violated: tuple[Violated, ...] = ()
    transitions: int = 0
    depth: int = 0
    reduced: bool = False
    fired: Mapping[str, int] = field(default_factory=dict)  # of each atomic block, by its place: how often

    @property
    def cut_by(self) -> str:
        """Where paths end before their end, as a text; empty if they do not."""
        return ", ".join(bad.name for bad in self.violated if bad.kind in ("assert", "model error"))


def as_data(searched: Searched) -> dict[str, Any]:
    return asdict(searched)


def from_data(data: Mapping[str, Any], design: str) -> Searched:
    """Back from JSON. Designs whose switches have the same values share their results."""
    violated = tuple(Violated(**{**each, "assumed": tuple(each["assumed"])}) for each in data["violated"])
    lists = {name: tuple(data[name]) for name in ("properties", "exercised")}
    return Searched(**{**data, **lists, "design": design, "violated": violated})
