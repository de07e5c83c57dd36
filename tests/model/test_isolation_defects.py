"""The defects that isolation, broken memory and hibernation show: property, design, scenario, length of the
shortest trace, and the change that repairs each.
"""

from __future__ import annotations

import pytest
from searches import by_world, search, shortest, violated

from model.design import IsolateUnmapped

DEFECTS = [
    # A free unmapped block goes onto free_list[-1], and its absent pages are handed out.
    ("lists_exist", "v1", "isolate-unmapped", 2),
    ("no_kernel_fault", "v1", "isolate-unmapped", 8),
    # A free unmapped block is refused.
    ("free_blocks_can_be_isolated", "v4", "isolate-unmapped", 2),
    # A block is isolated while a flip has its pages; the flip then lists them as if it was not.
    ("list_agreement", "v4", "contig-and-flip", 14),
    ("free_pages_are_counted", "v4", "contig-and-flip", 14),
    ("lists_exist", "v4", "contig-and-flip", 19),
    ("no_kernel_fault", "v4", "contig-and-flip", 22),
    ("list_agreement", "v2", "contig-and-flip", 14),
    # The same while it goes offline: what a failed flip lists counts as isolated, and is flipped once more.
    ("list_agreement", "v4", "offline-and-flip", 16),
    ("no_bug", "v4", "offline-and-flip", 24),
    ("blocks_are_uniform", "v4", "offline-and-flip", 25),
    ("no_stale_tlb", "v4", "offline-and-flip", 26),
    ("custody_of_flag", "v4", "offline-and-flip", 32),
    # A range that could not be isolated undoes the isolation that was in its way.
    ("free_pages_are_counted", "v4", "hotplug-and-contig", 17),
    # A buddy of two blocks is put back as one, although one of them was isolated meanwhile.
    ("list_agreement", "v4", "reporting-and-contig", 6),
    # An image is made of a page whose file was opened after the only check, or is no secretmem file.
    ("no_secret_in_image", "v4", "hibernation", 21),
    ("no_secret_in_image", "v4", "hibernation-other-user", 9),
    # One page of an entry that is absent as a whole is mapped with interrupts off.
    ("no_sleep_in_atomic", "v4", "hibernation-other-user", 5),
    ("no_kernel_fault", "v4", "hibernation-other-user", 6),
    # After a resume free pages are zeroed through the direct map.
    ("no_kernel_fault", "v4", "resume", 5),
    # A repaired page is mapped while it is a secret.
    ("no_residue", "v4", "repair", 14),
    # An error that is taken back after the page was freed loses the page.
    ("nothing_is_lost", "v4", "injected-failure", 7),
    # An error is taken back in a block that has gone offline meanwhile.
    ("custody", "v4", "unpoison-and-hotplug", 27),
]


QUICK = {("isolate-unmapped", "v1"), ("resume", "v4"), ("reporting-and-contig", "v4")}
FOUND = [(name, scenario, design, length) for name, design, scenario, length in DEFECTS]


@pytest.mark.parametrize(("scenario", "design", "lengths"), by_world(FOUND, QUICK))
def test_defects(scenario: str, design: str, lengths: dict[str, int]) -> None:
    violations = search(scenario, design).violations
    assert {name: len(violations[name].events) for name in lengths} == lengths


@pytest.mark.slow
def test_a_snapshot_takes_no_page_from_its_frozen_owner() -> None:
    """It maps, copies and unmaps it, and the owner has it as before."""
    assert shortest("custody_of_moves", "hibernation-other-user", "v4") is None


@pytest.mark.long
@pytest.mark.parametrize(
    ("scenario", "switch", "found"),
    [
        ("isolate-unmapped", {"isolate_unmapped": IsolateUnmapped.REFUSED}, "free_blocks_can_be_isolated"),
        ("contig-and-flip", {"flip_marks_blocks": False}, "list_agreement"),
        ("offline-and-flip", {"flip_marks_blocks": False}, "custody_of_flag"),
        ("hotplug-and-contig", {"contig_undoes_own": False}, "free_pages_are_counted"),
        ("reporting-and-contig", {"putback_splits": False}, "list_agreement"),
        ("hibernation", {"snapshot_rechecks": False}, "no_secret_in_image"),
        ("resume", {"resume_skips_unmapped": False}, "no_kernel_fault"),
        ("repair", {"repair_leaves_unmapped": False}, "no_residue"),
        ("injected-failure", {"unpoison_zeroes": False}, "no_residue"),
        ("injected-failure", {"unpoison_frees_all": False}, "nothing_is_lost"),
        ("unpoison-and-hotplug", {"poison_locks_hotplug": False}, "custody"),
    ],
)
def test_each_repair_is_needed(scenario: str, switch: dict[str, object], found: str) -> None:
    """The proposal with one switch put back."""
    assert found in violated(scenario, "proposed", switch)
