"""The state: what the kernel and the hardware remember. Who changes a field, and under which lock, stands
beside it."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from checker.language import Array, Index, Range, Record, Set, record, state
from model.bounds import Bounds
from model.design import Design


class Cpu(Index, size="cpus"):
    """A logical CPU: one TLB, interrupts on or off, one task at a time."""


class Task(Index, size="tasks"):
    """A kernel thread of control: a process in a system call or a fault."""


class Mm(Index, size="mms"):
    """An address space (mm_struct); it is also the TLB tag of its own entries."""


class Block(Index, size="blocks"):
    """A pageblock: the unit that a flip moves."""


class Page(Index, within=Block, size="pages"):
    """A page frame; the number is its pfn, and stands for its direct-map address too."""


class Va(Index, within=Cpu, size="vas"):
    """One page's worth of mermap addresses.

    Each CPU has a region of its own, at the same addresses in every address space.
    """


class Slot(Index, size="slots"):
    """An allocation of a CPU's mermap region. With a dedicated reserve slot the last one is it."""


class Kind(Enum):
    """A block's freetype flag, and what a request asks for."""

    MAPPED = "in the direct map"
    UNMAPPED = "absent from the direct map"

    @property
    def other(self) -> Kind:
        """ft_flags ^ FREETYPE_UNMAPPED."""
        return Kind.UNMAPPED if self is Kind.MAPPED else Kind.MAPPED


class FreeList(Index, size=2):
    """free_area[].free_list[]: one list for each kind."""


def freetype_idx(kind: Kind) -> FreeList:
    """include/linux/freetype.h, freetype_idx(); v4. Of one migratetype, so that no index is -1."""
    return FreeList(1) if kind is Kind.UNMAPPED else FreeList(0)


class Hand(Enum):
    """In whose hands a page is. No such field is kept: it follows from lists, locals and the page cache."""

    LISTED = "on a free list"
    LIMBO = "off every list, in a local variable of the task that is working on it"
    KERNEL = "allocated by an ordinary request"
    CALLER = "allocated by an unmapped request, not yet (or no longer) reachable by anybody else"
    CACHE = "allocated by an unmapped request and in use by its process"


class Request(Enum):
    """A call-function request from one CPU to another."""

    NONE = "none"
    SENT = "sent"
    TAKEN = "taken"


@record
class Processor:
    """One CPU. Only its own steps change it, but for the requests, which the target moves on."""

    current: Task | None
    mm: Mm  # loaded in CR3; stays when a task without an address space runs
    irqs_off: bool
    preempt_count: Annotated[int, Range(0, 3)]
    direct_tlb: Set[Page]  # direct-map addresses: the translation is the identity, so the page says it all
    tlb: Set[tuple[Mm, Va, Page]]  # mermap addresses
    request: Array[Cpu, Request]  # what this CPU asked of each other one


@record
class Thread:
    """One task."""

    cpu: Cpu
    mm: Mm
    migrate_disabled: Annotated[int, Range(0, 3)]  # nesting depth


@record
class Allocation(Record):
    """struct mermap_alloc: addresses [base, base + size) of the CPU's region."""

    in_use: bool
    base: Annotated[int, Range(0, "vas")]
    size: Annotated[int, Range(0, 2)]


@record
class MermapCpu:
    """struct mermap_cpu: one CPU's region of one address space. Changed with preemption off."""

    next_addr: Annotated[int, Range(0, "vas")]  # the first address never mapped since the last local flush
    slot: Array[Slot, Allocation]


@record
class AddressSpace:
    """One mm: its mermap, its mm-local page table, and its process's one AS_NO_DIRECT_MAP file mapping."""

    mermap: Array[Cpu, MermapCpu]
    pte: Array[Va, Page | None]
    mermap_stale: bool  # AS_MERMAP_STALE of the file mapping


@record
class Frame(Record):
    """One page."""

    present: bool  # its direct-map entry
    secret_of: Mm | None  # whose secret the page holds; None: zeroes, or data that is no secret
    hand: Hand
    holder: Task | None  # the task behind LIMBO, KERNEL, CALLER and CACHE

    @property
    def at_rest(self) -> bool:
        """On a list or owned: not in the middle of an operation on the page itself."""
        return self.hand is not Hand.LIMBO


@record
class Zone:
    """struct zone: its lock, and the free pages of each kind.

    Buddies are merged eagerly, so a set of pages says what the orders say.
    """

    locked_by: Task | None
    free_list: Array[FreeList, Set[Page]]  # under the lock


@state(bounds=Bounds, design=Design)
class Kernel:
    """One zone, one node; per-CPU page lists, watermarks, reclaim and compaction are left out."""

    cpu: Array[Cpu, Processor]
    task: Array[Task, Thread]
    mm: Array[Mm, AddressSpace]
    page: Array[Page, Frame]
    flag: Array[
        Block, Kind
    ]  # the pageblock's FREETYPE_UNMAPPED bit; written without the lock, read without it
    zone: Zone
    accessed: bool  # some access has been made at all; the four below are about accesses
    accessed_mermap: bool  # some through a mermap address
    kernel_fault: bool  # some access found no present entry, or a NULL was used
    misdirected: bool  # some access through a mermap address reached another page than the one asked for
    foreign_write: bool  # some access wrote a page in somebody else's hands
