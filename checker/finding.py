"""From a violation that an engine reports to a counterexample that may be shown: it is replayed first."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checker.language.bounds import defaults_of
from checker.language.errors import CheckerError, ReplayFailed, shown_path
from checker.language.model import Model
from checker.language.patches import default_preset, design_values
from checker.language.properties import DEADLOCK, Property
from checker.names import setting
from checker.request import Request, Wanted, design_of
from checker.traces.pictures import pictures_of
from checker.traces.trace import (
    Ending,
    Standing,
    Trace,
    Why,
    lanes_of,
    named_cells,
    standing_at_the_end,
    trace_steps,
)
from checker.traces.witness import Witness, filled_in, witness_of
from checker.verdict import Run
from checker.why import why_of

if TYPE_CHECKING:
    from checker.engines.outcome import Event, Violation
    from checker.engines.replaying import Replay, Step

TITLES = {
    "invariant": "an invariant does not hold",
    "step": "a step that must not be",
    "assert": "an assertion fails",
    "model error": "the model does what no model may do",
    "deadlock": "possible deadlock",
    "always possible": "no way back",
}


def trace_of(request: Request, run: Run, violation: Any, wanted: Wanted | None) -> Trace:
    """Replay through the real generators, and describe what was seen."""
    seen = seen_in(run, violation, wanted)
    violation, wanted, replayed = seen.violation, seen.wanted, seen.replay
    steps, later = trace_steps(run.world, replayed.steps), _Later(run, violation, replayed)
    final = replayed.steps[-1].after if replayed.steps else violation.initial
    found = wanted.found if wanted is not None else None
    asked = request.expression if wanted is not None else None
    name = name_of(violation, wanted)
    sentence, concrete, witness = _sentence(run, violation, found, replayed)
    return Trace(
        name=name,
        kind=violation.kind,
        heading="REACHABLE" if asked and request.question == "can" else "WARNING",
        title=asked or _title(violation, found),
        sentence=sentence,
        concrete=concrete,
        message=message_of(violation, replayed),
        location="" if asked else violation.location or _place_of(found),
        witness=witness,
        lanes=lanes_of(steps),
        steps=steps,
        inside=standing_at_the_end(replayed.steps),
        initial=named_cells(run.world, violation.initial),
        final=named_cells(run.world, final),
        context=context_of(request, run, name if wanted is not None else None),
        source=asked or source_of(found),
        draw=lambda: pictures_of(run.world, [violation.initial, *(step.after for step in later.steps)]),
        go_on=lambda: Ending(trace_steps(run.world, later.steps)[len(steps) :], later.standing),
        explain=Why if asked else lambda: later.why(found),
    )


@dataclass(frozen=True)
class Seen:
    """What the real generators did. `wanted`: None if that is not what the engine reported."""

    violation: Violation
    wanted: Wanted | None
    replay: Replay


def seen_in(run: Run, violation: Violation, wanted: Wanted | None, watched: bool = True) -> Seen:
    """Through the real generators. If they disagree, that is our bug, unless they meet what no model may do.

    The search does not look for that where no property depends on it; nothing beyond it counts.
    """
    from checker.engines import python

    known = [each.found for each in run.wanted if each.found is not None]
    replayed = python.replay(run.world, violation, known, watched)
    if replayed.agrees:
        return Seen(violation, wanted, replayed)
    fault = replayed.steps[-1].fault if replayed.steps else None
    if fault is None or fault.kind != "model error":
        raise ReplayFailed(
            f"internal error: the {run.engine} engine reports that {violation.property} is violated, "
            f"and the real generators do not agree: {replayed.why}",
            advice="do not trust this run; please report it with the command that you typed",
        )
    met = dataclasses.replace(
        violation,
        property=fault.property,
        kind=fault.kind,
        depth=len(replayed.steps) + 1,
        events=violation.events[: len(replayed.steps)],
        message=fault.message,
        location=fault.location,
    )
    return Seen(met, None, dataclasses.replace(replayed, agrees=True, why=""))


def name_of(violation: Violation, wanted: Wanted | None) -> str:
    """What it is called in an answer: as it was asked for, or else by its place."""
    return wanted.name if wanted is not None else violation.property


def message_of(violation: Violation, replayed: Replay) -> str:
    """What an assert or an error says, or who is stuck."""
    return _plain_sentence(violation, replayed) if violation.kind == DEADLOCK else violation.message or ""


class _Later:
    """The trace with its ending, run again only if somebody wants to see it."""

    def __init__(self, run: Run, violation: Violation, replayed: Replay) -> None:
        self.run, self.violation, self.replayed = run, violation, replayed

    @functools.cached_property
    def events(self) -> list[Event]:
        if self.violation.kind != DEADLOCK:
            return self.violation.events
        from checker.engines.endings import ending

        more = ending(self.run.world, self.violation.initial, self.violation.events)
        return [*self.violation.events, *more]

    @functools.cached_property
    def steps(self) -> Sequence[Step]:
        if len(self.events) == len(self.violation.events):
            return self.replayed.steps
        from checker.engines.replaying import replay_events

        return replay_events(self.run.world, self.violation.initial, self.events)

    @property
    def standing(self) -> tuple[Standing, ...]:
        return standing_at_the_end(self.steps)

    def why(self, found: Property | None) -> Why:
        violation = dataclasses.replace(self.violation, events=self.events)
        return why_of(self.run.world, violation, found, self.steps, trace_steps(self.run.world, self.steps))


def source_of(found: Property | None) -> str:
    """The text of a property, as its file has it."""
    if found is None:
        return ""
    try:
        return inspect.cleandoc(inspect.getsource(found.function))
    except OSError:
        return ""


def _place_of(found: Property | None) -> str:
    return f"{shown_path(found.file)}:{found.line}" if found is not None else ""


def _title(violation: Any, found: Property | None) -> str:
    """What the banner warns of: the severity that the property's author gave, or the kind of claim."""
    if found is None or not found.severity:
        return TITLES.get(violation.kind, violation.kind)
    told = found.rung is None or found.rung == "architectural" or found.rung in found.severity
    return f"possible {found.severity}" + ("" if told else f" ({found.rung})")


def _sentence(run: Run, violation: Any, found: Any, replayed: Any) -> tuple[str, bool, Witness]:
    """The property's own words, with the members that break it put in."""
    from checker.engines.replaying import standing

    if found is None:
        return _plain_sentence(violation, replayed), True, {}
    states = _states(run, violation, replayed)
    with run.world, standing(run.world, replayed.steps):
        witness = _witness(found, states)
        template = found.says
        if template:
            names = {**found.function.__globals__, **_parameters(found, states), **witness}
            return filled_in(template, names), "{" in template, witness
    text = inspect.cleandoc(found.function.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return f"violated: {text}" if text else f"{found.name} is violated", False, witness


def _plain_sentence(violation: Any, replayed: Any) -> str:
    """Of a deadlock, with the operation that never ends."""
    text = str(violation.message or violation.kind)
    for each in standing_at_the_end(replayed.steps) if violation.kind == DEADLOCK else ():
        told = f"{each.actor} is inside"
        text = text.replace(f"{told} an operation", f"{told} {each.chain[0][0]}()")
    return text


def _states(run: Run, violation: Any, replayed: Any) -> list[Any]:
    """The states that the predicate is about: the last one, or the last two."""
    last = replayed.steps[-1] if replayed.steps else None
    after = last.after if last is not None else violation.initial
    snapshots = [last.before, after] if violation.kind == "step" and last is not None else [after]
    return [run.world.view(snapshot) for snapshot in snapshots]


def _witness(found: Any, states: list[Any]) -> Witness:
    try:
        return witness_of(found.function, *states)
    except CheckerError:
        return {}  # e.g. a predicate that asks what is running: the trace itself still says it


def _parameters(found: Any, states: list[Any]) -> dict[str, Any]:
    return dict(zip(inspect.signature(found.function).parameters, states, strict=False))


def context_of(request: Request, run: Run, name: str | None) -> dict[str, str]:
    """What the trace is about, in words, and how to see it again."""
    scenario = run.world.scenario
    return {
        "design": design_name(request, run.world.model),
        "switches": shown_switches(run),
        "differing": differing_switches([run]),
        "scenario": f"{scenario.name}: {scenario.description}".rstrip(": "),
        "bounds": ", ".join(f"{bound}={value}" for bound, value in run.world.bounds.items()),
        "command": request.command(name, scenario.name),
    }


def design_name(request: Request, model: Model) -> str:
    """`v2`, or `v2, callers=obedient` where switches were set by hand; empty for a model without designs."""
    name = design_of(request, model)
    return ", ".join(word for word in (name, *request.settings) if word)


def differing_switches(runs: Sequence[Run]) -> str:
    """How the switches of all runs differ from those of the default design: `as v4, but scrub=none`."""
    if not runs or not runs[0].world.design:
        return ""
    cls = runs[0].world.model.design
    usual = {**defaults_of(cls), **design_values(cls, None)}
    values = [dict(run.world.design) for run in runs]
    same = {name: value for name, value in values[0].items() if all(each[name] is value for each in values)}
    but = [f"{name}={setting(value)}" for name, value in same.items() if value is not usual[name]]
    some = ["others by scenario"] if len(same) < len(usual) else []
    told = f"as {default_preset(cls) or 'declared'}"
    return f"{told}, but {', '.join(but + some)}" if but + some else told


def shown_switches(run: Run) -> str:
    return ", ".join(f"{name}={setting(value)}" for name, value in run.world.design.items())
