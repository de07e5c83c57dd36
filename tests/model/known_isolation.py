"""What each posted version violates where blocks are isolated, memory breaks, or an image is made."""

from __future__ import annotations

REFUSED = {"free_blocks_can_be_isolated"}
NO_LIST = {"lists_exist"}
ABSENT = {"mapped_means_usable", "no_kernel_fault"}
STRAY = NO_LIST | ABSENT | {"allocation_contract"}  # absent pages are handed out as ordinary ones
UNDONE = {"free_pages_are_counted", "assert"}
RESIDUE = {"no_residue", "no_residue_strong"}
LAST_RESORT = {"flips_are_last_resort"}
FLIP_RACE = STRAY | {"free_pages_are_counted", "list_agreement"}
MAPPED_AGAIN = RESIDUE | {"unmapped_means_unmapped"}
IMAGE = MAPPED_AGAIN | {"blocks_are_uniform", "no_secret_in_image", "no_stale_tlb"}
IMAGE_OF_ANOTHER = IMAGE | {"no_kernel_fault", "no_sleep_in_atomic"}
HOTPLUG_RACE = {"assert", "custody", "deadlock", "free_pages_are_counted", "nothing_is_lost"}

V2: dict[str, set[str]] = {
    "contig": STRAY,
    "isolate-unmapped": STRAY,
    "contig-large-buddies": STRAY,
    "contig-pcplists": set(),
    "contig-race": set(),
    "contig-and-flip": FLIP_RACE,
    "hotplug": NO_LIST | ABSENT | {"custody_of_flag"},
    "hotplug-and-contig": UNDONE,
    "reporting": NO_LIST | RESIDUE | LAST_RESORT,
    "reporting-and-contig": {"free_pages_are_counted", "list_agreement"},
    "machine-check": NO_LIST | RESIDUE,
    "repair": NO_LIST | MAPPED_AGAIN | {"custody_of_entries"},
    "injected-failure": NO_LIST | RESIDUE | {"nothing_is_lost"},
    "soft-offline": NO_LIST,
    "unpoison-and-hotplug": HOTPLUG_RACE,
    "hibernation": NO_LIST | IMAGE,
    "hibernation-other-user": NO_LIST | IMAGE_OF_ANOTHER,
    "resume": NO_LIST | {"no_kernel_fault", "no_stale_tlb"},
}
V1: dict[str, set[str]] = {
    "contig-large-buddies": STRAY
    | RESIDUE
    | {"buddies_are_uniform", "list_agreement", "unmapped_means_unmapped"},
}
V4: dict[str, set[str]] = V2 | {
    "contig": REFUSED,
    "isolate-unmapped": REFUSED,
    "contig-large-buddies": REFUSED,
    "contig-and-flip": FLIP_RACE | REFUSED,
    "hotplug": REFUSED,
    "reporting": LAST_RESORT | {"no_residue_strong"},
    "machine-check": {"no_residue_strong"},
    "repair": MAPPED_AGAIN | {"custody_of_entries"},
    "injected-failure": {"no_residue_strong", "nothing_is_lost"},
    "soft-offline": set(),
    "hibernation": IMAGE,
    "hibernation-other-user": IMAGE_OF_ANOTHER,
    "resume": {"no_kernel_fault", "no_residue_strong"},
}
