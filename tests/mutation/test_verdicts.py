"""What the searches of a mutant come to: a survivor only where nothing is left open."""

from __future__ import annotations

from typing import Any

import pytest

from checker.mutation.verdicts import Fate, Notice, Record, exit_code

NOTICE = Notice("alone", 4, "two-tasks")


def record(**more: Any) -> Record:
    given: dict[str, Any] = {"mutant": None, "reason": None, "scenarios": ["one", "two"], **more}
    return Record(1, **given)


@pytest.mark.parametrize(
    ("more", "fate", "code"),
    [
        ({"notices": {"alone": NOTICE}, "unfinished": "one: time limit"}, Fate.NOTICED, 0),
        ({"unfinished": "one: time limit"}, Fate.INCOMPLETE, 3),
        ({"unfinished": "one: time limit", "reason": "a reason"}, Fate.INCOMPLETE, 3),
        ({"refused": {"one": "no such name", "two": "no such name"}}, Fate.STILLBORN, 3),
        ({"refused": {"one": "no such name"}}, Fate.SURVIVED, 1),
        ({}, Fate.SURVIVED, 1),
        ({"reason": "a reason"}, Fate.EXCUSED, 0),
        ({"reason": "a reason", "notices": {"alone": NOTICE}}, Fate.NOTICED, 1),  # the reason is wrong
    ],
)
def test_the_fate_of_a_mutant(more: dict[str, Any], fate: Fate, code: int) -> None:
    found = record(**more)
    assert found.fate is fate and exit_code([found]) == code


def test_the_worst_says_the_exit_code() -> None:
    survivor, open_one, noticed = record(), record(unfinished="x"), record(notices={"alone": NOTICE})
    assert exit_code([noticed, open_one, survivor]) == 1
    assert exit_code([noticed, open_one]) == 3
    assert exit_code([noticed, record(refused={"one": "", "two": ""})]) == 0


def test_the_shortest_notice_is_kept() -> None:
    found = record()
    for steps in (None, 6, 4, 5):
        found.notice(Notice("alone", steps, "one"))
    assert [each.steps for each in found.found] == [4]
