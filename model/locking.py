"""Which lock covers what, for `check atomicity`. The fields that say who holds a lock are the lock itself."""

from __future__ import annotations

from checker.language import lock
from model.kernel import Cpu, File, Hand, Kernel, Mm, Page, Task, Zone


@lock(
    covers=(
        "zone[zone].nr_free",
        "page[].list",
        "page[].order",
        "pageblock[].migratetype",
        "pageblock[].isolated",
        "pageblock[].flipping",
    )
)
def zone_lock(k: Kernel, me: Task, zone: Zone) -> bool:
    """zone->lock: the free lists, which are kept in the pages here, and the types of its blocks."""
    return k.zone[zone].locked_by == me


@lock(covers=("page[].list", "page[].pcp"))
def pcp_lock(k: Kernel, me: Task, zone: Zone, cpu: Cpu) -> bool:
    """per_cpu_pages.lock: the lists of one CPU."""
    return k.zone[zone].pcp_lock[cpu] == me


@lock(covers="page[].pcp")
def pcp_batch_high_lock(k: Kernel, me: Task, zone: Zone) -> bool:
    """pcp_batch_high_lock, a mutex: the lists of all CPUs are emptied, and stay so."""
    return k.zone[zone].pcp_disabled_by == me


@lock(covers=("page[].present", "pageblock[].entry"))
def cpa_lock(k: Kernel, me: Task) -> bool:
    """cpa_lock: the entries of the direct map."""
    return k.cpa_lock == me


@lock(covers="pageblock[].removed")
def mem_hotplug_lock(k: Kernel, me: Task) -> bool:
    """mem_hotplug_lock: which blocks are online."""
    return k.hotplug_lock == me


@lock(covers=("page[].poisoned", "page[].kept", "hw_memory_failure"))
def mf_mutex(k: Kernel, me: Task) -> bool:
    """mf_mutex: which pages are poisoned, and what keeps them."""
    return k.mf_mutex == me


@lock(covers="fs_lock")
def fs_lock(k: Kernel, me: Task) -> bool:
    """A filesystem's lock; none of its data are modelled."""
    return k.fs_lock == me


@lock(covers=("page[].present", "page[].list", "page[].order", "page[].contents", "pageblock"))
def snapshot(k: Kernel, me: Task) -> bool:
    """No lock: the other CPUs are off, and so are interrupts."""
    return k.snapshotting == me


@lock(covers=("page[page].order", "page[page].list", "page[page].unevictable"))
def ownership(k: Kernel, me: Task, page: Page) -> bool:
    """No lock: the struct page of a page that a task has belongs to it."""
    return k.page[page].holder == me and k.page[page].hand is not Hand.CACHE


@lock(covers=("page[page].mapping", "page[page].uptodate", "page[page].private"))
def folio_lock(k: Kernel, me: Task, page: Page) -> bool:
    """PG_locked: what the folio's file is, and what is in it."""
    return k.page[page].locked_by == me


@lock(covers="file[file].sharers")
def invalidate_lock(k: Kernel, me: Task, file: File) -> bool:
    """mapping->invalidate_lock, a read-write semaphore."""
    return k.file[file].writer == me or me in k.file[file].readers


@lock(covers=("mm[mm].spte", "mm[mm].invalidations"))
def mmu_lock(k: Kernel, me: Task, mm: Mm) -> bool:
    """kvm->mmu_lock: the second-level tables."""
    return k.mm[mm].mmu_lock == me


@lock(
    covers=(
        "cpu[cpu].irqs_off",
        "cpu[cpu].preempt_count",
        "cpu[cpu].current",
        "cpu[cpu].asker",
        "cpu[cpu].asked",
        "cpu[cpu].asked_page",
        "cpu[cpu].asked_order",
        "cpu[cpu].asked_mm",
        "task[me]",
    )
)
def this_cpu(k: Kernel, me: Task, cpu: Cpu) -> bool:
    """A task's own fields, and those of the CPU that it runs on, which nobody else changes meanwhile."""
    return k.task[me].cpu == cpu


@lock(covers="task[other].capture")
def same_cpu(k: Kernel, me: Task, other: Task) -> bool:
    """Interrupts off: whoever else runs on this CPU, and reads or fills its own capture control, waits."""
    return k.task[other].cpu == k.task[me].cpu and k.cpu[k.task[me].cpu].irqs_off


@lock(covers="mm[].mermap[cpu]")
def preempt_disable(k: Kernel, me: Task, cpu: Cpu) -> bool:
    """The CPU's own part of each mermap, with preemption off."""
    return k.task[me].cpu == cpu and k.cpu[cpu].preempt_count > 0


@lock(covers=("mm[mm].percpu", "mm[mm].unprepared", "mm[mm].mermap", "mm[mm].tables"))
def init_lock(k: Kernel, me: Task, mm: Mm) -> bool:
    """mm->mermap.init_lock, a mutex: who sets the mermap of an address space up."""
    return k.mm[mm].init_lock == me


@lock(covers="mm[mm].percpu")
def prepared(k: Kernel, me: Task, mm: Mm) -> bool:
    """No lock: once it is set, the pointer stays until the last task of the process exits."""
    return k.task[me].mm == mm and not k.mm[mm].unprepared


@lock(
    covers=(
        "page[].hand",
        "page[].holder",
        "page[].secret_of",
        "accessed",
        "accessed_mermap",
        "kernel_fault",
        "misdirected",
        "foreign_write",
        "nolock_used",
        "nolock_waited",
        "lists_used",
        "index_misused",
        "lists_unlocked",
        "zero_asked",
        "zero_missed",
        "flipped",
        "pageblock[].flips",
        "flipped_before_zone",
        "flipped_early",
        "poison_checked",
        "poison_damaged",
        "bug_checked",
        "bug_hit",
        "may_have_slept",
        "slept_in_atomic",
        "imaged",
        "secret_in_image",
        "refused",
        "refused_early",
        "isolation_asked",
        "isolation_relied_on",
        "isolation_lost",
        "free_block_refused",
        "migration_noted",
        "migration_unbalanced",
    )
)
def bookkeeping(k: Kernel, me: Task) -> bool:
    """No lock: what the model remembers for the properties, and no kernel has a field for."""
    return True
