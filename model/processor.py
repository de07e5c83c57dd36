"""A CPU: what runs on it, what it has cached, and what it asks of the others."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from checker.language import Array, Range, Record, Set, record
from model.indexes import Asid, Cpu, Mm, Offset, Page, Task, Va


class Request(Enum):
    """A call-function request from one CPU to another."""

    NONE = "none"
    SENT = "sent"
    TAKEN = "taken"


class Flush(Enum):
    """What a CPU asks the others to flush."""

    ALL = "everything"
    PAGES = "the direct-map addresses of some pages"
    ADDRESS = "one user address of an address space"
    GUEST = "what the guest of one process can reach"
    TABLES = "one address space, of which tables are freed: CPUs that are lazy in it too"


class Hotplug(Enum):
    """How far a CPU is in being brought up."""

    ONLINE = "it counts as online: requests are sent to it"
    DEAD = "it does nothing"
    STARTING = "it runs the kernel, and does not count as online yet"


@record
class AsidSlot(Record):
    """struct tlb_context: who has the identifier. ctx_id of an address space is never used again."""

    mm: Mm | None
    behind: bool  # its generation is below that of the address space: to be flushed before it is used


@record
class Processor:
    """One CPU. Only its own steps change it, but for the requests, which the target moves on."""

    current: Task | None
    handler: Task | None  # the interrupt handler that runs on top of it
    mm: Mm  # loaded in CR3; stays when a task without an address space runs
    init_mm: bool  # but CR3 has no address space of a process
    irqs_off: bool
    preempt_count: Annotated[int, Range(0, 3)]
    direct_tlb: Set[Page]  # direct-map addresses: the translation is the identity, so the page says it all
    tlb: Set[tuple[Mm, Va, Page]]  # mermap addresses
    user_mode_tlb: Set[tuple[Mm, Va, Page]]  # page-table isolation: the same with the tag of user mode
    request: Array[Cpu, Request]  # what this CPU asked of each other one
    asker: Task | None  # whose requests these are
    asked: Flush  # what these requests are for, as are the next four
    asked_page: Page
    asked_order: Annotated[int, Range(0, 3)]
    asked_mm: Mm
    asked_offset: Offset
    hotplug: Hotplug
    lazy: bool  # a kernel thread runs, and the address space of the task before it stays loaded
    behind: bool  # the loaded address space's generation has moved on (where it has its tag for good)
    switching: Task | None  # cpu_tlbstate.loaded_mm is LOADED_MM_SWITCHING: whose address space is next
    switch_flushes: bool  # need_flush of that switch
    asid: Array[Asid, AsidSlot]
    next_asid: Asid  # to be given to somebody else next
    invalidate_other: bool  # page-table isolation: all tags but the loaded one are to be flushed before use
    tables_tlb: Set[tuple[Mm, Cpu]]  # paging-structure caches: where the table of a CPU's mermap region is
    tagged_tlb: Set[tuple[Mm, Page]]  # page-table isolation: direct-map translations are not global
    alias_tlb: Set[Page]  # vmalloc addresses
    user_tlb: Set[tuple[Mm, Offset, Page]]  # user addresses of files
    guest_tlb: Set[tuple[Mm, Offset, Page]]  # what the guest of a process has cached
    image_tlb: Set[Page]  # addresses in the kernel image
    kmap_pte: Page | None  # its fixmap entry for kmap_local_page(), in tables that all CPUs have
    kmap_tlb: Set[tuple[Cpu, Page]]  # such addresses, of any CPU
    restricted: bool  # address space isolation: the restricted tables are loaded
    walk: Page | None  # a walk of the direct map that has read its entry
    walk_mermap: Set[tuple[Mm, Va, Page]]  # the same of the mermap
    user: bool  # it is in user mode, and isolated from the rest of the system
    deferred: bool  # it is to flush when it enters the kernel
