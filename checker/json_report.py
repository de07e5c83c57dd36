"""The answer for a machine: what `--json` prints, one object on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.basis import SEQUENTIAL
from checker.fired import never_fired
from checker.report import assumed_in, replaced_in
from checker.together import apart
from checker.traces.json_form import json_of
from checker.traces.values import as_json
from checker.verdict import Run, Verdict

VERSION = 1


def report(design: str, verdicts: Sequence[Verdict], runs: Sequence[Run], code: int) -> dict[str, Any]:
    """
    {"version": 1, "exit_code", "design",
     "verdicts": [{"property", "kind", "why", "scenario", "conditional": bool,
                   "answer": "holds"|"violated"|"yes"|"no"|"not exercised"|"incomplete"|"model error",
                   "trace": null | see checker/traces/json_form.py,
                   "causes": [{"shows": block, "wrote": block, "scenario", "trace"}], "all_causes": bool}],
     "runs": [{"scenario", "remark", "engine", "bounds", "switches", "properties": [name],
               "states", "transitions", "depth", "seconds", "memory_bytes", "bytes_per_state",
               "complete": bool, "reduced": bool, "left_out", "in_full": [why],
               "ended", "covered_depth",
               "fired": {block: count},
               "statistics": {name: value or list}  (native engine: bits, words, constant and sliced fields,
                  eager actions, actions never needed, items that do not matter,
                  waits that hardware ends, interleaved because),
               "conditions": {property: [{"text", "location", "true", "false", "deciding"}]}}],
     "never_fired": [block], "never_together": [[operation, operation]],
     "assumed": [{"text", "place"}], "replaced": [{"name", "by", "place"}], "memory_model"}
    or, for a request or a model that is wrong:
    {"version": 1, "exit_code": 2, "error": {"text", "file", "line", "column", "advice"}}
    """
    return {
        "version": VERSION,
        "exit_code": code,
        "design": design or None,
        "verdicts": [_verdict(each) for each in verdicts],
        "runs": [_run(each) for each in runs],
        "never_fired": never_fired(runs),
        "never_together": [list(pair) for pair in apart(runs)[0]],
        "assumed": [{"text": each.text, "place": each.place} for each in assumed_in(runs)],
        "replaced": [{"name": each.name, "by": each.by, "place": each.place} for each in replaced_in(runs)],
        "memory_model": SEQUENTIAL,
    }


def error_report(error: Any) -> dict[str, Any]:
    return {
        "version": VERSION,
        "exit_code": 2,
        "error": {
            "text": error.text,
            "file": error.file,
            "line": error.line,
            "column": error.column,
            "advice": error.advice,
        },
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "property": verdict.name,
        "answer": verdict.answer.value,
        "kind": verdict.kind,
        "why": verdict.why,
        "scenario": verdict.scenario,
        "conditional": verdict.trace is not None and bool(verdict.trace.assumed),
        "trace": json_of(verdict.trace) if verdict.trace is not None else None,
        "causes": [
            {
                "shows": each.shows,
                "wrote": each.wrote,
                "scenario": each.scenario,
                "trace": json_of(each.trace),
            }
            for each in verdict.causes
        ],
        "all_causes": verdict.all_causes,
    }


def _run(run: Run) -> dict[str, Any]:
    outcome = run.outcome
    names = (
        "states",
        "transitions",
        "depth",
        "seconds",
        "memory_bytes",
        "bytes_per_state",
        "complete",
        "reduced",
        "left_out",
        "in_full",
        "ended",
    )
    return {
        "scenario": run.scenario,
        "remark": run.world.remark or None,
        "engine": run.engine,
        "bounds": dict(run.world.bounds),
        "switches": {name: as_json(value) for name, value in run.world.design.items()},
        "properties": [each.name for each in run.wanted],
        **{name: getattr(outcome, name) for name in names},
        "covered_depth": outcome.covered_depth,
        "conditions": {
            name: [_condition(each) for each in counts] for name, counts in outcome.conditions.items()
        },
        "statistics": {name: value for name, value in run.statistics.items() if _plain(value)},
        "fired": dict(outcome.fired),
    }


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float) or (isinstance(value, list) and all(map(_plain, value)))


def _condition(count: Any) -> dict[str, Any]:
    return {name: getattr(count, name) for name in ("text", "location", "true", "false", "deciding")}
