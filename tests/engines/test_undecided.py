"""What a reduced search and the one that answers the rest say together."""

from __future__ import annotations

import pytest

from checker.engines.outcome import UNDECIDED, Limits, Outcome, Violation
from checker.engines.undecided import completed, left_for_another


def violation(name: str) -> Violation:
    return Violation(name, "always possible", 3, [], ())


def reduced(**more: object) -> Outcome:
    given = {"states": 10, "complete": True, "covered_depth": 9, "undecided": frozenset({"goal"}), **more}
    return Outcome(reduced=True, seconds=2.0, memory_bytes=50, **given)  # type: ignore[arg-type]


def test_only_what_was_left_open_is_taken_from_the_second_one() -> None:
    full = Outcome(states=40, seconds=3.0, memory_bytes=70, complete=True, covered_depth=12)
    full.violations = {name: violation(name) for name in ("goal", "other")}
    both = completed(reduced(violations={"first": violation("first")}), full)
    assert set(both.violations) == {"first", "goal"}
    assert (both.states, both.complete, both.ended, both.covered_depth) == (10, True, None, 9)
    assert (both.seconds, both.memory_bytes, both.undecided) == (5.0, 70, frozenset())


def test_both_are_complete_or_neither() -> None:
    full = Outcome(states=40, complete=False, ended="time limit", covered_depth=4)
    both = completed(reduced(), full)
    assert (both.complete, both.ended, both.covered_depth) == (False, "time limit", 4)


def test_one_that_gave_up_has_no_part_in_the_answer() -> None:
    gave_up = reduced(complete=False, ended=UNDECIDED, in_full=["m.py:3: it reads tlb[]"])
    gave_up.violations = {"first": violation("first")}
    both = completed(gave_up, Outcome(states=40, complete=True))
    assert (both.states, both.reduced, both.violations) == (40, False, {})
    assert both.in_full == ["m.py:3: it reads tlb[]"]


@pytest.mark.parametrize(
    ("before", "left"), [(0.0, 6.0), (1.5, 7.5)], ids=["from the beginning", "that was resumed"]
)
def test_a_limit_of_time_is_for_both(before: float, left: float) -> None:
    limits = Limits(seconds=8.0, max_states=5)
    assert left_for_another(limits, reduced(seconds_before=before)) == Limits(seconds=left, max_states=5)
    assert left_for_another(Limits(), reduced()) == Limits()


def test_no_limit_is_below_nothing() -> None:
    left = left_for_another(Limits(seconds=1.0), reduced()).seconds
    assert left is not None and 0 < left < 0.01
