"""Which lock covers what, for `check atomicity`. The fields that say who holds a lock are the lock itself."""

from __future__ import annotations

from checker.language import lock
from model.kernel import Cpu, Kernel, Task, Zone


@lock(
    covers=(
        "zone[zone].nr_free",
        "page[].list",
        "page[].order",
        "pageblock[].migratetype",
        "pageblock[].isolated",
    )
)
def zone_lock(k: Kernel, me: Task, zone: Zone) -> bool:
    """zone->lock: the free lists, which are kept in the pages here, and the types of its blocks."""
    return k.zone[zone].locked_by == me


@lock(covers=("page[].list", "page[].pcp"))
def pcp_lock(k: Kernel, me: Task, zone: Zone, cpu: Cpu) -> bool:
    """per_cpu_pages.lock: the lists of one CPU."""
    return k.zone[zone].pcp_lock[cpu] == me


@lock(covers=("page[].present", "pageblock[].entry"))
def cpa_lock(k: Kernel, me: Task) -> bool:
    """cpa_lock, while a large entry is split."""
    return k.cpa_lock == me


@lock(covers=("cpu[cpu].irqs_off", "cpu[cpu].preempt_count", "cpu[cpu].current", "task[me]"))
def this_cpu(k: Kernel, me: Task, cpu: Cpu) -> bool:
    """A task's own fields, and those of the CPU that it runs on, which nobody else changes meanwhile."""
    return k.task[me].cpu == cpu


@lock(covers="mm[].mermap[cpu]")
def preempt_disable(k: Kernel, me: Task, cpu: Cpu) -> bool:
    """The CPU's own part of each mermap, with preemption off."""
    return k.task[me].cpu == cpu and k.cpu[cpu].preempt_count > 0


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
        "lists_used",
        "index_misused",
        "lists_unlocked",
    )
)
def bookkeeping(k: Kernel, me: Task) -> bool:
    """No lock: what the model remembers for the properties, and no kernel has a field for."""
    return True
