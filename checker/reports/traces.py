"""A page to step through for each violated cell of the matrix."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from dataclasses import dataclass

from checker.cells.cells import Cell
from checker.contents import contents
from checker.findings.examining import trial_of
from checker.findings.page import file_name
from checker.findings.words import what_happens
from checker.language.model import Model
from checker.request import Request, Wanted
from checker.traces.html import page

FOLDER = "traces"


@dataclass(frozen=True)
class TracePage:
    """That of the shortest trace."""

    request: Request
    model: Model
    cell: Cell
    wanted: Wanted | None

    @property
    def name(self) -> str:
        return f"{FOLDER}/{file_name(self.cell).removesuffix('.md')}.html"

    @property
    def like(self) -> str:
        return self.name

    @property
    def key(self) -> str | None:
        """What it depends on, as of a finding. None: it is not to be kept."""
        made_of = contents()
        if made_of is None:
            return None
        parts = ["trace page", made_of, repr(self.cell), repr(self.request), os.getcwd()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def made(self) -> tuple[str, str]:
        """What happens, in a sentence, and the page."""
        asked = dataclasses.replace(self.request, design=self.cell.design or None)
        _, trace = trial_of(asked, self.model, self.cell, self.cell.places[0], self.wanted, [self.wanted])
        return what_happens(trace), page(trace)
