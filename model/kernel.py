"""The state: what the kernel and the hardware remember. Who changes a field, and under which lock, stands
beside it."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from checker.language import Array, Range, Record, Set, record, state
from model.bounds import Bounds
from model.design import Design
from model.freetype import FreeList, Kind, Migratetype
from model.indexes import Asid as Asid
from model.indexes import Block as Block
from model.indexes import Cpu as Cpu
from model.indexes import File as File
from model.indexes import Mm as Mm
from model.indexes import Offset as Offset
from model.indexes import Page as Page
from model.indexes import Slot as Slot
from model.indexes import Task as Task
from model.indexes import Va as Va
from model.indexes import Zone as Zone
from model.processor import Processor
from model.processor import Request as Request

Order = Annotated[int, Range(0, 3)]  # up to one above that of a pageblock of four pages


class Context(Enum):
    """In which context a thread of control runs."""

    PROCESS = "a process: it may sleep, and has an address space"
    KTHREAD = "a kernel thread: it may sleep, and has no address space"
    IRQ = "an interrupt handler: on top of whatever its CPU runs, with interrupts off"


class Hand(Enum):
    """In whose hands a page is. No such field is kept: it follows from lists, locals and the page cache."""

    LISTED = "part of a buddy on a free list"
    PCP = "on a per-CPU list"
    LIMBO = "off every list, in a local variable of the task that is working on it"
    KERNEL = "allocated by an ordinary request"
    LRU = "allocated by a movable request: a page of a process that may be migrated and reclaimed"
    CALLER = "allocated by an unmapped request, not yet (or no longer) reachable by anybody else"
    CACHE = "allocated by an unmapped request and in use by its process"
    ZAPPING = "allocated by an ordinary request for a file without a direct map; a task has it locked"
    ZAPPED = "the same, in the file and in use"
    OFFLINE = "taken out of use for good: poisoned memory, or a removed block"


class Kept(Enum):
    """What keeps a poisoned page from being used again."""

    BY_NOTHING = "nothing: it is in use, or was freed to nowhere"
    BY_REFERENCE = "a reference of memory_failure()'s"
    OFF_THE_LISTS = "PageHWPoisonTakenOff: it was free, and is off the buddy lists"


class Contents(Enum):
    """What the page's bytes are, secrets apart."""

    ZERO = "zeroes"
    OTHER = "some data"
    POISON = "the pattern of page poisoning"


class CompactPriority(Enum):
    """enum compact_priority: how hard compaction tries."""

    SYNC_FULL = "the highest: any block will do as a target"
    SYNC_LIGHT = "the usual one"
    ASYNC = "the lowest: for the first attempt of a large request"


class CompactResult(Enum):
    """enum compact_result, as far as its values lead to different decisions."""

    SKIPPED = "not begun: too few free pages for targets"
    DEFERRED = "not begun: it has failed lately"
    CONTINUE = "it may begin, or go on"
    COMPLETE = "the scanners met, and the request is not served"
    SUCCESS = "the request should be served now"


class Entry(Enum):
    """The size of the direct-map entry that maps a block."""

    HUGE = "1G: one for all blocks of the zone"
    LARGE = "2M: one for the block"
    SMALL = "4K: one for each page"


@record
class CaptureControl(Record):
    """struct capture_control of a task in direct compaction; read by whoever frees on its CPU."""

    active: bool
    zone: Zone
    order: Order
    ft: tuple[Migratetype, Kind]
    page: Page | None  # what was captured


@record
class Attempt(Record):
    """What __alloc_pages_slowpath() knows of its request: its locals that other functions change."""

    did_some_progress: bool
    no_progress_loops: Annotated[int, Range(0, 3)]
    compact_priority: CompactPriority
    compact_result: CompactResult
    compaction_retries: Annotated[int, Range(0, 3)]
    laps: Annotated[int, Range(0, 3)]  # rounds in which reclaim freed a page and compaction moved none
    gave_up: Kind | None  # in the very step in which it ends without a page: of which kind that was to be
    migratetype: Migratetype  # of such a request, as are the next two
    order: Order
    patient: bool  # it may sleep and reclaim
    reserves: bool  # ALLOC_MIN_RESERVE is among the flags by which the lists are looked at just now


@record
class Thread:
    """One task."""

    cpu: Cpu
    mm: Mm
    context: Context
    migrate_disabled: Annotated[int, Range(0, 3)]  # nesting depth
    mappings: Annotated[int, Range(0, 3)]  # mappings of a mermap that it holds
    kmapped: Page | None  # what it has mapped by kmap_local_page(): kmap_ctrl
    capture: CaptureControl  # current->capture_control
    trylocks_only: bool  # it may have interrupted whoever holds a lock, so it waits for none
    nofs: bool  # PF_MEMALLOC_NOFS: whatever it allocates, it does not enter a filesystem
    splits: Annotated[int, Range(0, 2)]  # page tables that it is about to get, one within another
    freepages: Set[Page]  # compact_control.freepages: isolated as targets
    attempt: Attempt
    mmu_changed: bool  # kvm->mmu_invalidate_seq is another than the one that its fault has read


@record
class Allocation(Record):
    """struct mermap_alloc: addresses [base, base + size) of the CPU's region."""

    in_use: bool
    base: Annotated[int, Range(0, "vas")]
    size: Annotated[int, Range(0, 2)]


@record
class MermapCpu(Record):
    """struct mermap_cpu: one CPU's region of one address space. Changed with preemption off."""

    next_addr: Annotated[int, Range(0, "vas")]  # the first address never mapped since the last local flush
    blank: bool  # it is still zeroed memory: next_addr is no address of the region
    freed: bool
    slot: Array[Slot, Allocation]


@record
class AddressSpace:
    """One mm: its mermap, its mm-local page table, and its process's one AS_NO_DIRECT_MAP file mapping."""

    mermap: Array[Cpu, MermapCpu]
    pte: Array[Va, Page | None]
    mermap_stale: bool  # AS_MERMAP_STALE of the file mapping
    gone: bool  # not made yet, or exited; its context number is never given to another
    percpu: Mm  # mm->mermap.cpu: the address space for which this object was allocated
    unprepared: bool  # mm->mermap.cpu is NULL
    init_lock: Task | None  # mm->mermap.init_lock
    tables: Set[Cpu]  # whose regions have their page table
    unlinked: Set[Cpu]  # which of them are taken out and not freed yet
    global_pte: Set[Va]  # addresses whose entry is global
    region_used: bool  # MMF_LOCAL_REGION_USED: exit frees the tables
    ldt: bool  # it has an LDT, which is mapped into its mm-local region
    user_region: bool  # page-table isolation: user mode's tables have the region too
    user_pte: Array[Offset, Page | None]  # user addresses at which files are mapped; under their locks
    flush_pending: Set[Task]  # mm->tlb_flush_pending: who has cleared such an address, and is to flush it
    spte: Array[Offset, Page | None]  # second-level tables of the guest that the process runs; under mmu_lock
    mmu_lock: Task | None  # kvm->mmu_lock, where a flush is waited for with it held
    invalidations: Annotated[int, Range(0, 2)]  # kvm->mmu_invalidate_in_progress


@record
class FileMapping(Record):
    """struct address_space of a file, whose pages are mostly to be absent from the direct map.
    AS_MERMAP_STALE of the file is its maker's `mermap_stale`.
    """

    guest: bool  # a guest_memfd; else a secretmem file, unless
    ordinary: bool  # it is like any other
    sharers: Set[Mm]  # who has a descriptor of the file, or has it mapped
    readers: Set[Task]  # mapping->invalidate_lock
    writer: Task | None


@record
class Frame(Record):
    """One page: its struct page, its direct-map translation, and what is in it."""

    present: bool  # its direct-map translation; changed under cpa_lock
    alias: bool  # it has a vmalloc address too
    image: bool  # it has an address in the high kernel image too
    mermapped: bool  # suggested: it was mapped in a mermap, and the TLBs were not flushed since
    flush_begun: bool  # such a flush has begun since it was last mapped there
    secret_of: Mm | None  # whose secret the page holds, or the secret of whose file; None: no secret
    contents: Contents  # what else it holds
    hand: Hand
    holder: Task | None  # the task behind LIMBO, KERNEL, LRU, CALLER and CACHE; None for the kernel at large
    unevictable: bool  # on the LRU, but never reclaimed: mlocked, or without a place to be swapped out to
    list: FreeList | None  # of the head of a free buddy (PageBuddy) or a page on a per-CPU list: which list
    order: Order  # page_private of such a head; of an allocated page, the order of its allocation
    deferred: bool  # on zone->trylock_free_pages: freed, but still to be listed
    pcp: Cpu | None  # on whose per-CPU list it is
    mapping: File | None  # folio->mapping; under the lock of i_pages
    refs: Annotated[int, Range(0, 6)]  # _refcount, where somebody may have a reference who has no lock
    locked_by: Task | None  # PG_locked
    uptodate: bool  # PG_uptodate
    private: bool  # KVM_GMEM_FOLIO_NO_DIRECT_MAP
    poisoned: bool  # PG_hwpoison; under mf_mutex
    kept: Kept  # by which a poisoned page is; under the zone lock

    @property
    def at_rest(self) -> bool:
        """On a list or owned: not in the middle of an operation on the page itself."""
        return self.hand is not Hand.LIMBO and self.hand is not Hand.ZAPPING


@record
class PageBlock(Record):
    """The pageblock's bits."""

    migratetype: Migratetype  # PB_migrate_*; written under the zone lock, read without
    isolated: bool  # PB_migrate_isolate; the same
    flag: Kind  # PB_freetype_flags; written by an atomic exchange without the lock, read without
    entry: Entry  # which direct-map entry maps it; changed under cpa_lock
    flips: Annotated[int, Range(0, 3)]  # how often it was flipped; 3 stands for more, too
    flipping: bool  # proposed: it is in the middle of a flip; set under the zone lock
    removed: bool  # its memory section is offline; under the hotplug lock


@record
class ZoneState(Record):
    """struct zone. The lists themselves are in the pages' struct page."""

    locked_by: Task | None
    nr_free: Annotated[int, Range(0, 15)]  # NR_FREE_PAGES; under the lock
    pcp_lock: Array[Cpu, Task | None]  # per_cpu_pages.lock
    pcp_disabled_by: Task | None  # who is between zone_pcp_disable() and _enable(); a mutex
    compact_defer_shift: Annotated[int, Range(0, "defer_shift")]  # how many failures there were lately
    compact_considered: Annotated[int, Range(0, 4)]  # attempts since the last of them


@state(bounds=Bounds, design=Design)
class Kernel:
    """One node. What each scenario leaves out is not in its slice.

    Hold: a module with a kprobe on that function (or on what it calls next) whose handler delays, with
    mdelay(), for the task in question only; the tasks are pinned to their CPUs with taskset.
    """

    cpu: Array[Cpu, Processor]
    task: Array[Task, Thread]
    mm: Array[Mm, AddressSpace]
    page: Array[Page, Frame]
    pageblock: Array[Block, PageBlock]
    zone: Array[Zone, ZoneState]
    file: Array[File, FileMapping]
    i_pages: Array[Offset, Page | None]  # mapping->i_pages
    fs_lock: Task | None  # some lock of a filesystem, which its writing back takes too
    cpa_lock: Task | None  # held while an entry is looked up, split and changed
    hotplug_lock: Task | None  # mem_hotplug_begin() or get_online_mems()
    mf_mutex: Task | None  # serializes the handling of broken memory
    hw_memory_failure: bool  # there has been a real one; under mf_mutex
    cpus_read: Set[Task]  # cpus_read_lock(): no CPU is brought up or down
    hibernating: Task | None  # hibernate_acquire(): an atomic counter
    snapshotting: Task | None  # the only task that may move: the other CPUs are off, and interrupts too
    accessed: bool  # some access has been made at all; the four below are about accesses
    accessed_mermap: bool  # some through a mermap address
    kernel_fault: bool  # some access found no present entry, or a NULL was used
    misdirected: bool  # some access through a mermap address reached another page than the one asked for
    foreign_write: bool  # some access wrote a page in somebody else's hands
    zero_asked: bool  # some request with __GFP_ZERO has returned
    zero_missed: bool  # with a page that was not zero
    flipped: bool  # some flip has taken its blocks
    flipped_before_zone: bool  # although the list of another zone had one
    flipped_early: bool  # although the lists had a page of the wanted kind that would have done
    refused: bool  # some request has failed
    refused_early: bool  # although the lists had a page of the wanted kind that would have done
    poison_checked: bool  # page poisoning has checked some page
    poison_damaged: bool  # and reported that its pattern was overwritten while it was free
    bug_checked: bool  # some BUG_ON() was passed
    bug_hit: bool  # some BUG_ON() was true: the machine stops, though the model goes on
    map_allocated: bool  # a page table was allocated while something was mapped in a mermap
    freed_used: bool  # a percpu object of a mermap was used or freed again after it was freed
    leak_missed: bool  # an address space was torn down with a mapping left that nobody reported
    out_of_region: bool  # addresses beyond the region were given out
    used_elsewhere: bool  # a mapping of the mermap was used or put on another CPU than its own
    unflushed_free: bool  # the checker has found a page that was freed without a flush
    migration_noted: bool  # mermap_get() or mermap_put() has returned
    migration_unbalanced: bool  # with migration disabled more or less often than the task holds mappings
    reserve_asked: bool  # mermap_get_reserved() was called by somebody who kept the rules
    reserve_refused: bool  # mermap_get_reserved() failed although its caller kept the rules
    may_have_slept: bool  # something that may sleep was called at all
    slept_in_atomic: bool  # in a context that must not
    gup_used: bool  # a page that get_user_pages() has got was used
    gup_foreign: bool  # and it was not of the process that had asked for it
    imaged: bool  # some hibernation image has been made
    secret_in_image: bool  # and it holds an unmapped user's secret
    isolation_asked: bool  # some block was to be isolated
    isolation_relied_on: bool  # some range counted as isolated
    isolation_lost: bool  # and a block of it was not
    free_block_refused: bool  # and was refused although every page of it was free
    range_asked: bool  # some range was isolated for whoever wants to have it
    free_range_refused: bool  # and was not allocated although every page of it was free
    nolock_used: bool  # somebody who may wait for no lock has asked for memory, or given it back
    nolock_waited: bool  # and has waited for one
    lists_used: bool  # some list has been changed since boot at all
    index_misused: bool  # free_list[-1] was read or written, or a list of a CPU that is not there
    lists_unlocked: bool  # the lists or counters of a zone, or a CPU's lists, were used without their lock
