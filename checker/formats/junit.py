"""JUnit XML, as CI systems show it: one case for each property. What was not decided is an error."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from checker.report import verdict_line
from checker.traces.text import lines_of, printable
from checker.verdict import Answer, Run, Verdict

PASSED = (Answer.HOLDS, Answer.REACHABLE)
FAILED = (Answer.VIOLATED, Answer.UNREACHABLE)


def junit(design: str, verdicts: Sequence[Verdict], runs: Sequence[Run]) -> str:
    failed = sum(each.answer in FAILED for each in verdicts)
    errors = sum(each.answer not in (*PASSED, *FAILED) for each in verdicts)
    counts = {"tests": str(len(verdicts)), "failures": str(failed), "errors": str(errors), "skipped": "0"}
    seconds = f"{sum(run.outcome.seconds for run in runs):.3f}"
    suites = ElementTree.Element("testsuites", {**counts, "time": seconds})
    suite = ElementTree.SubElement(
        suites, "testsuite", {"name": design or "check", **counts, "time": seconds}
    )
    for verdict in verdicts:
        suite.append(_case(design, verdict))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, "unicode") + "\n"


def _case(design: str, verdict: Verdict) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", {"classname": design or "check", "name": verdict.name, "time": "0"}
    )
    if verdict.answer in PASSED:
        return case
    kind = "failure" if verdict.answer in FAILED else "error"
    about = {"message": _legal(verdict_line(verdict)), "type": verdict.answer.value}
    problem = ElementTree.SubElement(case, kind, about)
    if verdict.trace is not None:
        problem.text = "\n" + _legal("\n".join(lines_of(verdict.trace))) + "\n"
    return case


def _legal(text: str) -> str:
    """XML has no control characters, escaped or not."""
    return "".join(letter for letter in printable(text) if letter >= " " or letter in "\n\t")
