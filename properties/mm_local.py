"""The mm-local region: whose it is, and how long what it consists of lives."""

from __future__ import annotations

from checker.language import invariant
from model.environment import Hardware
from model.kernel import Context, Cpu, Kernel, Mm, Page, Task, Va
from model.owners import belongs_to, may_read
from model.tlb import is_usable_later
from properties.mermap_contract import something_is_mapped


@invariant(
    rung="architectural",
    severity="corruption",
    says="{a} and {b} have the same percpu mermap object",
)
def mermap_is_not_shared(k: Kernel) -> bool:
    """No two address spaces have the same percpu object.

    arch header comment, v1: the mermap is local to the mm; its pointer and slots are changed with only
    preemption off.
    """
    return not any(
        a != b and is_prepared(k, a) and is_prepared(k, b) and same(k, a, b) for a in Mm for b in Mm
    )


def is_prepared(k: Kernel, mm: Mm) -> bool:
    """Does the address space exist, and has it a percpu object?"""
    return not k.mm[mm].gone and not k.mm[mm].unprepared


def same(k: Kernel, a: Mm, b: Mm) -> bool:
    """Is it the same object?"""
    return k.mm[a].percpu == k.mm[b].percpu


@invariant(
    rung="architectural",
    severity="corruption",
    says="the mermap of {mm} says that it is ready on {cpu}, and is not set up there",
)
def ready_means_set_up(k: Kernel) -> bool:
    """Where mermap_ready() says so to a task that is not setting it up itself, its CPU's part is set up.

    mermap_ready(), v1 and v2, takes no lock; mermap_get(): "the caller must arrange to first call
    mermap_mm_prepare()".
    """
    return not any(
        is_prepared(k, mm) and may_ask(k, cpu, mm) and not is_set_up(k, cpu, mm) for mm in Mm for cpu in Cpu
    )


def may_ask(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """Does a task of the address space run on the CPU, other than the one that sets the mermap up?"""
    return any(
        k.cpu[cpu].current == task
        and k.task[task].context is Context.PROCESS
        and k.task[task].mm == mm
        and k.mm[mm].init_lock != task
        for task in Task
    )


def is_set_up(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """The object is there, its pointer lies in the region, and the region has its page table."""
    part = k.mm[k.mm[mm].percpu].mermap[cpu]
    return not part.freed and not part.blank and (cpu in k.mm[mm].tables or cpu in k.mm[mm].unlinked)


@invariant(
    witness=something_is_mapped,
    rung="architectural",
    severity="corruption",
    says="the mermap gave out addresses that are not of its CPU's region",
)
def addresses_are_in_region(k: Kernel) -> bool:
    """What the mermap gives out lies in the region of its CPU, and an ordinary mapping leaves the last page.

    Comment in mermap_alloc(), v1: "Keep one page for mermap_get_reserved()."
    """
    return not k.out_of_region


@invariant(
    witness=something_is_mapped,
    rung="architectural",
    severity="deadlock",
    says="mermap_get() allocated a page table",
)
def mapping_allocates_nothing(k: Kernel) -> bool:
    """The mermap allocates nothing when something is mapped.

    Comment above mermap_get(), v1 and v2: "This is guaranteed not to allocate."
    """
    return not k.map_allocated


def some_object_is_freed(k: Kernel) -> bool:
    """Was the percpu object of some mermap freed?"""
    return any(k.mm[mm].mermap[cpu].freed for mm in Mm for cpu in Cpu)


@invariant(
    witness=some_object_is_freed,
    rung="architectural",
    severity="corruption",
    says="a percpu mermap object was used after it was freed",
)
def mermap_outlives_its_users(k: Kernel) -> bool:
    """No percpu object is used, or freed again, after it was freed."""
    return not k.freed_used


@invariant(
    witness=some_object_is_freed,
    rung="architectural",
    severity="lost memory",
    says="an address space went with a mapping left, and nothing was said",
)
def leaks_are_reported(k: Kernel) -> bool:
    """A mapping that was never put is reported when its address space goes.

    mermap_mm_teardown(), v1 and v2: WARN_ON_ONCE for each slot, in a loop over all possible CPUs.
    """
    return not k.leak_missed


@invariant(
    rung="speculative",
    severity="corruption",
    says="{cpu} may walk a page table of {mm} that was freed",
)
def tables_outlive_walkers(k: Kernel) -> bool:
    """No page table of the region is freed while a CPU may still walk it.

    arch/x86/mm/tlb.c, flush_tlb_mm_range(): where tables are freed, lazy CPUs are flushed too.
    """
    return not any(knows_freed_table(k, cpu, mm) for cpu in Cpu for mm in Mm)


def knows_freed_table(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """Does it have a paging-structure cache entry for a table that is gone?"""
    return any(
        (mm, region) in k.cpu[cpu].tables_tlb
        and is_usable_later(k, cpu, mm)
        and region not in k.mm[mm].tables
        and region not in k.mm[mm].unlinked
        for region in Cpu
    )


@invariant(
    rung="user",
    severity="fault",
    says="{mm} has an LDT that user mode cannot reach",
)
def ldt_is_reachable(k: Kernel) -> bool:
    """With page-table isolation, whoever has an LDT has the mm-local region in user mode's tables.

    arch/x86/kernel/ldt.c: the CPU reads the LDT in user mode, through its alias there.
    """
    return not any(k.mm[mm].ldt and Hardware.pti and not k.mm[mm].user_region for mm in Mm)


def region_is_shown(k: Kernel, mm: Mm) -> bool:
    """Do user mode's tables have the mm-local region of the address space?"""
    return Hardware.pti and k.mm[mm].user_region and not k.mm[mm].gone


def some_region_is_shown(k: Kernel) -> bool:
    """Is anything mapped where user mode's tables have it?"""
    return any(region_is_shown(k, mm) and k.mm[mm].pte[va] is not None for mm in Mm for va in Va)


@invariant(
    witness=some_region_is_shown,
    rung="speculative",
    severity="speculative leak",
    says="user mode's tables of {mm} lead to {page}, which is not its own or holds another's secret",
)
def user_tables_show_own_data(k: Kernel) -> bool:
    """With page-table isolation, what user mode's tables have of the mermap is the process's own data.

    arch header comment, v1: the mm-local region holds only "data belonging to the current process"; once an
    LDT is there, user mode's tables have all of it, as supervisor pages.
    """
    return not any(
        k.mm[mm].pte[va] == page and region_is_shown(k, mm) and not is_own(k, page, mm)
        for mm in Mm
        for va in Va
        for page in Page
    )


def is_own(k: Kernel, page: Page, mm: Mm) -> bool:
    """Is the page of a file that the process has, or in its tasks' hands, with no other's secret in it?"""
    holder = k.page[page].holder
    in_hand = holder is not None and k.task[holder].mm == mm
    return (in_hand or belongs_to(k, page, mm)) and may_read(k, page, mm)
