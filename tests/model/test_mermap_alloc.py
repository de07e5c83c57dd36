"""The allocator of the mermap's addresses: few bits by the native engine, the kernel's addresses by z3."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from searches import slow_but

from checker.cli import run

ROOT = Path(__file__).parents[2]
TABLE = re.findall(
    r"^\| `(\w+)` \| (\w+) \| (inductive|violated in (\d) steps) \|$",
    (ROOT / "docs" / "design" / "symbolic.md").read_text(),
    re.MULTILINE,
)


def verdict(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    run(["--property", "allocator-invariant", "--json", *words])
    (found,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("posting", "callers", "result", "steps"), slow_but([("v2", "careless")], TABLE))
def test_with_the_kernels_addresses(
    posting: str, callers: str, result: str, steps: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(ROOT / "model" / "mermap_alloc_x86.py")
    words = ["--load", file, "--scenario", "x86", "--engine", "symbolic", "--time", "1h"]
    found = verdict(capsys, *words, "--design", posting, "--set", f"callers={callers}")
    if steps:
        trace = found["trace"]
        assert isinstance(trace, dict) and len(trace["steps"]) == int(steps)
    else:
        assert found["answer"] == "holds" and "inductive" in str(found["why"])


@pytest.mark.parametrize(("posting", "callers", "result", "steps"), slow_but(["dev", "v4"], TABLE))
def test_few_bits_behave_alike(
    posting: str, callers: str, result: str, steps: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--load", str(ROOT / "model" / "mermap_alloc.py"), "--slots", "3"]
    found = verdict(capsys, *words, "--design", posting, "--set", f"callers={callers}")
    if steps:
        trace = found["trace"]
        assert isinstance(trace, dict) and len(trace["steps"]) == int(steps)
    else:
        assert found["answer"] == "holds"


def test_the_table_is_complete() -> None:
    assert len(TABLE) == 7
