"""What each posted version violates in the scenarios about isolation."""

from __future__ import annotations

REFUSED = {"free_blocks_can_be_isolated"}
NO_LIST = {"lists_exist", "mapped_means_usable", "no_kernel_fault"}
UNDONE = {"free_pages_are_counted", "assert"}

V2: dict[str, set[str]] = {
    "contig": NO_LIST,
    "contig-race": set(),
    "hotplug": NO_LIST | {"custody_of_flag"},
    "hotplug-and-contig": UNDONE,
}
V4: dict[str, set[str]] = V2 | {
    "contig": REFUSED,
    "hotplug": REFUSED,
}
