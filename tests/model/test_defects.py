"""Each known defect is found by a claim that was not made for it, in the stated number of steps."""

from __future__ import annotations

import pytest
from defects import DEFECTS
from searches import by_world, steps_to

FOUND = [case for each in DEFECTS for case in each.found]
REPAIRED = [(name, scenario, "proposed", None) for name, scenario, _, _ in FOUND]
QUICK = {
    ("flip-failure", "v1"),
    ("flip-failure", "v2"),
    ("map-back-failure", "v4"),
    ("neighbours", "v1"),
    ("mermap-error", "v2"),
}


@pytest.mark.parametrize(("scenario", "design", "steps"), by_world(FOUND, QUICK))
def test_it_is_found(scenario: str, design: str, steps: dict[str, int | None]) -> None:
    assert steps_to(steps, scenario, design) == steps


@pytest.mark.parametrize(("scenario", "design", "steps"), by_world(REPAIRED, {("neighbours", "proposed")}))
def test_the_proposal_repairs_it(scenario: str, design: str, steps: dict[str, int | None]) -> None:
    assert steps_to(steps, scenario, design) == steps
