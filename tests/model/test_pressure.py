"""Where memory is short: which request is denied what it could have had, in which version, and how soon."""

from __future__ import annotations

import pytest
from searches import search, shortest, slow_but, violated

SCENARIOS = [
    "locked-page-per-block",
    "no-movable-target",
    "reclaim-in-vain",
    "reclaim-in-vain-unmovable",
    "compaction-deferred",
    "movable-request",
    "kernel-request",
    "unmapped-request",
    "compaction-target",
    "flip-under-scanner",
    "capture",
    "pages-on-other-cpu",
    "reserve",
]
DENIED = "unmapped_request_is_served"
FAULT = {"no_kernel_fault": 37, "mapped_means_usable": 38, "allocation_contract": 38}
V4 = {
    "locked-page-per-block": {},
    "no-movable-target": {DENIED: 42},
    "reclaim-in-vain": {},
    "reclaim-in-vain-unmovable": {"reclaim_terminates": 103, DENIED: 198},
    "compaction-deferred": {DENIED: 86},
    "movable-request": {"mapped_request_is_served": 10},
    "kernel-request": {},
    "unmapped-request": {},
    "compaction-target": FAULT,
    "flip-under-scanner": {"no_kernel_fault": 31, "mapped_means_usable": 32, "allocation_contract": 32},
    "capture": FAULT | {"lists_exist": 39},
    "pages-on-other-cpu": {"cached_pages_are_used": 33},
    "reserve": {"reserves_are_left": 10},
}
V2 = V4 | {
    "reserve": {"reserves_are_left": 10, "lists_exist": 10},
    "locked-page-per-block": {"lists_exist": 4, DENIED: 14},
    "no-movable-target": {"lists_exist": 4, DENIED: 14},
    "reclaim-in-vain": {"reclaim_terminates": 25, DENIED: 42},
    "reclaim-in-vain-unmovable": {"reclaim_terminates": 25, DENIED: 42},
}
V1 = {
    "capture": {
        "allocation_contract": 12,
        "mapped_means_usable": 12,
        "no_kernel_fault": 12,
        "lists_exist": 39,
        "mapped_request_is_served": 45,
    },
    "reserve": {"reserves_are_left": 10, "lists_exist": 10},
}
CASES = [("v4", scenario) for scenario in SCENARIOS] + [("v2", s) for s in V2 if V2[s] is not V4[s]]
CASES += [("v1", scenario) for scenario in V1]


QUICK = {("v4", "no-movable-target"), ("v4", "kernel-request"), ("v1", "reserve")}


@pytest.mark.parametrize(("design", "scenario"), slow_but(QUICK, CASES))
def test_posted_versions(design: str, scenario: str) -> None:
    outcome = search(scenario, design)
    expected = {"v1": V1, "v2": V2, "v4": V4}[design][scenario]
    assert outcome.complete
    assert {name: found.depth for name, found in outcome.violations.items()} == expected


@pytest.mark.long
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_proposal_holds(scenario: str) -> None:
    outcome = search(scenario, "proposed")
    assert outcome.complete and not outcome.violations


@pytest.mark.long
@pytest.mark.parametrize(
    ("scenario", "switch", "found"),
    [
        ("no-movable-target", "compact_harder", DENIED),
        ("compaction-deferred", "compact_harder", DENIED),
        ("movable-request", "flip_any_type", "mapped_request_is_served"),
        ("compaction-target", "target_is_mapped", "no_kernel_fault"),
        ("flip-under-scanner", "target_is_mapped", "no_kernel_fault"),
        ("pages-on-other-cpu", "drain_first", "cached_pages_are_used"),
        ("locked-page-per-block", "compact_unmapped", DENIED),
        ("reserve", "flip_keeps_reserve", "reserves_are_left"),
        ("reporting", "flip_keeps_reserve", "reserves_are_left"),
    ],
)
def test_each_repair_is_needed(scenario: str, switch: str, found: str) -> None:
    """The proposal without one of its changes."""
    assert found in violated(scenario, "proposed", {switch: False})


@pytest.mark.slow
def test_it_is_the_deferral_that_denies_the_request() -> None:
    """Where failures do not double the pause, a request that compaction can serve is served."""
    outcome = search("compaction-deferred", "v4", bounds={"defer_shift": 0})
    assert outcome.complete and DENIED not in outcome.violations


@pytest.mark.slow
def test_a_flip_comes_before_the_next_zone() -> None:
    """Until the proposal tries the lists of all zones first."""
    assert shortest("flips_come_after_other_zones", "two-zones", "v2") == 3
    assert shortest("flips_come_after_other_zones", "two-zones", "v4") == 3
    assert shortest("flips_come_after_other_zones", "two-zones", "proposed") is None


@pytest.mark.parametrize("design", slow_but(["v4"], [("v2",), ("v4",), ("proposed",)]))
def test_no_version_serves_an_atomic_request_from_unmapped_memory(design: str) -> None:
    """A flip may sleep; that the watermark was passed does not help. No small change repairs it."""
    assert shortest("atomic_request_is_served", "all-free-is-unmapped", design) == 3


@pytest.mark.parametrize("design", ["v1", "v2", "v4"])
def test_posted_versions_flip_a_block_that_the_watermark_keeps(design: str) -> None:
    """They have tested it for the single page that was asked for."""
    assert shortest("reserves_are_left", "reporting", design) == 6


@pytest.mark.slow
@pytest.mark.parametrize("design", ["v1", "v2", "v4"])
def test_posted_versions_flip_back_and_forth_though_they_could_steal(design: str) -> None:
    found = search("ping-pong", design)
    assert found.complete and set(found.violations) >= {"flips_are_last_resort", "no_ping_pong"}


@pytest.mark.slow
def test_the_proposal_flips_back_and_forth_only_when_nothing_else_is_left() -> None:
    """No small change repairs that: both kinds are wanted in turn, and one block is free."""
    found = search("ping-pong", "proposed")
    assert found.complete and set(found.violations) == {"no_ping_pong"}
    assert found.violations["no_ping_pong"].depth > search("ping-pong", "v4").violations["no_ping_pong"].depth
