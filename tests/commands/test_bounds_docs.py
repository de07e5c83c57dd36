"""docs/bounds.md: its table is what `check bounds` finds, and its example runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from checker.cli import run
from checker.language.obligations import forget, obligations

TEXT = (Path(__file__).parents[2] / "docs" / "bounds.md").read_text()


def rows(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The table's lines: what JSON says, with the cases of one outcome together."""
    for each in sorted(found, key=_order):
        verdicts: dict[str, list[dict[str, str]]] = {}
        breaks: dict[str, None] = {}
        for case in each["cases"]:
            needed = [assumption for assumption in case["assumptions"] if assumption["needed"]]
            verdict = case["verdict"]
            if needed:
                verdict = (
                    "refuted, proved with a check" if verdict == "refuted" else "proved under an assumption"
                )
            verdicts.setdefault(verdict, []).append(case["case"])
            refutations = [assumption["without"] for assumption in needed] or [case["refutation"]]
            for refutation in filter(None, refutations):
                where = "".join(
                    f"{name} {value}: " for name, value in case["case"].items() if name == "levels"
                )
                breaks[where + _values(refutation, case["case"])] = None
        verdict = "; ".join(
            f"{name}{_cases(cases) if len(verdicts) > 1 else ''}" for name, cases in verdicts.items()
        )
        yield f"| {each['code']} | `{each['name']}` | {verdict} | {'; '.join(breaks)} |"


def _order(each: dict[str, Any]) -> tuple[int, str]:
    number = re.sub(r"\D", "", each["code"])
    return (int(number) if number else 99, each["name"])


def _values(refutation: dict[str, Any], case: dict[str, str]) -> str:
    words = refutation["hexadecimal"]
    shown = [
        f"{name} {value:,}"
        if isinstance(value, int) and -1 <= value < 1 << 32
        else f"{name} {words.get(name, value)}"
        for name, value in refutation["values"].items()
        if name not in case
    ]
    return ", ".join(shown)


def _cases(cases: Sequence[dict[str, str]]) -> str:
    """` (dev)`: the values of the parameters that differ, other than the levels where both are there."""
    names = [name for name in cases[0] if name != "levels" or len({each["levels"] for each in cases}) == 1]
    told = dict.fromkeys(" ".join(f"{name} {each[name]}" for name in names) for each in cases)
    return f" ({', '.join(told)})"


@pytest.mark.slow
def test_the_table_is_what_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    run(["bounds", "--json"])
    found = json.loads(capsys.readouterr().out)["obligations"]
    told = [line for line in TEXT.splitlines() if re.match(r"\| \S* ?\| `", line)]
    assert told == list(rows(found))


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / "example_of_the_docs.py"
    file.write_text(code)
    before = obligations()
    try:
        assert run(["bounds", "mermap-below-vmalloc", "--load", str(file)]) == 0
    finally:
        forget(before)
    assert "proved under an assumption" in capsys.readouterr().out
