"""What is said of whole designs: the proposal violates nothing, and which callers v2 and v4 rely on."""

from __future__ import annotations

import pytest
from searches import DEFAULT, MODEL, search, shortest

from checker.language import World
from checker.language.properties import ALWAYS_POSSIBLE
from model.design import Callers, DirectMap, Stale

# What no small change repairs: a request that may not sleep cannot wait for a flip; and not to flip the last
# free block, because it was flipped before, would deny a request that it could serve.
UNREPAIRED = {"atomic_request_is_served", "no_ping_pong"}


@pytest.mark.long
def test_the_proposal_violates_nothing_and_is_exercised() -> None:
    """And for each property there is a scenario in which some condition decided it; but for what must stay
    possible, which is no condition, and for the restricted tables, which only test_asi.py has.
    """
    exercised = set()
    for scenario in DEFAULT:
        outcome = search(scenario, "proposed")
        assert outcome.complete and set(outcome.violations) <= UNREPAIRED
        for name, counts in outcome.conditions.items():
            if any(count.deciding and count.true + count.false for count in counts):
                exercised.add(name)
    conditions = {name for name, found in MODEL.properties.items() if found.kind != ALWAYS_POSSIBLE}
    assert exercised >= conditions - {"restricted_tables_reach_nothing_sensitive"}


@pytest.mark.slow
def test_v4_is_known_patch_by_patch() -> None:
    """Its 19th renames something, its 21st brings the flip, its 24th compaction, its last the page cache."""
    switches = ["unmapped_requests", "compact_unmapped", "stale"]
    posted = [
        [World(MODEL, "nofragment", preset=f"v4/{patch}").design[name] for name in switches]
        for patch in (20, 21, 24, 26)
    ]
    assert posted == [
        [False, False, Stale.NOBODY],
        [True, False, Stale.NOBODY],
        [True, True, Stale.NOBODY],
        [True, True, Stale.PER_MAPPING],
    ]
    assert World(MODEL, "nofragment", preset="v4/26").design == World(MODEL, "nofragment", preset="v4").design
    assert shortest("flips_are_last_resort", "nofragment", "v4/20") is None
    assert shortest("flips_are_last_resort", "nofragment", "v4/21") == 6


@pytest.mark.slow
def test_v2_is_unsafe_with_obedient_callers_too() -> None:
    """A flip that fails half-way lists a page whose entry is gone and whose translation is cached."""
    obedient = {"callers": Callers.OBEDIENT}
    assert shortest("no_stale_tlb", "stale-after-free", "v2", obedient) is None
    assert shortest("no_stale_tlb", "flip-failure", "v2", obedient) == 7
    large = obedient | {"direct_map": DirectMap.LARGE}
    assert shortest("no_stale_tlb", "flip-failure", "v2", large) is None


def test_v1_and_v2_zero_on_free_after_the_flush_of_an_obedient_caller() -> None:
    assert shortest("no_stale_tlb", "init-on-free", "v1", {"callers": Callers.OBEDIENT}) is not None


@pytest.mark.slow
def test_v4_is_safe_with_obedient_callers_where_nothing_unexpected_fails() -> None:
    """Its stale entries come from the flag that two removals share, not from the allocator."""
    for scenario in ("stale-after-free", "two-address-spaces", "two-removals", "removal-and-close"):
        assert shortest("no_stale_tlb", scenario, "v4", {"callers": Callers.OBEDIENT}) is None


@pytest.mark.long
@pytest.mark.parametrize(("scenario", "least"), [("three-cpus", 2_000_000), ("three-cpus-mermap", 200_000)])
def test_the_proposal_holds_in_large_scenarios(scenario: str, least: int) -> None:
    outcome = search(scenario, "proposed")
    assert outcome.complete and not outcome.violations
    assert outcome.states > least
