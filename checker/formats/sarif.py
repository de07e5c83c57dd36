"""SARIF 2.1.0: each violation as a result, its trace as a code flow with a thread flow for each lane."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from checker.report import verdict_line
from checker.traces.trace import Trace, TraceStep
from checker.verdict import Answer, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
KINDS = {
    Answer.HOLDS: ("pass", "none"),
    Answer.REACHABLE: ("pass", "none"),
    Answer.VIOLATED: ("fail", "error"),
    Answer.UNREACHABLE: ("fail", "error"),
    Answer.MODEL_ERROR: ("fail", "error"),
    Answer.NOT_EXERCISED: ("open", "none"),
    Answer.INCOMPLETE: ("open", "none"),
}


def sarif(design: str, verdicts: Sequence[Verdict], texts: dict[str, str], finished: bool) -> str:
    """`texts`: what each property says. `finished`: no search was cut off."""
    rules = [
        {"id": each.name, "shortDescription": {"text": texts.get(each.name) or each.name}}
        for each in verdicts
    ]
    driver = {
        "name": "check",
        "version": version("unmapped-check"),
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {"ROOT": {"description": {"text": "the directory that check was called in"}}},
        "invocations": [{"executionSuccessful": finished}],
        "results": [_result(number, each) for number, each in enumerate(verdicts)],
        "properties": {"design": design},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _result(number: int, verdict: Verdict) -> dict[str, Any]:
    kind, level = KINDS[verdict.answer]
    trace = verdict.trace
    result: dict[str, Any] = {
        "ruleId": verdict.name,
        "ruleIndex": number,
        "kind": kind,
        "level": "warning" if trace is not None and trace.assumed and level == "error" else level,
        "message": {
            "text": f"{trace.sentence} ({verdict_line(verdict)})" if trace else verdict_line(verdict)
        },
    }
    if trace is not None:
        last = trace.steps[-1].place if trace.steps else trace.location
        result["locations"] = [_location(last)] if last else []
        result["codeFlows"] = [{"message": {"text": trace.sentence}, "threadFlows": list(_flows(trace))}]
        if not trace.steps:
            del result["codeFlows"]
    return result


def _flows(trace: Trace) -> Iterator[dict[str, Any]]:
    """The order of steps in different lanes is in their executionOrder."""
    for lane in trace.lanes:
        steps = [step for step in trace.steps if step.lane == lane]
        yield {"id": lane or "any", "locations": [_flow_location(trace, step) for step in steps]}


def _flow_location(trace: Trace, step: TraceStep) -> dict[str, Any]:
    matters = step.number in (trace.why.origin, len(trace.steps))
    changes = {change.path: {"text": str(change)} for change in step.changes}
    return {
        "location": _location(step.place, f"{step.number}. {step.text}"),
        "executionOrder": step.number,
        "importance": "essential" if matters else "important" if step.changes else "unimportant",
        "state": changes,
    }


def _location(place: str, message: str = "") -> dict[str, Any]:
    """`model/flip.py:41`; what was typed has no file."""
    file, _, line = place.rpartition(":")
    physical: dict[str, Any] = {"artifactLocation": _artifact(file)}
    if line.isdigit() and int(line) > 0:
        physical["region"] = {"startLine": int(line)}
    location: dict[str, Any] = {"physicalLocation": physical}
    return {**location, "message": {"text": message}} if message else location


def _artifact(file: str) -> dict[str, str]:
    if file.startswith("/"):
        return {"uri": "file://" + quote(file)}
    return {"uri": quote(file or "-"), "uriBaseId": "ROOT"}
