"""From a request to an exit code: search, show each counterexample as it is found, then say the verdicts."""

from __future__ import annotations

import dataclasses
import json

from checker.causes import check_engine
from checker.expression import property_of
from checker.finding import design_name
from checker.json_report import report
from checker.language.model import Model
from checker.output import Output, check_followed
from checker.report import STYLES, basis, cause_lines, verdict_line
from checker.request import Request, Wanted, wanted_properties
from checker.screen import Screen
from checker.searching import Search
from checker.traces.columns import Style
from checker.traces.text import lines_of
from checker.traces.trace import Trace
from checker.verdict import Run, Verdict, answer_to, exit_code

NO_COMPILER = (
    "notice: no C compiler was found ($CC, cc, gcc, clang): the python engine answers, "
    "about a thousand times slower. Install gcc or clang for the native one."
)


def answer(model: Model, request: Request, screen: Screen, output: Output) -> int:
    request = with_an_engine(request, screen)
    check_engine(request)
    wanted = wanted_by(request, model)
    search = Search(request, model, wanted)
    if output.style.follow:
        check_followed(output.style.follow, search.worlds)
    for found in search.go(None if output.json else screen.progress()):
        if not output.json:
            _show(screen, found, output.style)
    verdicts = [answer_to(request.question or "", each) for each in search.verdicts()]
    code = exit_code(verdicts)
    design = design_name(request, model)
    if output.json:
        screen.line(json.dumps(report(design, verdicts, search.runs, code), indent=2))
    else:
        tell(screen, design, verdicts, search.runs)
    return code


def _show(screen: Screen, found: Verdict, style: Style) -> None:
    """The trace; or one for each cause, if they were asked for."""
    for cause in found.causes:
        screen.lines(cause_lines(found, cause))
        _show_trace(screen, cause.trace, style)
    if not found.causes and found.trace is not None:
        _show_trace(screen, found.trace, style)


def _show_trace(screen: Screen, trace: Trace, style: Style) -> None:
    for line in lines_of(trace, style):
        screen.line(line, "bold" if line.startswith(trace.heading) else "")
    screen.line()


def with_an_engine(request: Request, screen: Screen) -> Request:
    """Without a C compiler the python engine answers; that is said, as it takes its time."""
    if request.engine == "native":
        from checker.engines.build import find_compiler

        if find_compiler() is None:
            screen.notice(NO_COMPILER, "yellow")
            return dataclasses.replace(request, engine="python")
    return request


def tell(screen: Screen, design: str, verdicts: list[Verdict], runs: list[Run]) -> None:
    for verdict in verdicts:
        screen.line(verdict_line(verdict), STYLES[verdict.answer])
    screen.line()
    screen.lines(basis(design, verdicts, runs))


def wanted_by(request: Request, model: Model) -> list[Wanted]:
    if request.question is None:
        return wanted_properties(request, model)
    return [Wanted(request.question, property_of(request.expression or "", model, request.question))]
