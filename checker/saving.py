"""Files that an answer is written to, beside what is said on the screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.output import Output
from checker.request import Request, design_of
from checker.screen import Screen
from checker.traces.html import page
from checker.traces.itf import itf_of
from checker.traces.svg import standing_alone
from checker.traces.trace import Trace
from checker.verdict import Verdict


def check_folders(output: Output) -> None:
    """Before anything is searched: a folder that is not there is noticed too late after an hour."""
    for option, path in (("--itf", output.itf), ("--html", output.html), ("--svg", output.svg)):
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            what = "this is a directory" if path.is_dir() else f"there is no directory {path.parent}"
            raise CheckerError(f"{option} {path}: {what}")


def save_all(
    output: Output, request: Request, model: Model, verdicts: Sequence[Verdict], screen: Screen
) -> None:
    traces = [(each, each.trace) for each in verdicts if each.trace is not None]
    forms: list[tuple[Path | None, Callable[[Verdict, Trace], str]]] = [
        (output.itf, lambda verdict, trace: as_itf(request, model, verdict, trace)),
        (output.html, lambda _, trace: page(trace)),
        (output.svg, lambda _, trace: standing_alone(trace)),
    ]
    for path, text in forms:
        for number, (verdict, trace) in enumerate(traces, 1):
            if path is not None:
                save(numbered(path, number), text(verdict, trace), screen)


def as_itf(request: Request, model: Model, verdict: Verdict, trace: Trace) -> str:
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
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CheckerError(f"{path}: it cannot be written: {error.strerror}") from None
    screen.notice(f"written: {path} ({len(text.encode()) / 1024:,.0f} kB)")
