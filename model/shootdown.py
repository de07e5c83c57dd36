"""TLB shootdowns: one CPU asks all others to flush, and waits for every one of them."""

from __future__ import annotations

from checker.language import Steps, any_order
from model.design import Design, Stale
from model.environment import Ceiling, Hardware
from model.kernel import Cpu, Kernel, Mm, Offset, Order, Page, Request, Task, Va
from model.processor import Flush, Hotplug
from model.tlb import __flush_tlb_all, by_broadcast, fall_behind, flush_as_asked, is_loaded


def on_each_cpu(k: Kernel, me: Task) -> Steps:
    """kernel/smp.c, smp_call_function_many_cond() with a flush as its function; mainline.

    Preemption is off from the first request to the last acknowledgement, so the initiating CPU does not
    change.
    """
    cpu = k.task[me].cpu
    k.cpu[cpu].preempt_count += 1
    k.cpu[cpu].asker = me  # mutant: only a property asks whose requests they are
    others = {target for target in Cpu if target != cpu}
    for target in any_order(others):  # mutant swap: its own part may as well come first
        if k.snapshotting is None:
            ask(k, cpu, target)  # mutant swap: a step later
            if not by_broadcast(k.cpu[cpu].asked):
                yield  # mutant: requests that are sent at once are taken in any order as well
        else:
            __flush_tlb_all(k, target)  # offline while a snapshot is made, so it has no entries
    # This CPU does its own part while the others take their requests.
    flush_as_asked(k, cpu, cpu)  # mutant swap: or at the end
    while any(is_awaited(k, cpu, target) for target in Cpu):  # atomic: what is answered stays answered
        yield
    k.cpu[cpu].asker = None  # mutant: only a property asks whose requests they are
    k.cpu[cpu].asked = Flush.ALL
    k.cpu[cpu].preempt_count -= 1


# atomic: who is online is one mask; a lazy CPU that switches meanwhile is up to its generation
def ask(k: Kernel, cpu: Cpu, target: Cpu) -> None:
    """A request to a CPU that counts as online, unless it is to see to itself later. INVLPGB is seen by every
    CPU that runs.
    """
    hotplug = k.cpu[target].hotplug
    asked = k.cpu[cpu].asked
    if by_broadcast(asked) and hotplug is Hotplug.STARTING:
        k.cpu[cpu].request[target] = Request.SENT
    if hotplug is not Hotplug.ONLINE:
        return
    of_mm = asked is Flush.ADDRESS or asked is Flush.TABLES
    if of_mm and not by_broadcast(asked) and skips_mm(k, target, k.cpu[cpu].asked_mm, asked):
        return
    if k.cpu[target].user and Hardware.defer_flushes and not of_mm:
        k.cpu[target].deferred = True
        return
    k.cpu[cpu].request[target] = Request.SENT


def skips_mm(k: Kernel, target: Cpu, mm: Mm, asked: Flush) -> bool:
    """native_flush_tlb_multi(): CPUs that do not have the address space loaded flush when they switch to it,
    and so do lazy ones, unless tables are freed. One that is switching may have read an old generation.
    """
    if k.cpu[target].switching is not None and Design.switching_is_asked:
        return False
    if not is_loaded(k, target, mm):
        return True
    return k.cpu[target].lazy and (asked is Flush.ADDRESS or not Design.tables_reach_lazy)


def is_awaited(k: Kernel, cpu: Cpu, target: Cpu) -> bool:
    """csd_lock_wait(): has the target yet to acknowledge?"""
    return k.cpu[cpu].request[target] is not Request.NONE


def flush_tlb_all(k: Kernel, me: Task) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_all(); 2026."""
    yield  # mutant: a window that is only there to be faithful
    yield from on_each_cpu(k, me)


def flush_and_unmark(k: Kernel, me: Task) -> Steps:
    """flush_tlb_all(); with the suggested checker, pages that were in no mermap since it began lose their
    mark.
    """
    if Design.free_is_checked:
        for page in Page:
            k.page[page].flush_begun = not is_in_mermap(k, page)
    yield from flush_tlb_all(k, me)
    if Design.free_is_checked:
        for page in Page:
            if k.page[page].flush_begun:
                k.page[page].assign(mermapped=False, flush_begun=False)  # atomic: the same


# atomic: what was suggested does not say in which steps
def is_in_mermap(k: Kernel, page: Page) -> bool:
    """Is it mapped in the mermap of some address space?"""
    return any(k.mm[mm].pte[va] == page for mm in Mm for va in Va)


def marks_pages() -> bool:
    """Is there a mark on each page that was mapped in a mermap?"""
    return Design.free_is_checked or Design.stale is Stale.PER_PAGE or Design.stale is Stale.AT_REUSE


def flush_tlb_kernel_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_kernel_range(): for more pages than the single-page ceiling (a pageblock
    of 512 always is) every online CPU flushes everything, else these addresses; 2026.
    """
    yield
    if Hardware.ceiling is Ceiling.BELOW:
        cpu = k.task[me].cpu
        k.cpu[cpu].asked = Flush.PAGES
        k.cpu[cpu].asked_page = head
        k.cpu[cpu].asked_order = order
    yield from on_each_cpu(k, me)


def flush_tlb_kernel_page(k: Kernel, me: Task, page: Page) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_kernel_range() of one page, which no ceiling is below; 2026."""
    yield
    cpu = k.task[me].cpu
    k.cpu[cpu].asked = Flush.PAGES
    k.cpu[cpu].asked_page = page
    yield from on_each_cpu(k, me)


def kvm_flush_remote_tlbs(k: Kernel, me: Task, mm: Mm) -> Steps:
    """virt/kvm/kvm_main.c, kvm_flush_remote_tlbs(); mainline: every CPU that may run the guest is asked."""
    yield
    cpu = k.task[me].cpu
    k.cpu[cpu].asked = Flush.GUEST
    k.cpu[cpu].asked_mm = mm
    yield from on_each_cpu(k, me)


def flush_tlb_address(k: Kernel, me: Task, mm: Mm, offset: Offset) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_mm_range() of one page: the generation first, then the CPUs that have the
    address space loaded, which lose this address only. (They lose all if they had missed another flush.)
    """
    yield
    fall_behind(k, mm)
    yield
    cpu = k.task[me].cpu
    k.cpu[cpu].asked = Flush.ADDRESS
    k.cpu[cpu].asked_mm = mm
    k.cpu[cpu].asked_offset = offset
    yield from on_each_cpu(k, me)


def flush_tlb_mm(k: Kernel, me: Task, mm: Mm) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_mm_range() of a whole address space whose tables are freed: its generation
    first, then the CPUs that have it loaded; 2026.
    """
    yield
    fall_behind(k, mm)
    yield
    cpu = k.task[me].cpu
    k.cpu[cpu].asked = Flush.TABLES
    k.cpu[cpu].asked_mm = mm
    yield from on_each_cpu(k, me)
