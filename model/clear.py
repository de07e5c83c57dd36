"""Zeroing an unmapped page through the mermap."""

from __future__ import annotations

from checker.language import Steps, assumed
from model.access import access, write_page
from model.design import Design, Zeroing
from model.kernel import Kernel, Page, Task
from model.mermap import mapped_at, mermap_get, mermap_put, mermap_ready


def clear_page_mermap(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/page_alloc.c, clear_page_mermap(), v1 (v2 20/22: the same scheme); mermap_clear_folio(), v4.

    The ordinary mapping first; if there is no room or no slot, the reserved one, which needs preemption off.
    """
    if Design.temporary_mm and not mermap_ready(k, me):
        yield from clear_page_temporary(k, me, page)
        return
    if Design.zeroing is Zeroing.ALLOCATOR and Design.reserve_slot:
        assumed("v2 zeroes through the mermap as v1 does: only the message of that patch was read")
    slot = yield from mermap_get(k, me, page, 1, False)
    if slot is None:
        yield from clear_page_reserved(k, me, page)
        return
    cpu = k.task[me].cpu
    reached = access(k, me, page, mapped_at(k, me, cpu, slot, 0))
    write_page(k, me, reached, None)
    yield
    yield from mermap_put(k, me, k.task[me].mm, cpu, slot)


def clear_page_reserved(k: Kernel, me: Task, page: Page) -> Steps:
    """The slow path of the same, per page: v1, and v2 by assumption, with interrupts off; v4 with preemption
    off.
    """
    yield
    cpu = k.task[me].cpu
    k.cpu[cpu].preempt_count += 1
    if Design.zeroing is Zeroing.ALLOCATOR:
        if Design.reserve_slot:
            assumed("v2's slow path is v1's with a non-global protection: only its commit message was read")
        k.cpu[cpu].irqs_off = True
    slot = yield from mermap_get(k, me, page, 1, True)
    if slot is None:  # documented as impossible, so the result is used unchecked
        k.accessed = True
        k.kernel_fault = True
    else:
        reached = access(k, me, page, mapped_at(k, me, cpu, slot, 0))
        write_page(k, me, reached, None)
        yield
        yield from mermap_put(k, me, k.task[me].mm, cpu, slot)
    if Design.zeroing is Zeroing.ALLOCATOR:
        k.cpu[cpu].irqs_off = False
    k.cpu[cpu].preempt_count -= 1


def clear_page_temporary(k: Kernel, me: Task, page: Page) -> Steps:
    """Proposed: as text_poke() does it, arch/x86/kernel/alternative.c: use_temporary_mm() loads an address
    space of the kernel's own, with interrupts off, in which nothing else ever runs; what this CPU has cached
    of it is flushed before it is left, and no other CPU can have anything.
    """
    yield
    cpu = k.task[me].cpu
    were_off = k.cpu[cpu].irqs_off
    k.cpu[cpu].irqs_off = True
    k.accessed = True
    write_page(k, me, page, None)
    yield
    k.cpu[cpu].irqs_off = were_off
