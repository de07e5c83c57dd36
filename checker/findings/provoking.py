"""What a trace needs of the world: settings, results of choices, and pauses of those who are overtaken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from checker.engines.replaying import Step
from checker.findings.docstrings import HOLD, PROVOKE, TRIGGER, Docstrings, in_short, labelled
from checker.findings.repairs import Change, Trial, Tried
from checker.findings.words import place_of
from checker.language.bounds import defaults_of
from checker.traces.trace import Trace
from checker.traces.values import shown
from checker.traces.waits import waits_for

HELD_UP = "is held up"


@dataclass(frozen=True)
class Need:
    """Something that must happen for the trace; `how`: what the model says of provoking it."""

    what: str
    how: str


def settings_needed(trial: Trial, docstrings: Docstrings) -> list[Change]:
    """Switches with a label of their own without whose value nothing is violated here: found by trying."""
    design = trial.world(()).design
    found = []
    for name, default in defaults_of(trial.model.design).items():
        text = docstrings.text_of(name)
        if not labelled(text, TRIGGER) and not labelled(text, PROVOKE):
            continue
        values = type(default) if isinstance(default, Enum) else (False, True)
        if design[name] is False:
            continue
        others = [Change(name, value, ()) for value in values if value is not design[name]]
        if all(trial.tried((other,)) is Tried.REPAIRED for other in others):
            found.append(Change(name, design[name], ()))
    return found


def triggers(steps: Sequence[Step], needed: Sequence[Change], docstrings: Docstrings) -> list[Need]:
    """Who can bring it about: the operations of the trace, and the settings without which it is none."""
    started = dict.fromkeys(step.event.name for step in steps if step.event.kind == "start")
    found = [Need(f"`{name}`", labelled(docstrings.of(name), TRIGGER)) for name in started]
    for change in needed:
        text = docstrings.text_of(change.switch)
        found.append(Need(f"`{change.setting}`", labelled(text, TRIGGER)))
    return [need for need in found if need.how]


def needs(
    trace: Trace, steps: Sequence[Step], needed: Sequence[Change], docstrings: Docstrings
) -> list[Need]:
    """Settings, then choices, actions and pauses in the order of the trace; what is alike, once."""
    found: dict[tuple[str, str], list[str]] = {}
    for change in needed:
        text = labelled(docstrings.text_of(change.switch), PROVOKE)
        if text:
            found[f"`{change.setting}`", text] = []
    for where, what, how in _events(trace, steps, docstrings):
        found.setdefault((what, how), []).append(where)
    listed = [Need(f"{what}{_at(places)}", how) for (what, how), places in found.items()]
    held = labelled(docstrings.model.state.__doc__ or "", HOLD)
    if held and any(HELD_UP in need.what and not need.how for need in listed):
        listed.append(Need("To hold somebody up in a function", held))
    return listed


def _at(places: Sequence[str]) -> str:
    if not places:
        return ""
    plural = len(places) > 1 or "-" in places[0]
    return f" (step{'s' if plural else ''} {', '.join(places)})"


def _events(trace: Trace, steps: Sequence[Step], docstrings: Docstrings) -> Iterator[tuple[str, str, str]]:
    """Where, what, and how it is provoked."""
    for shape, step in zip(trace.steps, steps, strict=True):
        name = step.event.name
        if shape.kind == "action":
            yield (
                str(shape.number),
                f"`{name}`, {_what(docstrings, name)}",
                labelled(docstrings.of(name), PROVOKE),
            )
            continue
        started = labelled(docstrings.of(name), PROVOKE) if shape.kind == "start" else ""
        if started:
            yield str(shape.number), f"`{name}`", started
        values = [value for value in step.chosen if isinstance(value, Enum | bool)]
        if values:
            chooser = _chooser(step, docstrings)
            where = f"{shape.number}: {', '.join(map(_value, values))}"
            yield where, f"`{chooser}` has these results", labelled(docstrings.of(chooser), PROVOKE)
        last = _pause(shape.number, trace, step)
        if last:
            span = f"{shape.number + 1}-{last}" if last > shape.number + 1 else str(last)
            yield span, f"{shape.actor} {HELD_UP} in {place_of(step)}", _told(step, docstrings)


def _told(step: Step, docstrings: Docstrings) -> str:
    """How somebody is held up there, by the innermost function that says so."""
    chain = (labelled(docstrings.of(each.function), HOLD) for each in reversed(step.chain_after))
    return next(filter(None, chain), "")


def _value(value: object) -> str:
    return f"{value.name} ({value.value})" if isinstance(value, Enum) else shown(value)


def _what(docstrings: Docstrings, name: str) -> str:
    return in_short(docstrings.of(name)) or "which has no docstring"


def _chooser(step: Step, docstrings: Docstrings) -> str:
    """Who chose: the innermost function with something to say about it, or else the innermost of all."""
    chain = [each.function for each in (*step.chain_before, *step.chain_after)]
    names = [*reversed(step.entered), *reversed(chain), step.event.name]
    return next((name for name in names if labelled(docstrings.of(name), PROVOKE)), step.function)


def _pause(number: int, trace: Trace, step: Step) -> int:
    """The last step before the actor of a step goes on, if it is inside an operation.

    0 if nobody has to hold it up: it goes on at once, or waits by itself.
    """
    if not step.chain_after or waits_for(step.chain_after[-1]):
        return 0
    actor = trace.steps[number - 1].actor
    own = (each.number for each in trace.steps[number:] if each.actor == actor and each.kind != "action")
    last = next(own, len(trace.steps) + 1) - 1
    return last if last > number else 0
