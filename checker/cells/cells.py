"""A cell: the verdict on one property for one design, from all the scenarios that were searched for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from checker.cells.results import Searched, Violated
from checker.language.properties import DEADLOCK, REACHABLE, SEVERITIES
from checker.request import Wanted


class State(Enum):
    """What a cell says. The first that applies to some scenario counts, in this order."""

    MODEL_ERROR = "model error"
    VIOLATED = "violated"
    CONDITIONAL = "conditional"  # violated, but only by traces that take an assumed step
    INCOMPLETE = "incomplete"
    HOLDS = "holds"
    NOT_EXERCISED = "not exercised"
    NO_FAILURE = "does not fail"  # an assert, in a design in which it was never seen to fail

    @property
    def is_violated(self) -> bool:
        return self in (State.MODEL_ERROR, State.VIOLATED, State.CONDITIONAL)


@dataclass(frozen=True)
class Row:
    """A property of the table: the model's own, deadlock, or an assert that failed somewhere."""

    name: str
    kind: str
    severity: str

    @property
    def rank(self) -> int:
        """The worst first; what has no severity after all that have one."""
        order = {severity: number for number, severity in enumerate(SEVERITIES)}
        return order.get(self.severity, len(order) + (self.kind == REACHABLE))


@dataclass(frozen=True)
class Place:
    """A scenario in which the property is violated."""

    scenario: str
    violated: Violated


@dataclass(frozen=True)
class Cell:
    """`places`: where it is violated, the shortest trace first. `why`: what an open verdict lacks."""

    row: Row
    design: str
    state: State
    places: tuple[Place, ...] = ()
    why: str = ""

    @property
    def steps(self) -> int | None:
        """The length of the shortest trace that makes the cell what it is."""
        return self.places[0].violated.steps if self.places else None

    @property
    def causes(self) -> list[Place]:
        """Where they were asked for: the shortest trace of each, over all scenarios."""
        known: dict[tuple[str, str], Place] = {}
        for place in self.places:
            if place.violated.shows:
                known.setdefault((place.violated.shows, place.violated.wrote), place)
        return list(known.values())

    @property
    def text(self) -> str:
        """`violated 7, 2 causes`; `2+` where there may be more."""
        text = self.state.value + (f" {self.steps}" if self.steps is not None else "")
        if not self.causes:
            return text
        more = "" if all(place.violated.all_causes for place in self.places) else "+"
        return f"{text}, {len(self.causes)}{more} cause{'' if (len(self.causes), more) == (1, '') else 's'}"


def rows_of(wanted: Iterable[Wanted], searches: Iterable[Searched]) -> list[Row]:
    """A row for each property, and for each assert or model error that was met; the worst first."""
    rows = [Row(each.name, each.kind, _severity(each)) for each in wanted]
    known = {row.name for row in rows}
    met = {each.name: each.kind for search in searches for each in search.violated if each.name not in known}
    rows += [Row(name, kind, "") for name, kind in sorted(met.items())]
    return sorted(rows, key=lambda row: row.rank)


def _severity(wanted: Wanted) -> str:
    if wanted.found is None:
        return DEADLOCK
    return wanted.found.severity or ""


def cell_of(row: Row, design: str, searches: Iterable[Searched]) -> Cell:
    """From the searches of one design."""
    met = row.kind in ("assert", "model error")
    own = [each for each in searches if each.design == design and (met or row.name in each.properties)]
    places = [Place(each.scenario, bad) for each in own for bad in each.violated if bad.name == row.name]
    places.sort(key=lambda place: (bool(place.violated.assumed), place.violated.steps))
    if places:
        return Cell(row, design, _how(row, places), tuple(places))
    reached = any(row.name in (each.reached or {}) for each in own)
    unfinished = next((each for each in own if each.ended), None)
    if unfinished is not None and not reached:
        return Cell(row, design, State.INCOMPLETE, why=f"{unfinished.scenario}: {unfinished.ended}")
    if met:
        return Cell(row, design, State.NO_FAILURE)
    if not own:
        return Cell(row, design, State.NOT_EXERCISED, why="no scenario that was searched is meant for it")
    if row.kind == REACHABLE and reached:
        return Cell(row, design, State.HOLDS)
    if row.kind != REACHABLE and any(row.name in each.exercised and not each.cut_by for each in own):
        return Cell(row, design, State.HOLDS)
    cut = next((each for each in own if each.cut_by), None)
    if cut is not None:
        return Cell(row, design, State.INCOMPLETE, why=f"{cut.scenario}: not known beyond {cut.cut_by}")
    if row.kind == REACHABLE:
        return Cell(row, design, State.VIOLATED, why="never reached")
    return Cell(row, design, State.NOT_EXERCISED, why="nothing in the search could have violated it")


def _how(row: Row, places: Sequence[Place]) -> State:
    if row.kind == "model error":
        return State.MODEL_ERROR
    return State.CONDITIONAL if places[0].violated.assumed else State.VIOLATED


def exit_code(cells: Iterable[Cell]) -> int:
    """A wrong model outweighs a violation, that an open question, and that a proof."""
    states = {cell.state for cell in cells}
    if State.MODEL_ERROR in states:
        return 2
    if any(state.is_violated for state in states):
        return 1
    return 3 if states & {State.INCOMPLETE, State.NOT_EXERCISED} else 0
