"""Address space isolation: the same allocator, whose flips change a second, restricted set of tables."""

from __future__ import annotations

from checker.language import action, running, when
from model.asi_designs import Asi
from model.kernel import Cpu, Kernel, Page
from model.tlb import is_awake


@action(Cpu)
def asi_enter(k: Kernel, me: Cpu) -> None:
    """asi_enter(), RFC of 2025: the restricted tables of the process are loaded before user mode or a guest
    runs; their tag keeps what was cached.

    Provoke: the task on that CPU returns to user mode, or runs its guest.
    """
    current = k.cpu[me].current
    when(Asi.asi and is_awake(k, me) and not k.cpu[me].restricted)
    when(current is not None and not running(current))
    k.cpu[me].restricted = True
    if Asi.asi_entry_flushes:
        for page in Page:
            k.cpu[me].tagged_tlb.discard((k.cpu[me].mm, page))


@action(Cpu)
def asi_exit(k: Kernel, me: Cpu) -> None:
    """asi_exit(), RFC of 2025: the kernel loads the unrestricted tables; a page fault in the restricted ones
    does it too (access_direct_map()).

    Provoke: any access to sensitive memory, or a context switch.
    """
    when(k.cpu[me].restricted)
    k.cpu[me].restricted = False
