"""apply_to_page_range() in the forms in which the mermap uses it."""

from __future__ import annotations

from model.design import Design, Walker
from model.environment import Hardware
from model.kernel import Cpu, Kernel, Mm, Task
from model.locks import might_sleep


def makes_tables() -> bool:
    """Does it make a table that is missing? apply_to_existing_page_range() takes that for success."""
    return Design.walker is Walker.CREATE


def fails_without_table() -> bool:
    """Is it an error that one is missing?"""
    return Design.walker is Walker.FLAGS or Design.walker is Walker.FLAGS_LOST


def prepares_tables() -> bool:
    """Does mermap_mm_prepare(), which asks for it, get its tables?"""
    return Design.walker is not Walker.FLAGS_LOST


def is_locked() -> bool:
    """Is the lock of the page tables held while entries are written?"""
    return Design.walker is Walker.EXISTING or Design.walker is Walker.FLAGS_LOST


# atomic: under the lock of the page tables
def make_table(k: Kernel, me: Task, mm: Mm, cpu: Cpu) -> None:
    """mm/memory.c, __pte_alloc_kernel(): a page for the table of a region, from the page allocator."""
    might_sleep(k, me)
    k.map_allocated = True
    k.mm[mm].tables.add(cpu)


def pte_offset_map_lock(k: Kernel, me: Task) -> None:
    """mm/pgtable-generic.c, pte_offset_map_lock(), mainline: a spinlock; with PREEMPT_RT one that sleeps. No
    other CPU writes the same table, so that nobody waits for it.
    """
    if is_locked():
        if Hardware.preempt_rt:
            might_sleep(k, me)
        else:
            k.cpu[k.task[me].cpu].preempt_count += 1


def pte_unmap_unlock(k: Kernel, me: Task) -> None:
    """The lock is dropped."""
    if is_locked() and not Hardware.preempt_rt:
        k.cpu[k.task[me].cpu].preempt_count -= 1
