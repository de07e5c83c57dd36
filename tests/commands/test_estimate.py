"""`check estimate`, and what a progress line says of the end, as a user types it."""

from __future__ import annotations

import json

import pytest

from checker.engines.estimating import Estimate
from checker.engines.outcome import Progress
from checker.screen import progress_text, shown_count, shown_time
from tests.commands.conftest import Check

COUNTING = ("--load", "{models}/counting.py")


def test_what_is_small_is_counted(check: Check) -> None:
    said = check("estimate", *COUNTING, "--property", "fine", "--counters", "2", "--time", "20s")
    assert said.code == 0 and said.out.count("all there are") == 2
    searched = json.loads(check(*COUNTING, "--property", "fine", "--counters", "2", "--json").out)
    for run in searched["runs"]:
        assert f"{run['scenario']}: {run['states']:,} states, all there are" in said.out


@pytest.mark.slow
def test_what_is_large_is_estimated(check: Check) -> None:
    """The first scenario has 14 ** 8 states: each counter has seven values, and is being raised or not."""
    asked = ("--property", "fine", "--counters", "8", "--scenario", "first", "--time", "1s")
    said = check("estimate", *COUNTING, *asked, "--json")
    (size,) = json.loads(said.out)["scenarios"]
    assert said.code == 0 and not size["complete"] and size["ended"] == "time limit"
    found = size["estimate"]
    assert size["states"] < found["low"] <= found["middle"] <= found["high"]
    text = check("estimate", *COUNTING, *asked)
    assert "states, perhaps " in text.out and " of memory. Known: " in " ".join(text.out.split())
    assert max(map(len, text.lines)) <= 75


def test_a_violation_does_not_end_it(check: Check) -> None:
    said = check("estimate", *COUNTING, "--property", "low", "--counters", "2", "--scenario", "first")
    assert said.code == 0 and "first: 196 states, all there are" in said.out


def test_wrong_requests(check: Check) -> None:
    assert check("estimate", *COUNTING, "--property", "fien").code == 2
    assert check("estimate", *COUNTING, "--engine", "python").code == 2


def test_a_progress_line() -> None:
    now = Progress(1_000_000, 0, 20, 5000, 1 << 20, 2.0, 500_000.0, Estimate(2e6, 5e6, 1.2e8))
    text = progress_text("flip", now, 2.0)
    assert text == (
        "flip: 1,000,000 states, 500,000/s, depth 20, frontier 5,000, 1.0 MiB, 2 s; "
        "of 2.0M to 120M, 2 s to 4 min left"
    )


def test_rough_numbers() -> None:
    assert [shown_count(n) for n in (9, 940, 12_300, 1.26e6, 3.8e10)] == ["9", "940", "12k", "1.3M", "38G"]
    assert [shown_time(s) for s in (3.4, 125, 86_000, 1e6)] == ["3 s", "2 min", "24 h", "12 days"]
