"""The zone lock: a spinlock that is taken with interrupts off."""

from __future__ import annotations

from checker.language import Steps
from model.kernel import Kernel, Task


def spin_lock_irqsave(k: Kernel, me: Task) -> Steps:
    """spin_lock_irqsave(&zone->lock): interrupts go off first, then the CPU spins, deaf to requests."""
    yield
    k.cpu[k.task[me].cpu].irqs_off = True
    while k.zone.locked_by is not None:
        yield
    k.zone.locked_by = me
    yield


def spin_unlock_irqrestore(k: Kernel, me: Task) -> None:
    """spin_unlock_irqrestore(&zone->lock); nobody in this model takes it with interrupts off already."""
    k.zone.locked_by = None
    k.cpu[k.task[me].cpu].irqs_off = False
