"""The mermap never leads to another page than the one that was asked for."""

from __future__ import annotations

from checker.language import invariant, running, step_invariant
from model.bounds import Bounds
from model.kernel import Cpu, Kernel, Mm, Page, Task, Va
from model.tlb import has_cached


@invariant(
    rung="architectural",
    severity="corruption",
    says="an access through the mermap reached another page",
)
def fresh_mermap_translation(k: Kernel) -> bool:
    """An access through a mermap address reaches the page that it was asked for.

    LWN on the LSFMM session, 13 May 2026: entries "will be flushed before the address is mapped again".
    """
    return not (k.accessed_mermap and k.misdirected)


@invariant(
    rung="architectural",
    severity="corruption",
    says="{va} is mapped to {page}, and its CPU has another page cached for it",
)
def one_translation_per_address(k: Kernel) -> bool:
    """On the CPU that owns it, a mapped mermap address has no cached translation to another page.

    An access may use any cached one. Comment in mermap_alloc(), v1: flush before addresses are used again.
    """
    return not any(
        k.mm[mm].pte[va] == page and leads_elsewhere(k, va, mm, page)
        for mm in Mm
        for va in Va
        for page in Page
    )


@invariant(
    rung="architectural",
    severity="corruption",
    says="{cpu} caches an address of {mm} that its bump pointer has yet to reach",
)
def clean_frontier(k: Kernel) -> bool:
    """No address at or above the bump pointer is cached on the CPU that owns it.

    Comment in mermap_alloc(), v1: addresses from next_addr on were flushed before they are used.
    """
    return not any(has_entry_above(k, mm, cpu) for mm in Mm for cpu in Cpu)


def leads_elsewhere(k: Kernel, va: Va, mm: Mm, page: Page) -> bool:
    """Does the owning CPU cache another page for the address?"""
    return any(other != page and has_cached(k, va.cpu, mm, va, other) for other in Page)


@invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} holds no mapping and stays tied to its CPU",
)
def migration_balance(k: Kernel) -> bool:
    """A task that has returned has migration enabled: every mermap_get() is undone by its put, or by its own
    failure.

    API comment of mermap_get(), v1; its error return forgets migrate_enable() in v1 and v2.
    """
    return not any(is_leaked(k, task) for task in Task)


def is_leaked(k: Kernel, task: Task) -> bool:
    """Is migration disabled for a task that does nothing?"""
    return k.task[task].migrate_disabled > 0 and not running(task)


def a_call_has_returned(k: Kernel) -> bool:
    """Has mermap_get() or mermap_put() returned?"""
    return k.migration_noted


@invariant(
    witness=a_call_has_returned,
    rung="architectural",
    severity="lost memory",
    says="mermap_get() or mermap_put() has returned with migration disabled too often, or not often enough",
)
def migration_is_counted(k: Kernel) -> bool:
    """Where mermap_get() and mermap_put() return, migration is disabled once for each mapping that the task
    holds: a refusal leaves it as it was.

    API comment of mermap_get(), v1: migration is disabled until the put.
    """
    return not k.migration_unbalanced


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="addresses of {cpu} in {mm} are used again without a flush in between",
)
def rewind_discipline(before: Kernel, after: Kernel) -> bool:
    """When the bump pointer goes back, this CPU's TLB has no entry at or above it.

    Comment in mermap_alloc(), v1: the TLB is flushed before the pointer is rewound.
    """
    return not any(
        rewinds(before, after, mm, cpu) and has_entry_above(after, mm, cpu) for mm in Mm for cpu in Cpu
    )


def rewinds(before: Kernel, after: Kernel, mm: Mm, cpu: Cpu) -> bool:
    """Does this step move the bump pointer back?"""
    return after.mm[mm].mermap[cpu].next_addr < before.mm[mm].mermap[cpu].next_addr


def has_entry_above(k: Kernel, mm: Mm, cpu: Cpu) -> bool:
    """Is an address cached that the bump pointer has yet to reach?"""
    return any(
        has_cached(k, cpu, mm, va, page)
        and int(va) % Bounds.vas >= k.mm[k.mm[mm].percpu].mermap[cpu].next_addr
        for va in cpu.vas
        for page in Page
    )
