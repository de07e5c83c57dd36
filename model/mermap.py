"""The mermap: short-lived mappings of unmapped pages, per address space and CPU.

mermap_mm_prepare() has run for every mm: its page tables are there, each region's pointer at its start.
"""

from __future__ import annotations

from typing import Annotated

from checker.language import Range, Steps, assumed, choose
from model.bounds import Bounds
from model.design import Callers, Design
from model.direct_map import Result
from model.environment import Hardware
from model.kernel import Context, Cpu, Kernel, Mm, Page, Slot, Task, Va
from model.shootdown import marks_pages
from model.tlb import __flush_tlb_all
from model.walker import fails_without_table, make_table, makes_tables, pte_offset_map_lock, pte_unmap_unlock


def mermap_address(cpu: Cpu, offset: int) -> Va:
    """arch/x86/include/asm/mermap.h, mermap_cpu_base() + offset; v1. Beyond the region there is none of that
    CPU: mermap_get() has refused it.
    """
    within: Annotated[int, Range(0, Bounds.vas - 1)] = offset
    return Va(int(cpu) * Bounds.vas + within)


def is_reserve(slot: Slot) -> bool:
    """Is this the slot of mermap_get_reserved()? v1 has none of its own."""
    return Design.reserve_slot and int(slot) == Bounds.slots - 1


def is_reserve_out(k: Kernel, mm: Mm, cpu: Cpu) -> bool:
    """Is the reserved mapping of that CPU in use?"""
    return any(is_reserve(slot) and k.mm[k.mm[mm].percpu].mermap[cpu].slot[slot].in_use for slot in Slot)


def serves(slot: Slot, reserve: bool) -> bool:
    """May a request of this sort use the slot?"""
    return not Design.reserve_slot or is_reserve(slot) == reserve


# atomic: the CPU's own part of an object whose address was read once
def free_slot(k: Kernel, mm: Mm, cpu: Cpu, reserve: bool) -> Slot | None:
    """The first slot that the request may use and nobody has; none at all while the reserve is out (v2
    warns).
    """
    if Design.one_mapping and (
        reserve or any(k.mm[k.mm[mm].percpu].mermap[cpu].slot[s].in_use for s in Slot)
    ):
        return None
    if any(is_reserve(slot) and k.mm[k.mm[mm].percpu].mermap[cpu].slot[slot].in_use for slot in Slot):
        return None
    for slot in Slot:
        if serves(slot, reserve) and not k.mm[k.mm[mm].percpu].mermap[cpu].slot[slot].in_use:
            return slot
    return None


# atomic: the same as free_slot()
def end_of_live(k: Kernel, mm: Mm, cpu: Cpu) -> int:
    """The lowest offset to which the bump pointer may be rewound: the end of every live allocation (v2: of
    the normal ones).
    """
    end = 0
    for slot in Slot:
        live = k.mm[k.mm[mm].percpu].mermap[cpu].slot[slot]
        if live.in_use and not is_reserve(slot) and live.base + live.size > end:
            end = live.base + live.size
    return end


def runs_out(next_addr: int, size: int, limit: int) -> bool:
    """Is there no room above the bump pointer? (The form before v1 subtracts unsigned numbers: once the
    reserved page was given out, the difference is huge.)
    """
    if Design.fit_subtracts:
        return next_addr <= limit and size > limit - next_addr
    return next_addr + size > limit


def mermap_alloc(k: Kernel, me: Task, cpu: Cpu, size: int, reserve: bool) -> Steps[Slot | None]:
    """mm/mermap.c, mermap_alloc(), v1, v2, v4: claim addresses and a slot, with preemption off throughout."""
    mm = k.task[me].mm
    region = k.mm[k.mm[mm].percpu].mermap[cpu]
    limit = Bounds.vas if reserve else Bounds.vas - 1  # normal requests leave the last page to the reserve
    k.cpu[cpu].preempt_count += 1
    if region.freed:
        k.freed_used = True
    if runs_out(region.next_addr, size, limit):
        if end_of_live(k, mm, cpu) + size > limit:
            k.cpu[cpu].preempt_count -= 1
            return None
        yield
        if Design.rewind_flush:  # this CPU only: nobody else is to touch its region
            for other in Cpu:
                if other == cpu or (Hardware.break_before_make and Design.rewind_everywhere):
                    __flush_tlb_all(k, other)
        yield
        region.next_addr = end_of_live(k, mm, cpu)
    slot = free_slot(k, mm, cpu, reserve)
    if slot is not None and (region.blank or region.next_addr + size > limit):
        k.out_of_region = True
        slot = None
    if slot is not None:
        region.slot[slot].assign(in_use=True, base=region.next_addr, size=size)
        region.next_addr += size
        k.task[me].mappings = min(3, k.task[me].mappings + 1)
    k.cpu[cpu].preempt_count -= 1
    return slot


def migrate_disable(k: Kernel, me: Task) -> None:
    """kernel/sched/core.c, migrate_disable(). It nests; a leak that goes on and on stops counting at 3."""
    if k.task[me].migrate_disabled < 3:
        k.task[me].migrate_disabled += 1


# atomic: one pointer, which stays once everything behind it is set up
def mermap_ready(k: Kernel, me: Task) -> bool:
    """mm/mermap.c, mermap_ready(), v1 and v2: in a process, whose mermap is prepared."""
    return k.task[me].context is Context.PROCESS and not k.mm[k.task[me].mm].unprepared


def mermap_get(k: Kernel, me: Task, page: Page, size: int, reserve: bool) -> Steps[Slot | None]:
    """mm/mermap.c, mermap_get() and, with `reserve`, mermap_get_reserved(), whose caller has preemption off;
    v1, v2, and v4, where migration is disabled by the caller.

    `size` consecutive pages from `page` on. None: refused, and the caller has nothing to put.

    Provoke: DONE is the ordinary result. For FAILED: a kretprobe on the walker that it calls, which returns
    -ENOMEM once the first entry is written.
    """
    if k.task[me].context is not Context.PROCESS:  # it warns: there is no mm to map it in
        return None
    if reserve and Design.reserve_global and not Hardware.pti:  # a global protection is refused
        return None
    if Design.callers is Callers.GLOBAL_MAPPING and Design.global_check:
        return None
    mm = k.task[me].mm
    if k.mm[mm].unprepared:  # it warns: the first of the caller's duties
        return None
    migrate_disable(k, me)
    cpu = k.task[me].cpu
    yield
    slot = yield from mermap_alloc(k, me, cpu, size, reserve)
    if reserve:
        k.reserve_asked = True
    if slot is None:
        if reserve and not Design.one_mapping and not is_reserve_out(k, mm, cpu):
            k.reserve_refused = True
        k.task[me].migrate_disabled -= 1
        note_migration(k, me)
        return None
    yield
    if cpu not in k.mm[mm].tables:  # atomic: a walk; tables stay as long as the process
        if fails_without_table():
            assumed("v4's walker fails where a table is missing: of its mm/memory.c only patch 9 was found")
            yield from mermap_get_failed(k, me, cpu, slot)
            return None
        if not makes_tables():
            note_migration(k, me)
            return slot
        make_table(k, me, mm, cpu)
        yield
    pte_offset_map_lock(k, me)
    for nr in range(2):
        if nr < size:
            if Design.map_errors and not reserve:
                assumed(
                    "mermap_get() can fail at any page, unless reserved: v2's mm/memory.c was not found, "
                    "and v4's up to patch 9"
                )
                result = choose(Result)
                if result is Result.FAILED:
                    pte_unmap_unlock(k, me)
                    yield from mermap_get_failed(k, me, cpu, slot)
                    return None
            set_pte(k, me, mapped_at(k, me, cpu, slot, nr), page + nr)
            yield
    pte_unmap_unlock(k, me)
    note_migration(k, me)
    return slot


def note_migration(k: Kernel, me: Task) -> None:
    """Where mermap_get() and mermap_put() return, whether migration is disabled once for each mapping."""
    k.migration_noted = True
    if k.task[me].migrate_disabled != k.task[me].mappings:
        k.migration_unbalanced = True


# atomic: one store; the mark is part of what was suggested
def set_pte(k: Kernel, me: Task, va: Va, page: Page) -> None:
    """Write an entry of the region; with what was suggested, mark its page."""
    k.mm[k.task[me].mm].pte[va] = page
    if Design.callers is Callers.GLOBAL_MAPPING:
        k.mm[k.task[me].mm].global_pte.add(va)
    if marks_pages():
        k.page[page].assign(mermapped=True, flush_begun=False)


def mermap_get_failed(k: Kernel, me: Task, cpu: Cpu, slot: Slot) -> Steps:
    """mm/mermap.c, the error return of mermap_get(), v1, v2 and v4: the slot is released, and nothing else;
    in v4 the caller enables migration again.
    """
    if Design.error_unmaps:
        yield from unmap_addresses(k, me, k.task[me].mm, cpu, slot)
    release(k, k.task[me].mm, cpu, slot)
    k.task[me].mappings -= 1
    if Design.error_unpins:
        k.task[me].migrate_disabled -= 1
    note_migration(k, me)


def unmap_addresses(k: Kernel, me: Task, maker: Mm, cpu: Cpu, slot: Slot) -> Steps:
    """Clear the page-table entries of an allocation, one by one. No TLB is flushed.

    The tables are those of current->mm, whichever address space has made the mapping.
    """
    pte_offset_map_lock(k, me)
    for nr in range(2):
        mapping = k.mm[k.mm[maker].percpu].mermap[cpu].slot[slot]
        if nr < mapping.size:  # atomic: its own allocation
            k.mm[k.task[me].mm].pte[mermap_address(cpu, mapping.base + nr)] = None  # atomic: one store
            yield
    pte_unmap_unlock(k, me)


def mermap_put(k: Kernel, me: Task, maker: Mm, cpu: Cpu, slot: Slot) -> Steps:
    """mm/mermap.c, mermap_put(), v1, v2, v4: entries cleared, slot released, migration on again. No flush.

    `maker`, `cpu` and `slot` are what the pointer says that the caller got. One that is not in use is
    reported, and nothing done.
    """
    if k.task[me].cpu != cpu:
        k.used_elsewhere = True
    if not k.mm[k.mm[maker].percpu].mermap[cpu].slot[slot].in_use:  # atomic: read once
        return
    yield from unmap_addresses(k, me, maker, cpu, slot)
    if Design.flush_at_put:
        flush_addresses(k, me, cpu)
        yield
        k.mm[k.mm[maker].percpu].mermap[cpu].next_addr = 0
    release(k, maker, cpu, slot)
    k.task[me].mappings = max(0, k.task[me].mappings - 1)
    if k.task[me].migrate_disabled > 0:  # migrate_enable() reports it otherwise, and does nothing
        k.task[me].migrate_disabled -= 1
    note_migration(k, me)


# atomic: one store: an allocation is in use or it is not
def release(k: Kernel, mm: Mm, cpu: Cpu, slot: Slot) -> None:
    """An allocation may be made anew."""
    k.mm[k.mm[mm].percpu].mermap[cpu].slot[slot].assign(in_use=False, base=0, size=0)


def flush_addresses(k: Kernel, me: Task, cpu: Cpu) -> None:
    """ephmap_put(): INVLPG on the CPU on which it runs, of the addresses of the only mapping there."""
    for va in cpu.vas:
        for page in Page:
            k.cpu[k.task[me].cpu].tlb.discard((k.task[me].mm, va, page))
            k.cpu[k.task[me].cpu].user_mode_tlb.discard((k.task[me].mm, va, page))


# atomic: its own allocation
def mapped_at(k: Kernel, me: Task, cpu: Cpu, slot: Slot, nr: int) -> Va:
    """mermap_addr() of the nr-th page of an allocation."""
    return mermap_address(cpu, k.mm[k.mm[k.task[me].mm].percpu].mermap[cpu].slot[slot].base + nr)
