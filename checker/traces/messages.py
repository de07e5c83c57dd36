"""What passes between lanes: a cell that one lane changes for another one, which then changes it.

A request that is sent and taken, a lock that is let go and taken, a page that changes hands: in each case the
cell is about one of those who act. What else both happen to write is no message. Or it ends a wait: a request
is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checker.traces.changes import Change, members_in
from checker.traces.trace import Trace, TraceStep


@dataclass(frozen=True)
class Message:
    """From one step to a later one in another lane, by number."""

    sent: int
    taken: int
    path: str
    text: str  # what was written


def messages(trace: Trace) -> tuple[Message, ...]:
    actors = {step.actor for step in trace.shown_steps if step.actor}
    initial, last = dict(trace.initial), dict[str, tuple[TraceStep, Change]]()
    found: dict[tuple[int, int], Message] = {}
    acted: dict[str, int] = {}
    for step in trace.shown_steps:
        for change in step.changes:
            sent = last.get(change.path)
            passes = sent is not None and sent[0].lane != step.lane and _is_about(actors, sent[1], change)
            if sent is not None and passes and not _is_over(initial, sent[1], step, change):
                message = Message(sent[0].number, step.number, change.path, str(sent[1]))
                found.setdefault((message.sent, message.taken), message)
            last[change.path] = (step, change)
        answer = _answer(step, acted.get(step.actor, 0), last.values())
        if answer is not None:
            found.setdefault((answer.sent, answer.taken), answer)
        acted[step.actor] = step.number
    return tuple(found.values())


def _answer(step: TraceStep, before: int, written: Iterable[tuple[TraceStep, Change]]) -> Message | None:
    """What a step that had waited goes on after: the last write of another lane, while it waited, to a field
    that the condition of its wait reads. `before`: its actor's step before this one."""
    found = [
        Message(sent.number, step.number, change.path, str(change))
        for sent, change in written
        if before < sent.number < step.number and sent.lane != step.lane and change.field in step.awaited
    ]
    return max(found, key=lambda each: each.sent, default=None)


def _is_about(actors: set[str], one: Change, other: Change) -> bool:
    return bool(actors & (one.entries | other.entries))


def _is_over(initial: Mapping[str, object], sent: Change, step: TraceStep, taken: Change) -> bool:
    """Whether the cell was as it is at rest, and whoever changed it next did not put their own name there: a
    request that was answered long ago, and not a lock that was let go."""
    return sent.new == initial.get(sent.path) and step.actor not in members_in(taken.new)


@dataclass(frozen=True)
class Span:
    """An operation of an actor in its lane, from the step that starts it to its last one."""

    lane: str
    actor: str
    operation: str
    first: int
    last: int


def spans(trace: Trace) -> tuple[Span, ...]:
    """One for each operation that was started; one that is still under way ends with the trace."""
    open_: dict[str, TraceStep] = {}
    found: list[Span] = []
    for step in trace.shown_steps:
        if step.kind == "action":
            continue
        if step.kind == "start":
            open_[step.actor] = step
        if step.finished and step.actor in open_:
            found.append(_span(open_.pop(step.actor), step.number))
    found += [_span(step, len(trace.shown_steps)) for step in open_.values()]
    return tuple(sorted(found, key=lambda span: (span.first, span.last)))


def _span(start: TraceStep, last: int) -> Span:
    return Span(start.lane, start.actor, start.operation, start.number, last)
