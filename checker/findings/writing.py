"""All pages: from the cells of the matrix to files, on all processors, and from the cache if it has them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from checker.cells.cells import Cell
from checker.cells.searches import Told
from checker.contents import contents, is_steady
from checker.findings.examining import examine
from checker.findings.index import index
from checker.findings.page import file_name, page, squeezed
from checker.findings.repairs import following
from checker.findings.searched import tidy
from checker.findings.words import what_happens
from checker.language.model import Model
from checker.processes import CAN_FORK, forked
from checker.request import Request, Wanted
from checker.store import Store
from checker.writing import write_folder

KEPT = 5000  # pages
MARK = "<!-- check findings -->"  # only files that end so are ever removed


@dataclass(frozen=True)
class Task:
    """`together`: what the pages ask of each scenario, so that a change is searched there once for all."""

    request: Request
    model: Model
    cell: Cell
    wanted: Wanted | None
    together: Mapping[str, Sequence[Wanted]]

    @property
    def name(self) -> str:
        return file_name(self.cell)

    @property
    def like(self) -> str:
        """Where most of its searches are, which are those of other pages too."""
        return f"{self.cell.design} {self.cell.places[0].scenario}"

    @property
    def key(self) -> str | None:
        """The page depends on all of the model, and on what was asked for. None: it is not to be kept."""
        made_of = contents()
        if made_of is None:
            return None
        asked = [
            (place.scenario, [each.name for each in self.together.get(place.scenario, ())])
            for place in self.cell.places
        ]
        parts = ["page", made_of, repr(self.cell), repr(self.request), repr(asked), os.getcwd()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def made(self) -> tuple[str, str]:
        """What happens, in a sentence, and the page."""
        designs = following(self.model, self.cell.design)
        finding = examine(self.request, self.model, self.cell, self.wanted, designs, self.together)
        sentences = dict.fromkeys(what_happens(each.trace) for each in finding.examined)
        return "; ".join(sentences), "\n".join([*squeezed(page(finding)), MARK]) + "\n"


def asked_together(cells: Sequence[Cell], wanted: Mapping[str, Wanted]) -> dict[str, tuple[Wanted, ...]]:
    """Of each scenario, everything that is violated there in some design."""
    found: dict[str, dict[Wanted, None]] = {}
    for cell in cells:
        for place in cell.places:
            if cell.row.name in wanted:
                found.setdefault(place.scenario, {})[wanted[cell.row.name]] = None
    return {scenario: tuple(asked) for scenario, asked in found.items()}


class Making(Protocol):
    """A page that can be made. `key`: what it depends on; `like`: those that are like it share searches, and
    are made one after the other; `made`: a sentence about it, and its text.
    """

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str | None: ...
    @property
    def like(self) -> str: ...
    def made(self) -> tuple[str, str]: ...


def pages_of(tasks: Sequence[Making], told: Told | None = None) -> list[tuple[str, str]]:
    """In the order of the tasks. What is done when Ctrl-C comes is found in the cache the next time."""
    cache = Store("pages", KEPT)
    found: dict[int, tuple[str, str]] = {}
    keys = [task.key for task in tasks]
    for number, key in enumerate(keys):
        known = None if key is None else cache.read(key)
        if known is not None:
            sentence, text = json.loads(known)
            found[number] = (sentence, text)
    for number, made in _made(tasks, [number for number in range(len(tasks)) if number not in found]):
        found[number] = made
        key = keys[number]
        if key is not None and is_steady():
            cache.keep(key, json.dumps(made).encode())
        if told is not None:
            told(len(found), len(tasks), tasks[number].name)
    cache.tidy()
    tidy()
    return [found[number] for number in range(len(tasks))]


_tasks: Sequence[Making] = ()  # of a worker


def _made(tasks: Sequence[Making], numbers: Sequence[int]) -> Iterator[tuple[int, tuple[str, str]]]:
    alike: dict[str, list[int]] = {}
    for number in numbers:
        alike.setdefault(tasks[number].like, []).append(number)
    workers = min(os.cpu_count() or 1, len(alike))
    if workers < 2 or not CAN_FORK:
        for number in numbers:
            yield number, tasks[number].made()
        return
    with forked(workers, _begin, tasks) as pool:
        longest_first = sorted(alike.values(), key=len, reverse=True)
        waiting = {pool.submit(_do, each): each for each in longest_first}
        for done in as_completed(waiting):
            yield from zip(waiting[done], done.result(), strict=True)


def _begin(tasks: Sequence[Making]) -> None:
    global _tasks
    _tasks = tasks


def _do(numbers: Sequence[int]) -> list[tuple[str, str]]:
    return [_tasks[number].made() for number in numbers]


def write(folder: Path, tasks: Sequence[Task], pages: Sequence[tuple[str, str]], command: str) -> None:
    """The pages and their index; pages of before that are no findings any more go."""
    cells = [task.cell for task in tasks]
    files = {file_name(task.cell): text for task, (_, text) in zip(tasks, pages, strict=True)}
    files["README.md"] = "\n".join([*index(cells, [about for about, _ in pages], command), "", MARK]) + "\n"
    write_folder(folder, files, "*.md", MARK)
