"""Each repair is needed, each broken rule and each what-if is found."""

from __future__ import annotations

import pytest
from searches import violated

from model.design import Callers, FailureList, Scrub, Stale, Zeroing


@pytest.mark.parametrize(
    ("scenario", "switch", "found"),
    [
        ("flip", {"scrub": Scrub.NONE}, "no_residue"),
        ("flip", {"scrub": Scrub.AFTER_MAP}, "no_residue_strong"),
        ("two-address-spaces", {"scrub": Scrub.AFTER_MAP}, "no_foreign_residue"),
        ("stale-after-free", {"stale": Stale.NOBODY}, "no_stale_tlb"),
        ("two-removals", {"stale": Stale.PER_MAPPING}, "no_stale_tlb"),
        ("map-back-failure", {"undo_flush": False}, "no_stale_tlb"),
        ("mermap-error", {"error_unmaps": False}, "no_stale_tlb"),
        ("mermap-error", {"error_unpins": False}, "migration_balance"),
        ("flip-failure", {"failure_list": FailureList.WANTED}, "list_agreement"),
        ("flip-failure", {"failure_undo": False}, "no_kernel_fault"),
        ("two-flips", {"failure_lock": False, "no_memory": True}, "custody"),
        ("neighbours", {"merge_compares_flags": False}, "list_agreement"),
        ("no-slot", {"reserve_global": True}, "no_kernel_fault"),
        ("init-on-free", {"zeroing": Zeroing.ALLOCATOR}, "no_stale_tlb"),
    ],
)
def test_each_repair_is_needed(scenario: str, switch: dict[str, object], found: str) -> None:
    """The proposal with one switch put back."""
    assert found in violated(scenario, "proposed", switch)


@pytest.mark.parametrize(
    ("callers", "scenario", "found"),
    [
        (Callers.NO_FLUSH_BEFORE_FREE, "stale-after-free", {"no_stale_tlb"}),
        (
            Callers.FOREIGN_PAGE,
            "mermap-two-processes",
            {"no_stale_tlb", "no_foreign_write", "no_foreign_residue"},
        ),
        (Callers.OTHER_CPU, "mermap-migration", {"fresh_mermap_translation"}),
    ],
)
def test_each_broken_rule_is_found(callers: Callers, scenario: str, found: set[str]) -> None:
    assert found <= violated(scenario, "proposed", {"callers": callers})
    assert not violated(scenario, "proposed", {"callers": Callers.OBEDIENT})


@pytest.mark.parametrize(
    ("switch", "scenario", "found"),
    [
        ({"unmap_flush": False}, "flip", {"no_stale_tlb", "flush_before_publish", "unmapped_means_unmapped"}),
        (
            {"rewind_flush": False},
            "mermap",
            {"clean_frontier", "one_translation_per_address", "fresh_mermap_translation"},
        ),
        ({"rewind_flush": False}, "mermap-preempted", {"rewind_discipline"}),
        ({"flush_under_lock": True}, "flip-and-alloc", {"shootdown_context", "deadlock"}),
    ],
)
def test_each_what_if_is_found(switch: dict[str, object], scenario: str, found: set[str]) -> None:
    assert found <= violated(scenario, "proposed", switch)
