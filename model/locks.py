"""The zone lock: a spinlock that is taken with interrupts off."""

from __future__ import annotations

from checker.language import Steps
from model.kernel import Context, Kernel, Task, Zone


def spin_lock_irqsave(k: Kernel, me: Task, zone: Zone) -> Steps:
    """spin_lock_irqsave(&zone->lock): interrupts go off first, then the CPU spins, deaf to requests.

    What follows up to the unlocking is one step where it has no point of its own: the lock makes it so.
    """
    yield
    k.cpu[k.task[me].cpu].irqs_off = True
    while k.zone[zone].locked_by is not None:
        yield
    k.zone[zone].locked_by = me


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
