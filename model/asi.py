"""Address space isolation: the same allocator, whose flips change a second, restricted set of tables."""

from __future__ import annotations

from checker.language import action, running, switch, switches, when
from model.design import Design, Scrub, Stale, Zeroing
from model.kernel import Cpu, Kernel
from model.tlb import is_awake

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
    """`present` of a page is then its entry in the restricted tables, `direct_tlb` what is cached by their
    tag, an unmapped block a sensitive one. The unrestricted kernel reaches all memory.

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


@action(Cpu)
def asi_enter(k: Kernel, me: Cpu) -> None:
    """asi_enter(), RFC of 2025: the restricted tables are loaded before user mode or a guest runs; their tag
    keeps what was cached.

    Provoke: the task on that CPU returns to user mode, or runs its guest.
    """
    current = k.cpu[me].current
    when(Asi.asi and is_awake(k, me) and not k.cpu[me].restricted)
    when(current is not None and not running(current))
    k.cpu[me].restricted = True
    if Asi.asi_entry_flushes:
        k.cpu[me].direct_tlb.clear()


@action(Cpu)
def asi_exit(k: Kernel, me: Cpu) -> None:
    """asi_exit(), RFC of 2025: the kernel loads the unrestricted tables; a page fault in the restricted ones
    does it too (access_direct_map()).

    Provoke: any access to sensitive memory, or a context switch.
    """
    when(k.cpu[me].restricted)
    k.cpu[me].restricted = False
