"""The zone lock: a spinlock that is taken with interrupts off."""

from __future__ import annotations

from checker.language import Steps, choose
from model.design import Design
from model.kernel import Context, Cpu, Kernel, Task, Zone
from model.processor import Hotplug


def spin_lock_irqsave(k: Kernel, me: Task, zone: Zone) -> Steps:
    """spin_lock_irqsave(&zone->lock): interrupts go off first, then the CPU spins, deaf to requests.

    What follows up to the unlocking is one step where it has no point of its own: the lock makes it so.
    """
    if k.task[me].trylocks_only:
        k.nolock_waited = True
    yield  # mutant swap: a CPU answers before it begins to wait, or after
    k.cpu[k.task[me].cpu].irqs_off = True  # mutant: what is done under the lock is one step, and ends them
    while k.zone[zone].locked_by is not None:  # mutant drop: the same, so that nobody finds it taken
        yield
    k.zone[zone].locked_by = me


def spin_trylock_irqsave(k: Kernel, me: Task, zone: Zone) -> bool:
    """spin_trylock_irqsave(&zone->lock): it may fail at any time, as whoever was interrupted may hold it."""
    busy = choose(False, True)
    if busy or k.zone[zone].locked_by is not None:
        return False
    k.zone[zone].locked_by = me
    return True


def might_sleep(k: Kernel, me: Task) -> None:
    """include/linux/kernel.h, might_sleep()."""
    k.may_have_slept = True
    cpu = k.task[me].cpu
    if k.cpu[cpu].irqs_off or k.cpu[cpu].preempt_count > 0 or any(k.zone[z].locked_by == me for z in Zone):
        k.slept_in_atomic = True


def spin_unlock_irqrestore(k: Kernel, me: Task, zone: Zone) -> None:
    """spin_unlock_irqrestore(&zone->lock). Of those who take it, only handlers and whoever makes a snapshot
    had interrupts off before.
    """
    k.zone[zone].locked_by = None
    k.cpu[k.task[me].cpu].irqs_off = k.task[me].context is Context.IRQ or k.snapshotting == me


def lock_hotplug(k: Kernel, me: Task) -> Steps:
    """mm/memory_hotplug.c, mem_hotplug_begin() and get_online_mems(), which here exclude each other."""
    yield
    while k.hotplug_lock is not None:
        yield
    k.hotplug_lock = me


def unlock_hotplug(k: Kernel) -> None:
    """mem_hotplug_done() and put_online_mems()."""
    k.hotplug_lock = None


def cpus_read_trylock(k: Kernel, me: Task) -> bool:
    """kernel/cpu.c, cpus_read_trylock(), where the flip takes it: not while a CPU is brought up. To
    wait could be to wait for oneself: bringing a CPU up allocates memory.
    """
    if not Design.flip_excludes_hotplug:
        return True
    if any(k.cpu[cpu].hotplug is Hotplug.STARTING for cpu in Cpu):
        return False
    k.cpus_read.add(me)
    return True


def cpus_read_unlock(k: Kernel, me: Task) -> None:
    """cpus_read_unlock(). A flip within a flip, for a page table, leaves the outer one its lock."""
    if Design.flip_excludes_hotplug and k.task[me].splits == 0:
        k.cpus_read.discard(me)
