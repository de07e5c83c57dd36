"""The table of all cells: properties x designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.causes import check_engine
from checker.cells.cells import Cell, Row, cell_of, exit_code, rows_of
from checker.cells.results import Searched
from checker.cells.searches import Told, jobs_of, search_all
from checker.language.bounds import defaults_of
from checker.language.model import Model
from checker.language.patches import design_values
from checker.language.world import World
from checker.request import Request, Wanted
from checker.traces.values import as_json

VERSION = 2


@dataclass(frozen=True)
class Matrix:
    designs: tuple[str, ...]
    rows: tuple[Row, ...]
    searches: tuple[Searched, ...]
    worlds: tuple[World, ...]  # of the searches

    def cell(self, row: Row, design: str) -> Cell:
        return cell_of(row, design, self.searches)

    def cells(self) -> list[Cell]:
        return [self.cell(row, design) for row in self.rows for design in self.designs]


def matrix_of(
    request: Request, model: Model, designs: Sequence[str], wanted: Sequence[Wanted], told: Told | None = None
) -> Matrix:
    check_engine(request)
    jobs = jobs_of(request, model, designs, wanted)
    searches = search_all(jobs, told)
    return Matrix(
        tuple(designs), tuple(rows_of(wanted, searches)), tuple(searches), tuple(job.world for job in jobs)
    )


def exit_code_of(matrix: Matrix, design: str) -> int:
    return exit_code(matrix.cell(row, design) for row in matrix.rows)


def as_data(matrix: Matrix) -> dict[str, Any]:
    """
    {"version": 2, "exit_code", "designs": [name],
     "cells": [{"property", "kind", "severity", "design",
                "verdict": "holds"|"violated"|"conditional"|"not exercised"|"incomplete"|"model error"|
                           "does not fail" (an assert that fails in another design),
                "steps": of the shortest trace or null, "why",
                "places": [{"scenario", "steps", "assumed": [text], "message", "shows", "wrote"}],
                "causes": how many can be told apart (places has the shortest of each scenario) or null,
                "all_causes": bool}],
     "switches": {design: {name: value}},
     "searches": [{"design", "scenario", "states", "reduced": bool, "ended": "" if every state was visited,
                   "bounds", "switches": those that it has otherwise than its design}]}
    """
    cells = matrix.cells()
    switches = {
        design: _switches(matrix.worlds[0].model, design) for design in matrix.designs if matrix.worlds
    }
    return {
        "version": VERSION,
        "exit_code": exit_code(cells),
        "designs": list(matrix.designs),
        "cells": [cell_data(cell) for cell in cells],
        "switches": switches,
        "searches": [
            _search(each, world, switches[each.design])
            for each, world in zip(matrix.searches, matrix.worlds, strict=True)
        ],
    }


def cell_data(cell: Cell) -> dict[str, Any]:
    return {
        "property": cell.row.name,
        "kind": cell.row.kind,
        "severity": cell.row.severity or None,
        "design": cell.design,
        "verdict": cell.state.value,
        "steps": cell.steps,
        "why": cell.why,
        "places": [
            {
                "scenario": place.scenario,
                "steps": place.violated.steps,
                "assumed": list(place.violated.assumed),
                "message": place.violated.message,
                "shows": place.violated.shows,
                "wrote": place.violated.wrote,
            }
            for place in cell.places
        ],
        "causes": len(cell.causes) or None,
        "all_causes": all(place.violated.all_causes for place in cell.places),
    }


def _switches(model: Model, design: str) -> dict[str, Any]:
    values = {**defaults_of(model.design), **design_values(model.design, design or None)}
    return {name: as_json(value) for name, value in values.items()}


def _search(searched: Searched, world: World, usual: Mapping[str, Any]) -> dict[str, Any]:
    switches = {name: as_json(value) for name, value in world.design.items()}
    return {
        "design": searched.design,
        "scenario": searched.scenario,
        "states": searched.states,
        "reduced": searched.reduced,
        "ended": searched.ended,
        "bounds": dict(world.bounds),
        "switches": {name: value for name, value in switches.items() if value != usual[name]},
    }
