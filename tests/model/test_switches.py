"""Each repair of the proposal is needed, each broken rule and each what-if is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from searches import MODEL, shortest, slow_but, steps_to

from checker.language import World
from checker.language.patches import presets_of
from model.design import Callers, FailureList, Zeroing
from model.users import Gmem, GmemFlush

# What of the proposal is put back to v4's value; where that shows, and by which claim.
NEEDED = {
    "scrub": ("flip", "no_residue_strong"),
    "stale": ("two-removals", "no_stale_tlb"),
    "undo_flush": ("map-back-failure", "no_stale_tlb"),
    "error_unmaps": ("mermap-error", "one_translation_per_address"),
    "hooks_skip_unmapped": ("init-on-alloc", "no_kernel_fault"),
    "flip_last": ("failure-race", "flips_are_last_resort"),
    "compact_harder": ("no-movable-target", "unmapped_request_is_served"),
    "drain_first": ("pages-on-other-cpu", "cached_pages_are_used"),
    "target_is_mapped": ("compaction-target", "no_kernel_fault"),
    "flip_any_type": ("movable-request", "mapped_request_is_served"),
    "flip_keeps_scope": ("filesystem-lock", "deadlock"),
    "isolate_unmapped": ("contig", "free_blocks_can_be_isolated"),
    "contig_undoes_own": ("hotplug-and-contig", "free_pages_are_counted"),
    "flip_flushes_all": ("vfree-small-block", "no_stale_tlb"),
    "flip_excludes_hotplug": ("flip-and-hotplug", "no_stale_tlb"),
    "rewind_everywhere": ("break-before-make", "break_before_make"),
    "image_unmapped_first": ("init-memory", "unmapped_means_unmapped"),
    "temporary_mm": ("exit-with-file", "no_kernel_fault"),
    "publish_last": ("prepare", "ready_means_set_up"),
    "flip_keeps_reserve": ("reporting", "reserves_are_left"),
    "flip_marks_blocks": ("contig-and-flip", "list_agreement"),
    "snapshot_rechecks": ("hibernation", "no_secret_in_image"),
    "snapshot_skips_poisoned": ("hibernation-after-failure", "no_secret_in_image"),
    "resume_skips_unmapped": ("resume", "no_kernel_fault"),
    "repair_leaves_unmapped": ("repair", "no_residue"),
    "unpoison_zeroes": ("injected-failure", "no_residue"),
    "unpoison_frees_all": ("injected-failure", "nothing_is_lost"),
    "putback_splits": ("reporting-and-contig", "list_agreement"),
    "unpoison_finds_offline": ("unpoison-and-hotplug", "nothing_is_lost"),
    "unpoison_needs_own": ("unpoison-in-use", "custody_of_moves"),
    "failure_waits": ("break-in-flip", "poisoned_pages_are_not_free"),
    "free_spares_poisoned": ("broken-block", "poisoned_pages_are_not_free"),
    "poison_locks_hotplug": ("unpoison-and-hotplug", "custody"),
    "reclaim": ("secretmem-drop-caches", "no_foreign_residue"),
    "add_needs_mm": ("secretmem-kernel-thread", "no_kernel_fault"),
    "release_flushes": ("guest-handed-over", "no_stale_tlb"),
    "error_folio_waits": ("guest-failure", "deadlock"),
}

# A repair of guest_memfd shows only with its flag.
GUEST: dict[str, object] = {"gmem": Gmem.MERMAP, "gmem_flush": GmemFlush.FREE_HOOK}
SHOWN_BY = {"release_flushes": GUEST, "error_folio_waits": GUEST}


def test_the_table_names_every_change_of_the_proposal() -> None:
    """The defaults are v4's."""
    assert MODEL.design is not None
    assert set(NEEDED) == set(presets_of(MODEL.design)["proposed"])


QUICK = {"undo_flush", "publish_last", "failure_waits", "temporary_mm", "error_unmaps"}


@pytest.mark.parametrize("switch", slow_but(QUICK, zip(NEEDED, strict=True)))
def test_each_change_of_the_proposal_is_needed(switch: str) -> None:
    scenario, found = NEEDED[switch]
    posted = World(MODEL, scenario, preset="v4").design[switch]
    others = SHOWN_BY.get(switch, {})
    assert shortest(found, scenario, "proposed", {**others, switch: posted}) is not None
    assert shortest(found, scenario, "proposed", others) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "switch", "found"),
    [
        ("flip-failure", {"failure_list": FailureList.WANTED}, "list_agreement"),
        ("flip-failure", {"failure_undo": False}, "blocks_are_uniform"),
        ("two-flips", {"failure_lock": False, "no_memory": True}, "custody"),
        ("neighbours", {"merge_compares_flags": False}, "list_agreement"),
        ("no-slot", {"reserve_global": True}, "no_kernel_fault"),
        ("init-on-free", {"zeroing": Zeroing.ALLOCATOR, "hooks_skip_unmapped": False}, "no_stale_tlb"),
        ("mermap-error", {"error_unpins": False}, "migration_balance"),
        ("flip", {"index_guard": False}, "lists_exist"),
    ],
)
def test_each_repair_of_v2_and_v4_is_needed(scenario: str, switch: dict[str, object], found: str) -> None:
    """The proposal with one switch put back to what an earlier version did."""
    assert shortest(found, scenario, "proposed", switch) is not None


RULES = [
    (Callers.NO_FLUSH_BEFORE_FREE, "stale-after-free", {"no_stale_tlb"}),
    (
        Callers.FOREIGN_PAGE,
        "mermap-two-processes",
        {"no_stale_tlb", "no_foreign_write", "no_foreign_residue"},
    ),
    (Callers.OTHER_CPU, "mermap-migration", {"fresh_mermap_translation"}),
]


@pytest.mark.parametrize(("callers", "scenario", "found"), slow_but([Callers.OTHER_CPU], RULES))
def test_each_broken_rule_is_found(callers: Callers, scenario: str, found: set[str]) -> None:
    assert None not in steps_to(found, scenario, "proposed", {"callers": callers}).values()
    obedient = steps_to(found, scenario, "proposed", {"callers": Callers.OBEDIENT})
    assert set(obedient.values()) == {None}


STEPS_OF_THE_RESERVE = """
from checker.language import step_invariant
from model.freetype import Migratetype
from model.kernel import Block, Kernel

def reserved(k: Kernel, block: Block) -> bool:
    return k.pageblock[block].migratetype is Migratetype.HIGHATOMIC

@step_invariant
def none_is_reserved(before: Kernel, after: Kernel) -> bool:
    return not any(reserved(after, block) and not reserved(before, block) for block in Block)

@step_invariant
def none_is_given_back(before: Kernel, after: Kernel) -> bool:
    return not any(reserved(before, block) and not reserved(after, block) for block in Block)
"""


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["none-is-reserved", "none-is-given-back"])
def test_the_reserve_is_made_and_given_back(claim: str, tmp_path: Path) -> None:
    """No scenario of the reserve is worth anything where that never happens."""
    (tmp_path / "reserve.py").write_text(STEPS_OF_THE_RESERVE)
    words = ["--load", str(tmp_path / "reserve.py"), "--property", claim, "--scenario", "reserve"]
    done = subprocess.run([sys.executable, "-m", "checker", *words], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr


WHAT_IFS = [
    ({"unmap_flush": False}, "flip", {"no_stale_tlb", "flush_before_publish", "unmapped_means_unmapped"}),
    (
        {"rewind_flush": False},
        "mermap",
        {"clean_frontier", "one_translation_per_address", "fresh_mermap_translation"},
    ),
    ({"rewind_flush": False}, "mermap-preempted", {"rewind_discipline"}),
    ({"flush_under_lock": True}, "flip-and-alloc", {"shootdown_context", "deadlock"}),
]


@pytest.mark.parametrize(("switch", "scenario", "found"), slow_but([({"unmap_flush": False},)], WHAT_IFS))
def test_each_what_if_is_found(switch: dict[str, object], scenario: str, found: set[str]) -> None:
    assert None not in steps_to(found, scenario, "proposed", switch).values()
