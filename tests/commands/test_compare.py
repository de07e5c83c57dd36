"""`check compare`: repaired, broken, still violated, otherwise changed, the same."""

from __future__ import annotations

import json

from tests.commands.conftest import Check

SERIES = ("--load", "{models}/series.py", "--engine", "python")


def test_two_designs(check: Check) -> None:
    said = check("compare", "v1", "v2", *SERIES)
    assert said.lines == [
        "v1 -> v2",
        "broken (0)",
        "repaired (1):",
        "  no-leak: violated 5 (one-task) -> holds",
        "still violated (1):",
        "  one-owner: violated 4 (two-tasks) -> violated 6 (two-tasks)",
        "otherwise changed (0)",
        "the same (2): deadlock (holds), audits-agree (not exercised)",
    ]
    assert said.code == 1


def test_what_was_broken(check: Check) -> None:
    said = check("compare", "v2/3", "v2/4", *SERIES)
    assert said.lines[1:3] == ["broken (1):", "  one-owner: holds -> violated 6 (two-tasks)"]
    assert said.code == 1
    said = check("compare", "v2", "v3", "--property", "one-owner", *SERIES)
    assert said.lines[2:4] == ["repaired (1):", "  one-owner: violated 6 (two-tasks) -> holds"]
    assert said.code == 0


def test_an_open_verdict_is_neither_repaired_nor_broken(check: Check) -> None:
    said = check("compare", "v1", "v3", "--max-depth", "5", "--property", "one-owner", *SERIES)
    assert said.lines[2:6] == [
        "repaired (0)",
        "still violated (0)",
        "otherwise changed (1):",
        "  one-owner: violated 4 (two-tasks) -> incomplete",
    ]
    assert said.code == 3


def test_json(check: Check) -> None:
    data = json.loads(check("compare", "v1", "v2", "--json", *SERIES).out)
    assert (data["before"], data["after"], data["exit_code"]) == ("v1", "v2", 1)
    assert [each["property"] for each in data["repaired"]] == ["no-leak"]
    (still,) = data["still violated"]
    assert (still["before"]["steps"], still["after"]["steps"]) == (4, 6)


def test_a_design_that_there_is_not(check: Check) -> None:
    said = check("compare", "v1", "v22", *SERIES)
    assert said.code == 2 and "there is no design `v22`" in said.err
