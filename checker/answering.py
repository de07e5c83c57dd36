"""From a request to an exit code: search, show each counterexample as it is found, then say the verdicts.

What only some answers need is imported where it is used: most searches take less time than these imports.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from checker.causes import check_engine
from checker.engines.checkpoint import Keeper
from checker.expression import property_of
from checker.finding import design_name
from checker.json_report import report
from checker.language.model import Model
from checker.output import Output, check_followed
from checker.report import STYLES, basis, cause_lines, verdict_lines
from checker.request import Request, Wanted, wanted_properties
from checker.resuming import tell_saved
from checker.saving import Found, check_folders, save_all
from checker.screen import ProgressLines, Screen
from checker.searching import Progress, Search
from checker.traces import text
from checker.traces.columns import Style
from checker.traces.trace import Trace
from checker.verdict import Run, Verdict, answer_to, exit_code

NO_COMPILER = (
    "notice: no C compiler was found ($CC, cc, gcc, clang): the python engine answers, "
    "about a thousand times slower. Install gcc or clang for the native one."
)


def answer(
    model: Model, request: Request, screen: Screen, output: Output, keeper: Keeper | None = None
) -> int:
    request = with_an_engine(request, screen)
    check_engine(request)
    wanted = wanted_by(request, model)
    search = Search(request, model, wanted, keeper)
    check_folders(output)
    if output.style.follow:
        check_followed(output.style.follow, search.worlds)
    traces: dict[str, Trace] = {}
    for verdict in search.go(progress_of(output, screen)):
        if output.remedies and verdict.trace is not None:
            verdict = _with_remedies(request, model, search, verdict)
        if verdict.trace is not None:
            traces.setdefault(verdict.name, verdict.trace)
        if output.form == "text":
            show(screen, verdict, output.style)
    verdicts = [answer_to(request.question or "", each) for each in search.verdicts()]
    verdicts = [dataclasses.replace(each, trace=traces.get(each.name)) for each in verdicts]
    found = Found(design_name(request, model), verdicts, search.runs)
    _tell(model, request, screen, output, found)
    save_all(output, request, model, found, screen)
    if keeper is not None:
        tell_saved(screen, request, keeper, search)
    return exit_code(verdicts)


def progress_of(output: Output, screen: Screen) -> Progress | None:
    """JSON lines if they are asked for, or else the live line where somebody can see it."""
    if output.progress:
        return ProgressLines(screen)
    return screen.progress() if output.form == "text" else None


def _tell(model: Model, request: Request, screen: Screen, output: Output, found: Found) -> None:
    if output.form == "json":
        code = exit_code(found.verdicts)
        screen.line(json.dumps(report(found.design, found.verdicts, found.runs, code), indent=2))
    elif output.form == "ktap":
        from checker.formats.ktap import ktap

        screen.lines(ktap(found.design, found.verdicts))
    elif output.form == "mail":
        from checker.formats.mail import drafts

        mails = [_mail(model, request, found, verdict, trace) for verdict, trace in found.traces]
        screen.lines(drafts(mails).splitlines())
        for verdict in found.verdicts:
            for line in verdict_lines(verdict):
                screen.notice(line)
    else:
        tell(screen, found.design, found.verdicts, found.runs)


def _mail(model: Model, request: Request, found: Found, verdict: Verdict, trace: Trace) -> str:
    from checker.answered import answered
    from checker.formats.mail import draft

    run = next(run for run in found.runs if run.scenario == verdict.scenario)
    wanted = next((each for each in run.wanted if each.name == verdict.name), None)
    violation = run.violation_of(wanted, verdict.name)
    return draft(found.design, verdict, trace, run, answered(request, model, run, violation, wanted))


def _with_remedies(request: Request, model: Model, search: Search, found: Verdict) -> Verdict:
    """With the smallest changes of the design that make it hold."""
    from checker.remedies import lines_of, remedies

    run = next(run for run in search.runs if run.scenario == found.scenario)
    wanted = next((each for each in run.wanted if each.name == found.name), None)
    violation = run.violation_of(wanted, found.name)
    if violation is None or found.trace is None or model.design is None:
        return found
    told = tuple(lines_of(remedies(request, model, run, violation, wanted), run.scenario))
    return dataclasses.replace(found, trace=dataclasses.replace(found.trace, remedies=told))


def show(screen: Screen, found: Verdict, style: Style) -> None:
    """The trace; or one for each cause, if they were asked for."""
    for cause in found.causes:
        screen.lines(cause_lines(found, cause))
        _show_trace(screen, cause.trace, style)
    if not found.causes and found.trace is not None:
        _show_trace(screen, found.trace, style)


def _show_trace(screen: Screen, trace: Trace, style: Style) -> None:
    for line in text.lines_of(trace, style):
        screen.line(line, "bold" if line.startswith(trace.heading) else "")
    screen.line()


def with_an_engine(request: Request, screen: Screen) -> Request:
    """Without a C compiler the python engine answers; that is said, as it takes its time."""
    if request.engine == "native":
        from checker.engines.compilers import find_compiler

        if find_compiler() is None:
            screen.notice(NO_COMPILER, "yellow")
            return dataclasses.replace(request, engine="python")
    return request


def tell(screen: Screen, design: str, verdicts: Sequence[Verdict], runs: Sequence[Run]) -> None:
    for verdict in verdicts:
        screen.lines(verdict_lines(verdict), STYLES[verdict.answer])
    screen.line()
    screen.lines(basis(design, verdicts, runs))


def wanted_by(request: Request, model: Model) -> list[Wanted]:
    if request.question is None:
        return wanted_properties(request, model)
    return [Wanted(request.question, property_of(request.expression or "", model, request.question))]
