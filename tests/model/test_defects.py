"""Each known defect is found by a claim that was not made for it, in the stated number of steps."""

from __future__ import annotations

import pytest
from defects import DEFECTS
from searches import shortest

CASES = [pytest.param(*case, id=f"{case[2]}-{case[0]}-{case[1]}") for each in DEFECTS for case in each.found]


@pytest.mark.parametrize(("name", "scenario", "design", "steps"), CASES)
def test_it_is_found(name: str, scenario: str, design: str, steps: int) -> None:
    assert shortest(name, scenario, design) == steps


@pytest.mark.slow
@pytest.mark.parametrize(("name", "scenario"), sorted({case.values[:2] for case in CASES}))
def test_the_proposal_repairs_it(name: str, scenario: str) -> None:
    assert shortest(name, scenario, "proposed") is None
