"""Hibernation and broken memory, which meet pages that are absent."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch


@dataclass(frozen=True)
class BrokenMemorySwitches:
    """Part of Design."""

    snapshot_rechecks: bool = switch(
        False,
        "proposed: with processes frozen, hibernation is refused if an unmapped page is in use; v1, v2, v4, "
        "as mainline: only an open secretmem file is looked for, and only at the beginning",
    )
    snapshot_skips_poisoned: bool = switch(
        False,
        "proposed: saveable_page refuses a poisoned page; v1, v2, v4, as mainline: it is mapped and copied, "
        "also where an unmapped user left a secret in it",
    )
    resume_skips_unmapped: bool = switch(
        False,
        "proposed: clear_or_poison_free_pages leaves absent pages alone; v1, v2, v4, as mainline: it "
        "overwrites every free page through the direct map",
    )
    repair_leaves_unmapped: bool = switch(
        False,
        "proposed: clear_mce_nospec leaves pages of unmapped blocks, and those still in use, absent; v1, v2, "
        "v4, as mainline: it maps them",
    )
    unpoison_zeroes: bool = switch(
        False,
        "proposed: unpoison_memory zeroes a page of an unmapped block through the mermap before it frees it; "
        "v1, v2, v4, as mainline: it frees it as it is",
    )
    unpoison_frees_all: bool = switch(
        False,
        "proposed: unpoison_memory frees a page that was freed while it was poisoned; v1, v2, v4, as "
        "mainline: such a page only loses the flag",
    )
    poison_locks_hotplug: bool = switch(
        False,
        "proposed: memory_failure and unpoison_memory hold get_online_mems(); v1, v2, v4, as mainline: the "
        "block may go offline after it was seen online",
    )
    failure_waits: bool = switch(
        False,
        "proposed: get_hwpoison_page waits for whoever is taking or freeing the page, lists it if it was "
        "left by somebody who may not wait for a lock, and memory_failure tries again as often as it loses "
        "the race for a free page; v1, v2, v4, as mainline: three looks, and one more attempt",
    )
    free_spares_poisoned: bool = switch(
        False,
        "proposed: __free_frozen_pages frees the pages around a poisoned one one by one; v1, v2, v4, as "
        "mainline: only pages of order 0 are looked at",
    )
    unpoison_finds_offline: bool = switch(
        False,
        "proposed: unpoison_memory takes the flag of a page whose block is offline, too; v1, v2, v4, as "
        "mainline: there is no such page for it, and with the flag the block is refused when it is to come "
        "online again",
    )
    unpoison_needs_own: bool = switch(
        False,
        "proposed: unpoison_memory drops a reference only where memory_failure has kept one; v1, v2, v4, as "
        "mainline: of a page in use that was not dealt with it drops the owner's",
    )
