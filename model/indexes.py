"""What there is several of."""

from __future__ import annotations

from checker.language import Index


class Cpu(Index, size="cpus"):
    """A logical CPU: one TLB, interrupts on or off, one task at a time."""


class Task(Index, size="tasks"):
    """A thread of control: a process in the kernel, a kernel thread, or an interrupt handler."""


class Mm(Index, size="mms"):
    """An address space (mm_struct); it is also the TLB tag of its own entries."""


class Zone(Index, size="zones"):
    """A zone; the zonelist is in the order of their numbers."""


class Block(Index, within=Zone, size="blocks"):
    """A pageblock: the unit that a flip moves."""


class Page(Index, within=Block, size="pages"):
    """A page frame; the number is its pfn, and stands for its direct-map address too."""


class Va(Index, within=Cpu, size="vas"):
    """One page's worth of mermap addresses.

    Each CPU has a region of its own, at the same addresses in every address space.
    """


class File(Index, of=Mm):
    """A file that a process has made: one for each address space."""


class Offset(Index, within=File, size="offsets"):
    """One page's worth of a file; where the file is mapped, one address of each process."""


class Slot(Index, size="slots"):
    """An allocation of a CPU's mermap region. With a dedicated reserve slot the last one is it."""


class Asid(Index, size="asids"):
    """A dynamic address-space identifier of a CPU, where they are few."""
