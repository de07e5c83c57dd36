"""What is known to be wrong with the posted versions, and where each of it shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """`found` names the property, the scenario, the design and the steps of the shortest trace."""

    says: str
    found: tuple[tuple[str, str, str, int], ...]


FLIP = (
    Defect(
        "v1: the failure path of the flip uses the free lists without the zone lock",
        (
            ("lists_under_lock", "flip-failure", "v1", 6),
            ("custody", "failure-race", "v1", 9),
            ("free_pages_are_counted", "failure-race", "v1", 9),
        ),
    ),
    Defect(
        "v1, v2: a failed flip lists its block under the freetype that was asked for",
        (
            ("list_agreement", "flip-failure", "v2", 5),
            ("unmapped_means_unmapped", "flip-failure", "v2", 5),
            ("mapped_means_usable", "map-back-failure", "v2", 8),
            ("allocation_contract", "flip-failure", "v2", 8),
        ),
    ),
    Defect(
        "v1, v2: a failed flip leaves the entries that it has changed",
        (
            ("blocks_are_uniform", "flip-failure", "v2", 6),
            ("no_kernel_fault", "flip-failure", "v2", 15),
            ("blocks_are_uniform", "two-blocks", "v2", 6),
        ),
    ),
    Defect(
        "v4: the undo of a failed map-back is not flushed",
        (
            ("flush_before_publish", "map-back-failure", "v4", 14),
            ("no_stale_tlb", "map-back-failure", "v4", 14),
        ),
    ),
    Defect("v1, v2: what an unmapped user wrote survives the map-back", (("no_residue", "flip", "v2", 25),)),
    Defect(
        "v4: the block is reachable between the map-back and the scrub",
        (("no_residue_strong", "flip", "v4", 21),),
    ),
    Defect(
        "all: the mermap shows a page before it is cleared",
        (
            ("no_foreign_residue", "two-address-spaces", "v2", 8),
            ("no_foreign_residue", "two-address-spaces", "v4", 10),
        ),
    ),
    Defect(
        "all: a flip is tried with ALLOC_NOFRAGMENT, and does not look again under the lock",
        (
            ("flips_are_last_resort", "nofragment", "v4", 6),
            ("flips_are_last_resort", "failure-race", "v4", 7),
        ),
    ),
)
FREETYPES = (
    Defect(
        "v1: freetypes_equal() ignores the flags, so that blocks of different kinds merge",
        (("buddies_are_uniform", "neighbours", "v1", 3), ("list_agreement", "neighbours", "v1", 3)),
    ),
    Defect(
        "v1: an atomic unmapped request looks at (HIGHATOMIC, UNMAPPED), which has no list",
        (("lists_exist", "flip", "v1", 3),),
    ),
)
ZEROING = (
    Defect(
        "v1: init_on_free needs the mermap of whoever frees, and an interrupt has none",
        (("no_kernel_fault", "put-in-interrupt", "v1", 5),),
    ),
    Defect(
        "v1: the reserved mermap asks for a global mapping, which is refused",
        (("no_kernel_fault", "no-slot", "v1", 18),),
    ),
    Defect(
        "v1, v2: migration stays disabled after an error", (("migration_balance", "mermap-error", "v2", 4),)
    ),
    Defect(
        "v1, v2: mermap entries outlive the page",
        (("no_stale_tlb", "two-address-spaces", "v2", 11),),
    ),
    Defect(
        "all: page poisoning touches unmapped pages through the direct map",
        (("no_kernel_fault", "page-poisoning", "v4", 13),),
    ),
    Defect(
        "all: debug_pagealloc maps what an unmapped request returns",
        (("unmapped_means_unmapped", "debug-pagealloc", "v4", 14),),
    ),
    Defect(
        "v4: init_on_alloc writes unmapped pages through the direct map",
        (("no_kernel_fault", "init-on-alloc", "v4", 13),),
    ),
    Defect(
        "v4: the scrub of a flip overwrites the pattern of page poisoning in free pages",
        (("poison_intact", "page-poisoning", "v4", 30),),
    ),
)
MERMAP = (
    Defect(
        "v4: two removals share AS_MERMAP_STALE, and one frees before the other has flushed",
        (("no_stale_tlb", "two-removals", "v4", 25), ("no_stale_tlb", "removal-and-close", "v4", 15)),
    ),
    Defect(
        "v1, v2, v4: a mapping error leaves entries behind in released addresses",
        (("one_translation_per_address", "mermap-error", "v4", 14),),
    ),
)
DEFECTS = (*FLIP, *FREETYPES, *ZEROING, *MERMAP)
