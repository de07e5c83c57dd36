"""A trace in sentences, for those who read mail and not models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import groupby

from checker.engines.replaying import Step
from checker.findings.docstrings import Docstrings, in_short
from checker.traces.trace import Trace, TraceStep

Pair = tuple[TraceStep, Step]


def what_happens(trace: Trace) -> str:
    """The sentence of the trace, to go on with; that of a property without one is its claim."""
    claim = trace.sentence.removeprefix("violated: ")
    return (claim if claim == trace.sentence else f"no longer true: {claim}").removesuffix(".")


def interleaving(trace: Trace, steps: Sequence[Step], docstrings: Docstrings) -> Iterator[str]:
    """One sentence for each stretch of steps of one actor in one operation."""
    known: set[str] = set()
    pairs = list(zip(trace.steps, steps, strict=True))
    for _, group in groupby(_stretches(pairs), key=lambda each: each[0]):
        stretch = [pair for _, pair in group]
        yield _sentence(stretch, known, docstrings)


def _stretches(pairs: Sequence[Pair]) -> Iterator[tuple[int, Pair]]:
    """Each step with the number of its stretch."""
    number = 0
    before: TraceStep | None = None
    for pair in pairs:
        shape = pair[0]
        same = before is not None and (before.actor, before.operation, before.lane) == (
            shape.actor,
            shape.operation,
            shape.lane,
        )
        if not same or shape.kind != "resume":
            number += 1
        before = shape
        yield number, pair


def _sentence(stretch: Sequence[Pair], known: set[str], docstrings: Docstrings) -> str:
    first, last = stretch[0][0], stretch[-1][0]
    where = f"step {first.number}" if len(stretch) == 1 else f"steps {first.number}-{last.number}"
    name = first.operation
    doc = in_short(docstrings.of(name))
    about = f" ({doc})" if doc and name not in known else ""
    known.add(name)
    if first.kind == "action":
        return f"{first.lane or 'At any time'}: {first.text.strip('<>')}{about} ({where})."
    who = f"{first.actor} on {first.lane}" if first.lane.lower() != first.actor else first.actor
    begins = f"calls {first.text}{about}" if first.kind == "start" else f"goes on with {name}()"
    return f"{who} {begins}{_choices(stretch)}{_ends(stretch)} ({where})."


def _choices(stretch: Sequence[Pair]) -> str:
    told = [
        f"{step.function}() has the result {value.name} ({value.value})"
        for _, step in stretch
        for value in step.chosen
        if isinstance(value, Enum)
    ]
    return f"; {', then '.join(dict.fromkeys(told))}" if told else ""


def _ends(stretch: Sequence[Pair]) -> str:
    shape, step = stretch[-1]
    if shape.finished:
        return ", and returns"
    place = place_of(step)
    return f", and gets as far as {place}" if place and place != f"{shape.operation}()" else ""


def place_of(step: Step) -> str:
    """Where its actor stands after a step: the innermost function, and who has called it."""
    names = [f"{each.function}()" for each in reversed(step.chain_after)]
    return " in ".join(names[:2])
