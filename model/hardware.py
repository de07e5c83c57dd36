"""What the CPUs do by themselves.

Axioms, and what each rests on ("SDM": Intel's Software Developer's Manual, volume 3A):

 1. A TLB is a set of translations; several for one address may coexist. (SDM 4.10.2: a processor may cache
    several, of different page sizes too.)
 2. At any time a CPU may cache any translation whose page-table entry is present: of the direct map always;
    of the mermap for the address space that it has loaded, whatever CPU the region belongs to. (SDM 4.10.2.3,
    speculative walks; all CPUs that run an mm share the tables of its mm-local region.)
 3. A translation that is not present is never cached. (SDM 4.10.2.)
 4. Only a flush removes translations for certain. Any of them may have been evicted too, so an access may
    always walk instead, and nothing tests that an entry is absent. (SDM 4.10.4.)
 5. Entries of an address space are usable on a CPU while that address space is loaded there, and survive its
    being switched away and back. (PCIDs; arch/x86/mm/tlb.c, switch_mm_irqs_off(), where it does not flush. An
    mm keeps its tag for good here.)
 6. The flush of this model empties a TLB for all tags, global entries included. (__flush_tlb_all(): INVPCID
    of all contexts and globals, or CR4.PGE toggled. The range of a pageblock, 512 pages, is above
    tlb_single_page_flush_ceiling, so that flush_tlb_kernel_range() does this.)
 7. A request to another CPU is three steps: it is sent, taken only while the target has interrupts on, and
    acknowledged. There is one for each initiator and target. (kernel/smp.c, call_single_data of each pair.)
 8. Interrupts are off inside a handler, and the task below it does not move. (SDM 6, interrupt gates.)
 9. A page-table entry is read and written at once. Upper levels are not cached here, and no table is freed.
10. Memory is sequentially consistent between the blocks. (The hardware is weaker: a limit of every verdict.)
"""

from __future__ import annotations

from checker.language import action, enabled, lane, running, when
from model.asi_designs import Asi
from model.environment import Hardware, Switching
from model.kernel import Context, Cpu, Kernel, Page, Request, Task, Va
from model.processor import Hotplug
from model.switch_mm import switch_mm
from model.tlb import (
    by_broadcast,
    clear_kmap,
    direct_map_is_tagged,
    flush_as_asked,
    is_awake,
    is_loaded,
)


def in_interrupt(k: Kernel, cpu: Cpu) -> bool:
    """Is the CPU inside the handler of a request?"""
    return any(k.cpu[sender].request[cpu] is Request.TAKEN for sender in Cpu)


@enabled(Task)
def runs(k: Kernel, me: Task) -> bool:
    """A task moves only while it is current on its CPU, outside interrupts; a handler once it was called.
    While a snapshot is made, only the task that makes it does.
    """
    cpu = k.task[me].cpu
    if k.snapshotting is not None and k.snapshotting != me:
        return False
    if k.task[me].context is Context.IRQ:
        return k.cpu[cpu].handler == me
    if k.cpu[cpu].user or (k.task[me].context is Context.PROCESS and k.mm[k.task[me].mm].gone):
        return False
    if k.cpu[cpu].switching is not None:
        return False
    return k.cpu[cpu].current == me and k.cpu[cpu].handler is None and not in_interrupt(k, cpu)


@lane(Task)
def on_cpu(k: Kernel, me: Task) -> Cpu:
    """Traces show a task's steps in its CPU's column."""
    return k.task[me].cpu


@action(Cpu)
def interrupt(k: Kernel, me: Cpu, handler: Task) -> None:
    """A device interrupts the CPU, and its handler runs on top, with interrupts off (axiom 8).

    Provoke: any device or timer whose interrupt goes to that CPU (/proc/irq/N/smp_affinity), while its task
    is held up.
    """
    when(k.task[handler].context is Context.IRQ and k.task[handler].cpu == me)
    when(not k.cpu[me].irqs_off and k.cpu[me].handler is None and not in_interrupt(k, me))
    k.cpu[me].handler = handler
    k.cpu[me].irqs_off = True


@action(Cpu)
def iret(k: Kernel, me: Cpu, handler: Task) -> None:
    """The handler has returned.

    Provoke: it happens by itself.
    """
    when(k.cpu[me].handler == handler and not running(handler))
    k.cpu[me].handler = None
    k.cpu[me].irqs_off = False


@action(Cpu)
def fill_direct(k: Kernel, me: Cpu, page: Page) -> None:
    """Speculation: cache the direct-map translation of a page (axiom 2).

    Provoke: nothing has to be done for it to be possible. To make it certain, let a module or a BPF program
    that is pinned to that CPU read the page's address in the direct map with copy_from_kernel_nofault() while
    the entry is still there.
    """
    when(is_awake(k, me) and not direct_map_is_tagged())
    when(k.page[page].present and page not in k.cpu[me].direct_tlb)
    k.cpu[me].direct_tlb.add(page)


@action(Cpu)
def fill_tagged(k: Kernel, me: Cpu, page: Page) -> None:
    """The same with page-table isolation, and in restricted tables: the translation has the tag of the
    address space that is loaded.

    Provoke: as fill_direct, on a kernel booted with pti=on.
    """
    when(is_awake(k, me) and direct_map_is_tagged() and (k.cpu[me].restricted or not Asi.asi))
    when(k.page[page].present and (k.cpu[me].mm, page) not in k.cpu[me].tagged_tlb)
    k.cpu[me].tagged_tlb.add((k.cpu[me].mm, page))


@action(Cpu)
def fill_mermap(k: Kernel, me: Cpu, va: Va, page: Page) -> None:
    """Speculation: cache a mermap translation of the address space that is loaded, of any CPU's region (axiom
    2).

    Provoke: nothing has to be done for it to be possible. To make it certain, let a module that runs on that
    CPU in the process read the mermap's address while the entry is still there.
    """
    mm = k.cpu[me].mm
    when(is_awake(k, me) and not k.cpu[me].init_mm)
    when(k.mm[mm].pte[va] == page and (mm, va, page) not in k.cpu[me].tlb)
    k.cpu[me].tlb.add((mm, va, page))


@action(Cpu)
def fill_in_user_mode(k: Kernel, me: Cpu, task: Task, va: Va, page: Page) -> None:
    """Speculation in user mode with page-table isolation: its tables have the mm-local region once there is
    an LDT, and what they lead to is cached with a tag of its own.

    Provoke: nothing has to be done for it to be possible. To make it likely, let the process try to read the
    mermap's address (Meltdown) on a processor that has that flaw.
    """
    mm = k.cpu[me].mm
    when(is_awake(k, me) and Hardware.pti and not k.cpu[me].init_mm and k.mm[mm].user_region)
    when(is_in_user_mode(k, me, task) and k.task[task].mm == mm)
    when(k.mm[mm].pte[va] == page and (mm, va, page) not in k.cpu[me].user_mode_tlb)
    k.cpu[me].user_mode_tlb.add((mm, va, page))


def is_in_user_mode(k: Kernel, cpu: Cpu, task: Task) -> bool:
    """Does the CPU run the task, and the task nothing of the kernel's?"""
    if k.cpu[cpu].switching is not None or k.cpu[cpu].current != task or running(task):
        return False
    if k.task[task].context is not Context.PROCESS:
        return False
    return k.cpu[cpu].handler is None and not in_interrupt(k, cpu)


@action(Cpu)
def fill_table(k: Kernel, me: Cpu, region: Cpu) -> None:
    """Speculation: a paging-structure cache remembers where the page table of a mermap region is.

    Provoke: it comes with any access to an address of that region.
    """
    mm = k.cpu[me].mm
    when(is_awake(k, me) and not k.cpu[me].init_mm)
    when(region in k.mm[mm].tables and (mm, region) not in k.cpu[me].tables_tlb)
    k.cpu[me].tables_tlb.add((mm, region))


@action(Cpu)
def take_ipi(k: Kernel, me: Cpu, sender: Cpu) -> None:
    """kernel/smp.c, generic_smp_call_function_interrupt(): interrupts are on, so the request is taken, and
    the TLB flushed. With INVLPGB: the CPU has seen the broadcast, and no code runs there for it.

    Provoke: it happens by itself, as soon as that CPU has interrupts on.
    """
    when(k.cpu[sender].request[me] is Request.SENT)
    when(by_broadcast(k.cpu[sender].asked) or not (k.cpu[me].irqs_off or in_interrupt(k, me)))
    k.cpu[sender].request[me] = Request.NONE if by_broadcast(k.cpu[sender].asked) else Request.TAKEN
    flush_as_asked(k, me, sender)


@action(Cpu)
def acknowledge_ipi(k: Kernel, me: Cpu, sender: Cpu) -> None:
    """kernel/smp.c, csd_unlock(): the handler is done; the initiator may stop waiting for this CPU.

    Provoke: it happens by itself.
    """
    when(k.cpu[sender].request[me] is Request.TAKEN)
    k.cpu[sender].request[me] = Request.NONE


SHOOTDOWN = [take_ipi, acknowledge_ipi]  # what every flush of all CPUs needs
INTERRUPTS = [interrupt, iret]


def preemptible(k: Kernel, cpu: Cpu) -> bool:
    """May the scheduler run here?"""
    return not k.cpu[cpu].irqs_off and k.cpu[cpu].preempt_count == 0 and not in_interrupt(k, cpu)


@action(Cpu)
def schedule(k: Kernel, me: Cpu, to: Task) -> None:
    """kernel/sched/core.c, __schedule(), context_switch(): another task of this CPU runs, and its address
    space is loaded; a kernel thread borrows the one that is.

    Provoke: pin both tasks to that CPU (taskset) on a kernel with CONFIG_PREEMPT, and hold the first one up.
    """
    when(may_run(k, me, to) and not (Hardware.switching is Switching.TWO_STEP and loads_another(k, me, to)))
    switch_kmap(k, me, to)
    k.cpu[me].current = to
    k.cpu[me].restricted = False  # asi_exit() was before: the scheduler is not to run in restricted tables
    if k.task[to].context is Context.KTHREAD:
        k.cpu[me].lazy = Hardware.lazy_tlb
    else:
        switch_mm(k, me, k.task[to].mm)


def may_run(k: Kernel, cpu: Cpu, to: Task) -> bool:
    """May the scheduler choose this task?"""
    if k.task[to].cpu != cpu or k.task[to].context is Context.IRQ or k.cpu[cpu].current == to:
        return False
    return preemptible(k, cpu) and k.cpu[cpu].hotplug is Hotplug.ONLINE


def loads_another(k: Kernel, cpu: Cpu, to: Task) -> bool:
    """Has the task an address space, and not the one that is loaded?"""
    return k.task[to].context is not Context.KTHREAD and not is_loaded(k, cpu, k.task[to].mm)


def switch_kmap(k: Kernel, cpu: Cpu, to: Task) -> None:
    """mm/highmem.c, __kmap_local_sched_out() and __kmap_local_sched_in(): mappings follow their tasks."""
    if k.cpu[cpu].kmap_pte is not None:
        clear_kmap(k, cpu)
    k.cpu[cpu].kmap_pte = k.task[to].kmapped


@action(Task)
def migrate(k: Kernel, me: Task, to: Cpu) -> None:
    """kernel/sched/core.c, migration of a running task to an idle CPU; not while migrate_disable() is in
    force.

    Provoke: sched_setaffinity() on the task from outside while it is held up.
    """
    cpu = k.task[me].cpu
    when(k.cpu[cpu].current == me and preemptible(k, cpu) and k.task[me].migrate_disabled == 0)
    when(to != cpu and k.cpu[to].current is None and not in_interrupt(k, to))
    when(k.cpu[to].hotplug is Hotplug.ONLINE)
    k.cpu[cpu].current = None
    k.task[me].cpu = to
    k.cpu[to].current = me
    k.cpu[to].restricted = False
    switch_mm(k, to, k.task[me].mm)
