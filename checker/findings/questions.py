"""The questions of a model, each answered by a table of alternatives and properties."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.basis import SEQUENTIAL
from checker.cells.cells import Cell, cell_of, rows_of
from checker.cells.job import Job
from checker.cells.results import Searched
from checker.cells.searches import Told, jobs_of, search_all
from checker.cells.text import LEGEND
from checker.findings.docstrings import unlabelled
from checker.findings.page import wrapped
from checker.language.model import Model
from checker.language.patches import default_preset
from checker.language.question import Question
from checker.names import setting
from checker.request import Request, wanted_properties


@dataclass(frozen=True)
class Answered:
    """`cells`: for each property those of the alternatives, in their order."""

    question: Question
    cells: list[list[Cell]]
    searches: list[Searched]


def answers(request: Request, model: Model, told: Told | None = None) -> list[Answered]:
    """All searches of all questions at once, so that processors are kept busy."""
    jobs = [_jobs(request, model, each) for each in model.questions]
    found = iter(search_all([job for each in jobs for job in each], told))
    return [
        _answered(question, [next(found) for _ in here], here)
        for question, here in zip(model.questions, jobs, strict=True)
    ]


def _jobs(request: Request, model: Model, question: Question) -> list[Job]:
    """The design of a job is here the name of an alternative."""
    question.check(model)
    wanted = wanted_properties(dataclasses.replace(request, properties=question.properties), model)
    jobs = []
    for name, values in question.alternatives.items():
        settings = tuple(f"{switch}={setting(value)}" for switch, value in values.items())
        asked = dataclasses.replace(
            request, settings=(*request.settings, *settings), scenarios=question.scenarios
        )
        design = question.design or default_preset(model.design) or ""
        jobs += [dataclasses.replace(job, design=name) for job in jobs_of(asked, model, [design], wanted)]
    return jobs


def _answered(question: Question, searches: list[Searched], jobs: Sequence[Job]) -> Answered:
    wanted = list(dict.fromkeys(each for job in jobs for each in job.wanted))
    rows = rows_of(wanted, searches)
    return Answered(
        question, [[cell_of(row, name, searches) for name in question.alternatives] for row in rows], searches
    )


def pages(found: Sequence[Answered], model: Model, command: str) -> Iterator[str]:
    yield "# Questions"
    yield ""
    yield from wrapped(
        f"Written by `{command}`: every cell is the result of searches. {LEGEND} Only the scenarios that are "
        f"named were searched. As everywhere, {SEQUENTIAL}."
    )
    for each in found:
        yield from _answer(each, model)


def _answer(found: Answered, model: Model) -> Iterator[str]:
    question = found.question
    yield ""
    yield f"## {question.text}"
    yield ""
    if question.source:
        yield from wrapped(question.source)
        yield ""
    for name, values in question.alternatives.items():
        switches = ", ".join(f"`{switch}={setting(value)}`" for switch, value in values.items())
        yield from wrapped(f"* **{name}**: {switches or 'no switch differs'}", "  ")
    yield ""
    design = question.design or default_preset(model.design)
    rest = f" Everything else is as in {design}." if design else ""
    names = ", ".join(f"`{name}`" for name in question.scenarios)
    yield from wrapped(f"Scenarios: {names}.{rest}")
    yield ""
    yield f"| property | {' | '.join(question.alternatives)} |"
    yield "| --- |" + " --- |" * len(question.alternatives)
    for cells in found.cells:
        yield f"| {cells[0].row.name} | {' | '.join(_short(cell) for cell in cells)} |"
    yield ""
    for cells in found.cells:
        made = model.properties.get(cells[0].row.name.replace("-", "_"))
        if made is not None:
            claim = unlabelled(made.doc)[:1]
            yield from wrapped(f"* `{cells[0].row.name}`: {' '.join(claim)}", "  ")
        for cell in cells:
            if cell.why:
                yield from wrapped(f"  * {cell.design}: {cell.state.value}, as {cell.why}", "    ")


def _short(cell: Cell) -> str:
    where = f"<br>{cell.places[0].scenario}" if cell.places else ""
    return (f"**{cell.text}**" if cell.state.is_violated else cell.text) + where
