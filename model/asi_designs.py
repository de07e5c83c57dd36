"""The designs of address space isolation: what the restricted tables have, and what is flushed."""

from __future__ import annotations

from checker.language import switch, switches
from model.design import Design, Scrub, Stale, Zeroing

ISOLATED = {
    "asi": True,
    "zeroing": Zeroing.DIRECT_MAP,
    "stale": Stale.NOBODY,
    "scrub": Scrub.BEFORE_MAP,
}


@switches(
    extends=Design,
    presets={
        "asi-2025": {**ISOLATED, "unmap_flush": False},
        "asi-entry": {**ISOLATED, "unmap_flush": False, "asi_entry_flushes": True},
        "asi-flush": ISOLATED,
        "asi-mermap": {**ISOLATED, "zeroing": Zeroing.PAGE_CACHE, "stale": Stale.PER_FOLIO},
    },
)
class Asi:
    """Each process has restricted tables of its own. What they have of the direct map is the same for all:
    the lower levels are shared. So `present` of a page is its entry in every one of them, and `tagged_tlb`
    what is cached, by the tag of the process; an unmapped block is a sensitive one. The unrestricted kernel
    reaches all memory.

    `asi-2025` is the page allocator's RFC of 2025: zeroed before a block becomes nonsensitive, and no flush
    when it becomes sensitive. `asi-flush` has v4's flush there, `asi-entry` one when the restricted tables
    are entered instead. `asi-mermap` is `asi-flush` with sensitive pages cleared through the mermap, which
    the restricted tables have too, so that they need not be left. What was not read of that series is v4's.
    """

    asi: bool = switch(
        False, "RFC of 2025: unmapped blocks are absent from the restricted tables only; v1, v2, v4: no such"
    )
    asi_entry_flushes: bool = switch(
        False, "what-if: asi_enter() flushes what the CPU has cached of the restricted tables"
    )
