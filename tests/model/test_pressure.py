"""Where memory is short: which request is denied what it could have had, in which version, and how soon."""

from __future__ import annotations

import pytest
from searches import MODEL, search, violated

SCENARIOS = [
    "locked-page-per-block",
    "no-movable-target",
    "reclaim-in-vain",
    "reclaim-in-vain-unmovable",
    "compaction-deferred",
    "movable-request",
    "compaction-target",
    "pages-on-other-cpu",
]
DENIED = "unmapped_request_is_served"
FAULT = {"no_kernel_fault": 36, "mapped_means_usable": 37, "allocation_contract": 37}
V4 = {
    "locked-page-per-block": {},
    "no-movable-target": {DENIED: 40},
    "reclaim-in-vain": {},
    "reclaim-in-vain-unmovable": {"reclaim_terminates": 85, DENIED: 162},
    "compaction-deferred": {DENIED: 76},
    "movable-request": {"mapped_request_is_served": 10},
    "compaction-target": FAULT,
    "pages-on-other-cpu": {"cached_pages_are_used": 33},
}
V2 = V4 | {
    "locked-page-per-block": {"lists_exist": 4, DENIED: 14},
    "no-movable-target": {"lists_exist": 4, DENIED: 14},
    "reclaim-in-vain": {"reclaim_terminates": 25, DENIED: 42},
    "reclaim-in-vain-unmovable": {"reclaim_terminates": 25, DENIED: 42},
}
CASES = [("v4", scenario) for scenario in SCENARIOS] + [("v2", s) for s in V2 if V2[s] is not V4[s]]


@pytest.mark.parametrize(("design", "scenario"), CASES)
def test_posted_versions(design: str, scenario: str) -> None:
    outcome = search(scenario, design)
    expected = V4[scenario] if design == "v4" else V2[scenario]
    assert outcome.complete
    assert {name: found.depth for name, found in outcome.violations.items()} == expected


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_proposal_holds(scenario: str) -> None:
    outcome = search(scenario, "proposed")
    assert outcome.complete and not outcome.violations


@pytest.mark.parametrize(
    ("scenario", "switch", "found"),
    [
        ("no-movable-target", "compact_harder", DENIED),
        ("compaction-deferred", "compact_harder", DENIED),
        ("movable-request", "flip_any_type", "mapped_request_is_served"),
        ("compaction-target", "target_is_mapped", "no_kernel_fault"),
        ("pages-on-other-cpu", "drain_first", "cached_pages_are_used"),
        ("locked-page-per-block", "compact_unmapped", DENIED),
    ],
)
def test_each_repair_is_needed(scenario: str, switch: str, found: str) -> None:
    """The proposal without one of its changes."""
    assert found in violated(scenario, "proposed", {switch: False})


def test_it_is_the_deferral_that_denies_the_request() -> None:
    """Where failures do not double the pause, a request that compaction can serve is served."""
    assert DENIED not in violated("compaction-deferred", "v4", bounds={"defer_shift": 0})


def test_every_scenario_exists() -> None:
    assert set(SCENARIOS) <= set(MODEL.scenarios)
