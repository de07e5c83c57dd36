"""A counterexample for a machine: everything that the text form says, as plain JSON values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.traces.trace import Trace, TraceStep
from checker.traces.values import as_json


def json_of(trace: Trace) -> dict[str, Any]:
    """
    {"property", "kind", "title", "sentence", "message", "location",
     "conditional": bool, "assumed": [text],
     "witness": {name: value}, "lanes": [name],
     "inside": [{"actor", "chain": [{"function", "place"}], "waits_for"}],
     "initial": {path: value}, "final": {path: value},
     "why": {"origin": number of a step | null, "reasons": [text], "circle": [text]}, "remedies": [text],
     "ending": [the steps that follow, to where nobody can move: of a deadlock],
     "steps": [{"number", "kind": "start"|"resume"|"action", "lane", "actor", "operation", "text",
                "place": "file:line", "line", "function", "within": [function], "finished": bool,
                "chosen": [value], "assumed": [text], "changes": [{"path", "old", "new"}]}]}
    """
    return {
        "property": trace.name,
        "kind": trace.kind,
        "title": trace.title,
        "sentence": trace.sentence,
        "message": trace.message,
        "location": trace.location,
        "conditional": bool(trace.assumed),
        "assumed": list(trace.assumed),
        "witness": _named(trace.witness.items()),
        "lanes": list(trace.lanes),
        "inside": [
            {
                "actor": each.actor,
                "chain": [{"function": function, "place": place} for function, place in each.chain],
                "waits_for": each.waits_for or None,
            }
            for each in trace.inside
        ],
        "initial": _named(trace.initial),
        "final": _named(trace.final),
        "why": {
            "origin": trace.why.origin,
            "reasons": list(trace.why.reasons),
            "circle": list(trace.why.circle),
        },
        "remedies": list(trace.remedies),
        "ending": [_step(step) for step in trace.ending.steps],
        "steps": [_step(step) for step in trace.steps],
    }


def _named(pairs: Iterable[tuple[str, object]]) -> dict[str, Any]:
    return {name: as_json(value) for name, value in pairs}


def _step(step: TraceStep) -> dict[str, Any]:
    return {
        "number": step.number,
        "kind": step.kind,
        "lane": step.lane,
        "actor": step.actor or None,
        "operation": step.operation,
        "text": step.text,
        "place": step.place,
        "line": step.line,
        "function": step.function,
        "within": list(step.within),
        "finished": step.finished,
        "chosen": [as_json(value) for value in step.chosen],
        "assumed": list(step.assumed),
        "changes": [
            {"path": change.path, "old": as_json(change.old), "new": as_json(change.new)}
            for change in step.changes
        ],
    }
