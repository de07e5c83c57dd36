"""`check replay FILE`: is a finding of the past still one?"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from checker.cells.text import paragraphs
from checker.commands.output_options import output_of, output_options
from checker.commands.table_options import given_here
from checker.engines.outcome import Outcome
from checker.expression import property_of
from checker.finding import design_name, trace_of
from checker.fine import fine
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.properties import DEADLOCK
from checker.names import find
from checker.options import load_option, model_options, request_of
from checker.replay import MOST_STATES, Answer, Followed, check_model, follow
from checker.request import Request, Wanted, wanted_properties, world_of
from checker.screen import Screen
from checker.traces.itf import Saved, read
from checker.traces.json_form import json_of
from checker.traces.text import lines_of, printable
from checker.traces.trace import Trace
from checker.verdict import Run

HELP = """Run a trace that was saved with --itf on the model as it is now.

It is asked of the design that it was found in, or of another one with --design, --set or --load. Nothing of
the file is run: it only names steps.

Exit code: 1 it still violates, 0 it no longer does, 3 it can no longer be followed, 2 it is no such file.
"""
STYLES = {Answer.VIOLATED: "bold red", Answer.HARMLESS: "bold green", Answer.OPEN: "bold yellow"}
UNNAMED = ("assert", "model error")  # kinds of violation that belong to no property


def replay_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(file: str, expression: str | None, **given: Any) -> int:
        assert model is not None
        options = given_here(given)
        saved = read(Path(file))
        request = _request(request_of(options), saved, expression)
        check_model(model, saved)
        scenario = find("scenario", saved.request["scenario"], model.scenarios)
        world = world_of(request, model, scenario)
        wanted = _wanted(request, model, saved)
        world = fine(world) if request.fine else world
        most = options.get("max_states") or MOST_STATES
        followed = follow(world, saved, wanted.found if wanted is not None else None, most)
        trace = None
        if followed.answer is Answer.VIOLATED and followed.violation is not None:
            held = Run(world, (wanted,) if wanted is not None else (), Outcome(), "python")
            trace = trace_of(request, held, followed.violation, wanted)
        design = design_name(request, model)
        if options["as_json"]:
            screen.line(json.dumps(as_data(file, saved, followed, design, trace), indent=2))
            return followed.answer.value
        for line in told(file, saved, followed, design):
            screen.line(line, STYLES[followed.answer])
        if trace is not None:
            screen.line()
            screen.lines(lines_of(trace, output_of(options).style))
        return followed.answer.value

    params = [
        click.Argument(["file"], metavar="FILE"),
        click.Option(["--can", "expression"], metavar="EXPR", help="What the trace was asked for."),
        *model_options(bounds),
        click.Option(["--max-states"], type=click.IntRange(min=1), help="Look at so many for a deadlock."),
        load_option(),
        click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on stdout instead of text."),
        click.Option(["--no-color"], is_flag=True, help="Plain text on a terminal too (as NO_COLOR does)."),
        *(each for each in output_options() if each.name in ("follow", "verbose")),
    ]
    return click.Command("replay", callback=run, params=params, help=HELP)


def _request(typed: Request, saved: Saved, expression: str | None) -> Request:
    """What was recorded, and what was typed where that says otherwise."""
    recorded = saved.request
    if recorded["loads"] and not typed.loads:
        raise CheckerError(
            f"the trace is of what {recorded['loads'][0][:200]} defines, which is not loaded because a trace "
            "names it",
            advice="give --load FILE yourself",
        )
    question = saved.about.get("question")
    if question and expression is None:
        raise CheckerError(
            f"the trace answers an expression, {str(saved.about.get('expression'))[:200]!r}: it is not run "
            "because a trace names it",
            advice="give --can EXPR yourself",
        )
    names = {each.partition("=")[0].strip() for each in typed.settings}
    kept = tuple(each for each in recorded["settings"] if each.partition("=")[0].strip() not in names)
    return dataclasses.replace(
        typed,
        design=typed.design or recorded["design"],
        settings=(*kept, *typed.settings),
        bounds={**recorded["bounds"], **typed.bounds},
        fine=recorded["fine"],
        engine="python",
        question="can" if expression is not None else None,
        expression=expression,
    )


def _wanted(request: Request, model: Model, saved: Saved) -> Wanted | None:
    if request.expression is not None:
        return Wanted("can", property_of(request.expression, model, "can"))
    if saved.about["kind"] in UNNAMED:
        return None
    if saved.about["kind"] == DEADLOCK:
        return Wanted(DEADLOCK, None)
    return wanted_properties(dataclasses.replace(request, properties=(saved.about["property"],)), model)[0]


def told(file: str, saved: Saved, followed: Followed, design: str) -> Iterator[str]:
    where = f"{saved.request['scenario']}{', ' + design if design else ''}"
    texts = [
        f"{file}: {saved.about['property']}, {len(saved.steps)} steps, in {where}",
        verdict(saved, followed),
    ]
    if followed.difference is not None and followed.failed != 0:
        step = followed.difference.step
        texts.append(f"from step {step} on it differs from what was recorded: {followed.difference}")
    yield from paragraphs((printable(text), "  ") for text in texts)


def verdict(saved: Saved, followed: Followed) -> str:
    if followed.failed is not None:
        step = saved.steps[followed.failed - 1] if followed.failed else None
        at = (
            f"step {followed.failed}, {step.name} at {step.place}"
            if step is not None
            else "the initial state"
        )
        return f"can no longer be followed: {at}: {followed.why}"
    if followed.answer is Answer.VIOLATED:
        return f"still violates {saved.about['property']}"
    if followed.answer is Answer.OPEN:
        return f"open: {followed.why}"
    return f"no longer violates {saved.about['property']}: {followed.why}"


def as_data(file: str, saved: Saved, followed: Followed, design: str, trace: Trace | None) -> dict[str, Any]:
    """{"version": 1, "exit_code", "file", "property", "design", "scenario",
    "answer": "violated"|"not violated"|"cannot be followed"|"open", "why", "failed_step": number | null,
    "difference": null | {"step", "path", "recorded", "now"}, "trace": null | see traces/json_form.py}"""
    words = {Answer.VIOLATED: "violated", Answer.HARMLESS: "not violated", Answer.OPEN: "open"}
    answer = "cannot be followed" if followed.failed is not None else words[followed.answer]
    difference = followed.difference
    return {
        "version": 1,
        "exit_code": followed.answer.value,
        "file": file,
        "property": saved.about["property"],
        "design": design or None,
        "scenario": saved.request["scenario"],
        "answer": answer,
        "why": followed.why,
        "failed_step": followed.failed,
        "difference": dataclasses.asdict(difference) if difference is not None else None,
        "trace": json_of(trace) if trace is not None else None,
    }
