"""The pages of a report as texts, and how they come into a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from checker.basis import SEQUENTIAL
from checker.cells.cells import Cell
from checker.cells.matrix import Matrix
from checker.cells.text import group_of, legend
from checker.commands.bounds_report import heading, pictures
from checker.engines.proof import Result
from checker.findings.page import file_name
from checker.reports.coverage import File, coverage_of
from checker.reports.traces import FOLDER, TracePage
from checker.traces.address_map import svg
from checker.writing import write_folder

HERE = Path(__file__).parent
MARK = "<!-- check report -->"  # only files that end so are ever removed


@dataclass(frozen=True)
class Report:
    """`bounds`: empty if not asked for. `pages`: of each violated cell, its sentence and its page."""

    command: str
    matrix: Matrix
    tasks: Sequence[TracePage]
    pages: Sequence[tuple[str, str]]
    bounds: Sequence[Sequence[Result]]


def files_of(report: Report, folder: Path) -> dict[str, str]:
    """Name -> text. `folder`: where pages of `check findings` may lie that are linked to."""
    coverage = coverage_of(report.matrix.searches)
    files = {"index.html": _rendered("index.html", **_index(report, coverage, folder))}
    files["coverage.html"] = _rendered("coverage.html", files=coverage, command=report.command)
    for task, (_, text) in zip(report.tasks, report.pages, strict=True):
        files[task.name] = text
    return {name: f"{text.rstrip()}\n{MARK}\n" for name, text in files.items()}


def _index(report: Report, coverage: list[File], folder: Path) -> dict[str, Any]:
    matrix = report.matrix
    told = {id(task.cell): (task, about) for task, (about, _) in zip(report.tasks, report.pages, strict=True)}
    cells = {(cell.row.name, cell.design): cell for cell in (task.cell for task in report.tasks)}
    names = {key: told[id(cell)][0].name for key, cell in cells.items()}
    drawings = [picture for results in report.bounds for picture in pictures(results)]
    return {
        "command": report.command,
        "designs": matrix.designs,
        "groups": [(name, list(rows)) for name, rows in groupby(matrix.rows, key=group_of)],
        "cell": matrix.cell,
        "legend": [*legend(matrix), f"As everywhere, {SEQUENTIAL}."],
        "pages": names,
        "findings": [_finding(task.cell, about, task.name, folder) for task, about in told.values()],
        "runs": list(zip(matrix.searches, matrix.worlds, strict=True)),
        "coverage": coverage,
        "bounds": [heading(results) for results in report.bounds],
        "drawings": svg(drawings) if drawings else "",
    }


def _finding(cell: Cell, about: str, page: str, folder: Path) -> dict[str, object]:
    written = f"findings/{file_name(cell)}"
    return {
        "cell": cell,
        "about": about,
        "page": page,
        "written": written if (folder / written).is_file() else "",
    }


def _rendered(name: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name).render(style=(HERE / "style.css").read_text(), **values)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """And what an earlier report has left there goes."""
    write_folder(folder, files, f"{FOLDER}/*.html", MARK)
