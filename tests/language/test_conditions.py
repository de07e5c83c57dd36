"""What is a condition of a predicate: what reads the state."""

from __future__ import annotations

from checker.language.conditions import conditions_of

LOW, PAGES = 1, (0, 1)


def constant(k: object) -> bool:
    return LOW <= 2 or all(p != q for p in PAGES for q in PAGES if p != q) or 1 < 2


def through_locals(k: object) -> bool:
    low = LOW
    high = k.n  # type: ignore[attr-defined]
    found = False
    for p in PAGES:
        if p == 0:
            found = True
    return low < 3 and high < 3 and found


def test_what_reads_nothing_of_the_state_is_no_condition() -> None:
    assert conditions_of(constant) == []


def test_a_local_is_of_the_state_by_what_it_is_assigned() -> None:
    assert [each.text for each in conditions_of(through_locals)] == ["high < 3", "found"]
