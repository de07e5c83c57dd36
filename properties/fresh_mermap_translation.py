"""The mermap never leads to another page than the one that was asked for."""

from __future__ import annotations

from checker.language import invariant, running, step_invariant
from model.bounds import Bounds
from model.kernel import Cpu, Kernel, Mm, Page, Task, Va


@invariant(
    rung="architectural", severity="corruption", says="an access through the mermap reached another page"
)
def fresh_mermap_translation(k: Kernel) -> bool:
    """An access through a mermap address reaches the page that it was asked for (notes on the mermap, S1)."""
    return not k.misdirected


@invariant(
    rung="architectural",
    severity="corruption",
    says="a mapped mermap address has a cached entry for another page",
)
def clean_frontier(k: Kernel) -> bool:
    """On the CPU that owns it, a mapped mermap address has no cached translation to another page.

    An access may use any cached translation. Notes on the mermap, S4 and S13; v1's comment in mermap_alloc()
    on flushing
    before addresses are used again.
    """
    return not any(
        k.mm[mm].pte[va] == page and leads_elsewhere(k, va, mm, page)
        for mm in Mm
        for va in Va
        for page in Page
    )


def leads_elsewhere(k: Kernel, va: Va, mm: Mm, page: Page) -> bool:
    """Does the owning CPU cache another page for the address?"""
    return any(other != page and (mm, va, other) in k.cpu[va.cpu].tlb for other in Page)


@invariant(
    rung="architectural", severity="lost memory", says="a task that holds no mapping stays tied to its CPU"
)
def migration_balance(k: Kernel) -> bool:
    """A task with no mermap allocation on its CPU has migration enabled once it has returned (notes on the
    mermap, S7 and D1)."""
    return not any(is_leaked(k, task) for task in Task)


def is_leaked(k: Kernel, task: Task) -> bool:
    """Is migration disabled for a task that does nothing?"""
    return k.task[task].migrate_disabled > 0 and not running(task)


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="a mermap address is used again without a flush in between",
)
def rewind_discipline(before: Kernel, after: Kernel) -> bool:
    """When the bump pointer goes back, this CPU's TLB has no entry at or above it (notes on the mermap, S4
    and S5)."""
    return not any(
        rewinds(before, after, mm, cpu) and has_entry_above(after, mm, cpu) for mm in Mm for cpu in Cpu
    )


def rewinds(before: Kernel, after: Kernel, mm: Mm, cpu: Cpu) -> bool:
    """Does this step move the bump pointer back?"""
    return after.mm[mm].mermap[cpu].next_addr < before.mm[mm].mermap[cpu].next_addr


def has_entry_above(k: Kernel, mm: Mm, cpu: Cpu) -> bool:
    """Is an address cached that the bump pointer has yet to reach?"""
    return any(
        (mm, va, page) in k.cpu[cpu].tlb and int(va) - int(cpu) * Bounds.vas >= k.mm[mm].mermap[cpu].next_addr
        for va in cpu.vas
        for page in Page
    )
