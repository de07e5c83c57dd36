"""What breaks is not used again: where a poisoned page is free or handed out, and what helps."""

from __future__ import annotations

import pytest
from searches import by_world, search, shortest, steps_to

FREE, HANDED_OUT = "poisoned_pages_are_not_free", "poisoned_pages_are_not_handed_out"
CASES = [
    # A page that breaks in the middle of a flip is looked at three times, and then listed or handed out.
    (FREE, "break-in-flip", 19),
    (HANDED_OUT, "break-in-flip", 20),
    # As mainline: one that breaks while it is allocated or freed; only pages of order 0 are looked at.
    (HANDED_OUT, "broken-block", 11),
    (FREE, "broken-block", 14),
    # As mainline: one that is freed by somebody who may not wait for a lock stays on a per-CPU list.
    (HANDED_OUT, "break-nolock", 12),
    (FREE, "break-nolock", 15),
    # As mainline: unpoison_memory() drops the reference of whoever has the page.
    ("custody_of_moves", "unpoison-in-use", 14),
]


FOUND = [(name, scenario, "v4", steps) for name, scenario, steps in CASES]


@pytest.mark.parametrize(("scenario", "design", "steps"), by_world(FOUND, {("broken-block", "v4")}))
def test_it_is_found_in_v4(scenario: str, design: str, steps: dict[str, int | None]) -> None:
    assert steps_to(steps, scenario, design) == steps
    assert set(steps_to(steps, scenario, "proposed").values()) == {None}


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["failure_waits", "free_spares_poisoned"])
def test_both_changes_are_needed_where_several_pages_are_freed(missing: str) -> None:
    assert shortest(FREE, "broken-block", "proposed", {missing: False}) is not None


def test_who_waits_for_a_page_lists_it_if_nobody_else_does() -> None:
    outcome = search("break-nolock", "proposed")
    assert outcome.complete and not outcome.violations


def test_waiting_is_enough_where_single_pages_are_freed() -> None:
    """A page that is being freed when it breaks is on the list before it is looked at."""
    alone = {"failure_waits": True}
    assert shortest(FREE, "break-in-flip", "v4", alone) is None
    assert shortest(HANDED_OUT, "break-in-flip", "v4", alone) is None
