"""Files without a direct map: what each design of secretmem and guest_memfd promises, and where it fails."""

from __future__ import annotations

import pytest
from searches import MODEL, by_world, search, shortest, slow_but, steps_to

from model.users import GmemPopulate, GupFast, NoDirectMap

STRONG = "file_pages_stay_out_of_direct_map_strong"
WEAK = "file_pages_stay_out_of_direct_map"

FOUND = [
    # secretmem by itself: the page is in the file before it is flushed, and restored before it is zeroed.
    (STRONG, "secretmem", "base", 8),
    ("no_residue_strong", "secretmem", "base", 22),
    # v4's slow stage, Approach X's first: the same restore.
    ("no_residue_strong", "secretmem", "gmem-x1", 22),
    # v4: the mermap shows a page before it is cleared.
    ("no_foreign_residue", "secretmem", "v4", 37),
    # A VMA is closed while a folio is added: the flag is cleared, and the loser of a race frees unflushed.
    ("no_stale_tlb", "secretmem-close", "v4", 27),
    # filemap_add_folio() uses current->mm.
    ("no_kernel_fault", "secretmem-kernel-thread", "v4", 5),
    # Reclaim without the hooks: absent pages on the list of mapped ones.
    ("mapped_means_usable", "secretmem-drop-caches", "gmem-x1", 22),
    ("no_kernel_fault", "secretmem-drop-caches", "gmem-x1", 28),
    # guest_memfd v12: in the file before it is zapped, and freed with the guest's data in the direct map.
    (STRONG, "guest-memory", "gmem-v12", 5),
    ("no_residue_strong", "guest-memory", "gmem-v12", 24),
    ("no_residue", "guest-memory", "gmem-v12", 26),
    # Zapped when it is added: then nobody can clear it through the direct map.
    ("no_kernel_fault", "guest-memory", "gmem-page-cache", 11),
    ("no_residue_strong", "guest-memory", "gmem-gfp-zero", 24),
    # Approach Y's first stage; the end of both.
    ("no_residue_strong", "guest-memory", "gmem-y1", 29),
    ("no_foreign_residue", "guest-memory", "gmem-x3", 43),
    ("no_foreign_residue", "guest-memory", "gmem-y2", 43),
    # Hibernation asks for secretmem files only.
    ("no_secret_in_image", "guest-hibernation", "gmem-v12", 22),
    ("no_secret_in_image", "guest-hibernation", "gmem-x3", 24),
    # A process that gives its file away keeps what the mermap has left on its CPU.
    ("no_stale_tlb", "guest-handed-over", "gmem-x3", 24),
]

HELD = [
    (WEAK, "secretmem", "base"),
    ("no_residue", "secretmem", "base"),
    (STRONG, "secretmem", "gmem-x1"),
    ("no_residue", "secretmem", "gmem-x1"),
    (STRONG, "secretmem", "v4"),
    ("no_residue_strong", "secretmem", "v4"),
    ("no_stale_tlb", "secretmem", "v4"),
    ("contents_are_own_or_zero", "secretmem", "v4"),
    (WEAK, "guest-memory", "gmem-v12"),
    ("contents_are_own_or_zero", "guest-memory", "gmem-v12"),
    ("no_kernel_fault", "guest-memory", "gmem-gfp-zero"),
    (STRONG, "guest-memory", "gmem-y1"),
    ("no_residue", "guest-memory", "gmem-y1"),
    ("no_stale_tlb", "guest-memory", "gmem-y1"),
    (STRONG, "guest-memory", "gmem-x3"),
    ("no_residue_strong", "guest-memory", "gmem-x3"),
    ("no_stale_tlb", "guest-memory", "gmem-x3"),
    ("only_owners_reach_pages", "guest-memory", "gmem-x3"),
]

ASKED = [*FOUND, *((*row, None) for row in HELD)]
QUICK = {
    ("secretmem", "base"),
    ("secretmem-kernel-thread", "v4"),
    ("guest-memory", "gmem-v12"),
    ("guest-memory", "gmem-y1"),
}

PROPOSED = [
    "secretmem", "secretmem-threads", "secretmem-close", "secretmem-failures", "secretmem-kernel-thread",
    "secretmem-drop-caches", "guest-memory", "guest-memory-failures", "guest-write", "guest-write-threads",
    "guest-handed-over", "gup-fast", "gup-fast-ordinary", "gup-fast-reused", "gup-slow", "page-frame-walker",
    "secretmem-removers", "guest-hibernation",
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "design", "steps"), by_world(ASKED, QUICK))
def test_what_is_found_and_what_holds(scenario: str, design: str, steps: dict[str, int | None]) -> None:
    assert steps_to(steps, scenario, design) == steps


@pytest.mark.parametrize("scenario", slow_but(["gup-fast"], zip(PROPOSED, strict=True)))
def test_the_proposal_with_guest_memfd_violates_nothing(scenario: str) -> None:
    outcome = search(scenario, "gmem-proposed")
    assert outcome.complete and not outcome.violations


@pytest.mark.long
@pytest.mark.parametrize("scenario", ["secretmem-fork", "guest-memory-mapped", "guest-memory-threads"])
def test_neither_does_it_in_the_large_scenarios(scenario: str) -> None:
    outcome = search(scenario, "gmem-proposed")
    assert outcome.complete and not outcome.violations


WHAT_IFS = [
    ("gmem_retries", "guest-memory-mapped", "gmem-x3", "only_owners_reach_pages"),
    ("gmem_retries", "guest-memory-mapped", "gmem-v12", "free_pages_are_in_no_file"),
    ("gmem_write_locks", "guest-write-threads", "gmem-x3", "no_stale_tlb"),
    ("gmem_write_locks", "guest-write-threads", "gmem-x3", "no_foreign_write"),
    ("gmem_write_locks", "guest-write-threads", "gmem-y1", "no_residue"),
    ("unmapped_option", "secretmem", "v4", WEAK),
    ("clears", "secretmem", "v4", "contents_are_own_or_zero"),
    ("clears", "guest-memory", "gmem-x3", "contents_are_own_or_zero"),
    ("error_puts", "secretmem-failures", "v4", "file_operations_end_clean"),
    ("gup_looks_at_vma", "gup-slow", "v4", "no_kernel_fault"),
]


@pytest.mark.parametrize(("switch", "scenario", "design", "found"), slow_but(["error_puts"], WHAT_IFS))
def test_each_what_if_is_found(switch: str, scenario: str, design: str, found: str) -> None:
    assert shortest(found, scenario, design, {switch: False}) is not None
    assert shortest(found, scenario, design) is None or design == "gmem-v12"


@pytest.mark.parametrize(
    ("how", "found"),
    slow_but(
        [GmemPopulate.KMAP],
        [(GmemPopulate.KMAP, True), (GmemPopulate.MERMAP, False), (GmemPopulate.FIRMWARE, False)],
    ),
)
def test_what_would_have_to_hold_for_confidential_guests(how: GmemPopulate, found: bool) -> None:
    """kmap_local_page() finds nothing once the page cache has zapped; physical addresses always do."""
    asked = ("no_kernel_fault", "contents_are_own_or_zero")
    fault, foreign = steps_to(asked, "guest-populate", "gmem-x3", {"gmem_populate": how}).values()
    assert (fault is not None) == found and foreign is None


def test_what_firmware_fills_is_exposed_when_it_is_freed_to_the_direct_map() -> None:
    exposed = {"gmem_populate": GmemPopulate.FIRMWARE}
    assert shortest("no_residue", "guest-populate", "gmem-v12", exposed) is not None


ALLOWED = {"gup_fast": GupFast.ALLOWED}
UNREAD = {**ALLOWED, "gup_rereads": False}


GUP: list[tuple[str, str, str, dict[str, object], int | None]] = [
    ("no_kernel_fault", "gup-fast", "v4", ALLOWED, None),
    ("no_kernel_fault", "gup-fast-broadcast", "v4", {}, None),
    ("no_kernel_fault", "gup-fast-broadcast", "base", ALLOWED, 26),
    ("no_kernel_fault", "gup-fast-broadcast", "v4", ALLOWED, 29),
    ("gup_gets_own_pages", "gup-fast-broadcast", "base", ALLOWED, None),
    ("gup_gets_own_pages", "gup-fast-broadcast", "base", UNREAD, 36),
    ("gup_gets_own_pages", "gup-fast-ordinary", "v4", {}, None),
    ("gup_gets_own_pages", "gup-fast-reused", "gmem-x1", ALLOWED, None),
    ("gup_gets_own_pages", "gup-fast-reused", "gmem-x1", UNREAD, 29),
    ("no_kernel_fault", "gup-fast-reused", "v4", ALLOWED, None),
    ("no_kernel_fault", "gup-fast-reused", "v4", UNREAD, 38),
]


QUICK_GUP = {("no_kernel_fault", "gup-fast-broadcast", "base"), ("gup_gets_own_pages", "gup-fast-ordinary")}


@pytest.mark.parametrize(("name", "scenario", "design", "switches", "steps"), slow_but(QUICK_GUP, GUP))
def test_who_may_be_given_a_folio_without_a_mapping(
    name: str, scenario: str, design: str, switches: dict[str, object], steps: int | None
) -> None:
    """gup_fast() has interrupts off, and removal waits for it where a flush needs an interrupt."""
    assert shortest(name, scenario, design, switches) == steps


@pytest.mark.slow
def test_only_pages_that_were_added_without_a_mapping_stay_cached_by_who_gives_the_file_away() -> None:
    """A mapping is flushed for when it is closed. secretmem adds only what is touched through one."""
    assert shortest("no_stale_tlb", "guest-handed-over", "gmem-x3") == 24
    assert shortest("no_stale_tlb", "guest-handed-over", "gmem-x3", {"release_flushes": True}) is None
    assert shortest("no_stale_tlb", "guest-handed-over", "v4") is None


@pytest.mark.slow
def test_the_fast_form_needs_the_option_of_the_allocator_and_not_that_of_the_mermap() -> None:
    """Chosen by CONFIG_MERMAP alone, it takes pages for absent that never left the direct map."""
    without = {"unmapped_option": False}
    assert shortest(WEAK, "secretmem", "v4", without) == 15
    assert shortest(WEAK, "secretmem", "v4", {**without, "no_direct_map": NoDirectMap.ZAP}) is None


OF_GUESTS = ("guest_memfd", "broken_folio")
FILES = ("gup", "filemap", "filemap_get", "secretmem", "truncate", "user_memory", *OF_GUESTS)
RUNS = [
    ("secretmem-threads", "base", {}),
    ("secretmem-failures", "base", {}),
    ("secretmem-failures", "gmem-x1", {}),
    ("secretmem-kernel-thread", "v4", {}),
    ("secretmem-drop-caches", "gmem-x1", {}),
    ("secretmem-fork", "gmem-proposed", {}),
    ("secretmem-life", "v4", {}),
    ("secretmem-failure", "gmem-x1", {}),
    ("guest-failure", "gmem-x3", {}),
    ("guest-failure", "gmem-proposed", {}),
    ("gup-fast-ordinary", "v4", {}),
    ("gup-slow", "v4", {}),
    ("page-frame-walker", "v4", {}),
    ("guest-memory", "gmem-v12", {}),
    ("guest-memory-failures", "gmem-v12", {}),
    ("guest-memory-mapped", "gmem-y1", {}),
    ("guest-memory-threads", "gmem-x3", {}),
    ("guest-write-threads", "gmem-x3", {}),
    ("guest-handed-over", "gmem-proposed", {}),
    ("guest-populate", "gmem-x3", {"gmem_populate": GmemPopulate.MERMAP}),
    ("guest-populate", "gmem-v12", {"gmem_populate": GmemPopulate.KMAP}),
]


TWO = {"cpus": 2, "mms": 2, "pages": 2}


@pytest.mark.long
def test_every_line_is_run_with_two_cpus_two_processes_and_two_folios() -> None:
    fired: dict[str, int] = {}
    for scenario, design, switches in RUNS:
        for block, count in search(scenario, design, switches, TWO, states=400_000).fired.items():
            _, file, line = block.rsplit(":", 2)
            if file.rpartition("/")[2].removesuffix(".py") in FILES:
                fired[f"{file}:{line}"] = fired.get(f"{file}:{line}", 0) + count
    assert {place.rpartition("/")[2].partition(".")[0] for place in fired} == set(FILES)
    assert [place for place, count in fired.items() if count == 0] == []


def test_every_property_of_files_fails_somewhere_and_holds_somewhere() -> None:
    own = {name for name, each in MODEL.properties.items() if each.function.__module__ == "properties.files"}
    failing = {name for name, *_ in FOUND} | {found for *_, found in WHAT_IFS}
    failing |= {name for name, *_, steps in GUP if steps is not None}
    holding = {name for name, *_ in HELD} | {found for *_, found in WHAT_IFS}
    holding |= {name for name, *_, steps in GUP if steps is None}
    assert len(own) >= 7
    assert own <= failing and own <= holding
