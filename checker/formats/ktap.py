"""KTAP, as KUnit and kselftest print it; `kunit.py parse` reads it.

KTAP has no word for "not decided": such a property is not ok, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.formats.junit import PASSED
from checker.report import verdict_line
from checker.traces.text import lines_of, plain
from checker.verdict import Verdict


def ktap(design: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield "KTAP version 1"
    yield "1..1"
    yield "    KTAP version 1"
    yield f"    # Subtest: {_name(design or 'check')}"
    yield f"    1..{len(verdicts)}"
    for number, verdict in enumerate(verdicts, 1):
        good = verdict.answer in PASSED
        yield f"    # {plain(verdict_line(verdict))}"
        if not good and verdict.trace is not None:
            yield from (f"    # {plain(line)}".rstrip() for line in lines_of(verdict.trace))
        yield f"    {'ok' if good else 'not ok'} {number} {_name(verdict.name)}"
    passed = sum(each.answer in PASSED for each in verdicts)
    counts = f"pass:{passed} fail:{len(verdicts) - passed} skip:0 total:{len(verdicts)}"
    yield f"# {_name(design or 'check')}: {counts}"
    yield f"{'ok' if passed == len(verdicts) else 'not ok'} 1 {_name(design or 'check')}"


def _name(text: str) -> str:
    """A `#` begins a directive, such as SKIP."""
    return plain(text).replace("#", "_").replace("\n", " ")
