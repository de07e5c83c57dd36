"""Files that an answer is written to, beside what is said on the screen.

Each form is imported when it is asked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.names import typed
from checker.output import Output
from checker.request import Request, design_of
from checker.screen import Screen
from checker.traces.trace import Trace
from checker.verdict import Answer, Run, Verdict
from checker.writing import is_device, write

FILES = ("itf", "html", "svg", "junit", "sarif")  # options that name a file


@dataclass(frozen=True)
class Found:
    """What an answer consists of."""

    design: str
    verdicts: Sequence[Verdict]
    runs: Sequence[Run]

    @property
    def traces(self) -> list[tuple[Verdict, Trace]]:
        return [(each, each.trace) for each in self.verdicts if each.trace is not None]


def check_folders(output: Output) -> None:
    """Before anything is searched: a folder that is not there is noticed too late after an hour."""
    check_files({option: getattr(output, option) for option in FILES if getattr(output, option) is not None})


def check_files(files: Mapping[str, Path]) -> None:
    """By the option that names each: that it can be written, and is not the one of another option."""
    taken: dict[Path, str] = {}
    for option, path in files.items():
        problem = _problem(path)
        place = path.resolve()
        if not problem and taken.setdefault(place, option) != option and not is_device(place):
            problem = f"that is the file of --{taken[place]} already"
        if problem:
            raise CheckerError(f"--{option} {path}: {problem}")


def _problem(path: Path) -> str:
    if str(path) == "-":
        return "it goes into a file; name one"
    if path.is_dir():
        return "this is a directory"
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}"
    return "" if os.access(path if path.exists() else path.parent, os.W_OK) else "it may not be written"


def save_all(output: Output, request: Request, model: Model, found: Found, screen: Screen) -> None:
    """A file for each trace, or one for all verdicts."""
    for number, (verdict, trace) in enumerate(found.traces, 1):
        if output.itf is not None:
            save(numbered(output.itf, number), as_itf(request, model, verdict, trace), screen)
        if output.html is not None:
            from checker.traces.html import page

            save(numbered(output.html, number), page(trace), screen)
        if output.svg is not None:
            from checker.traces.svg import standing_alone

            save(numbered(output.svg, number), standing_alone(trace), screen)
    if output.junit is not None:
        from checker.formats.junit import junit

        save(output.junit, junit(found.design, found.verdicts, found.runs), screen)
    if output.sarif is not None:
        from checker.formats.sarif import sarif
        from checker.listing import summary

        texts = {typed(each.name): summary(each.doc) for each in model.properties.values()}
        finished = all(each.answer is not Answer.INCOMPLETE for each in found.verdicts)
        save(output.sarif, sarif(found.design, found.verdicts, texts, finished), screen)


def as_itf(request: Request, model: Model, verdict: Verdict, trace: Trace) -> str:
    from checker.traces.itf import itf_of

    asked = {"question": request.question, "expression": request.expression} if request.question else {}
    data = itf_of(trace, asked, request_data(request, model, verdict.scenario or "default"))
    return json.dumps(data, indent=1) + "\n"


def request_data(request: Request, model: Model, scenario: str) -> dict[str, Any]:
    """What has to be known to ask the same again, when the defaults are others."""
    return {
        "design": design_of(request, model),
        "settings": list(request.settings),
        "bounds": dict(request.bounds),
        "scenario": scenario,
        "loads": list(request.loads),
        "fine": request.fine,
    }


def numbered(path: Path, number: int) -> Path:
    """`trace.itf.json`, `trace-2.itf.json`: a file for each trace."""
    if number == 1:
        return path
    name, dot, rest = path.name.partition(".")
    return path.with_name(f"{name}-{number}{dot}{rest}")


def save(path: Path, text: str, screen: Screen) -> None:
    write(path, text)
    screen.notice(f"written: {path} ({len(text.encode()) / 1024:,.0f} kB)")
