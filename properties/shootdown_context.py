"""Who waits for other CPUs does so where they can answer."""

from __future__ import annotations

from checker.language import invariant
from model.environment import Hardware
from model.kernel import Cpu, Kernel, Request, Zone


@invariant(
    rung="architectural",
    severity="deadlock",
    says="{cpu} waits for a shootdown with interrupts off or a spinlock held",
)
def shootdown_context(k: Kernel) -> bool:
    """While a CPU has requests out, its interrupts are on and its task holds no spinlock.

    v2 19/22: "IRQs must be enabled", not safe "if the caller holds a lock"; lockdep_assert(!irqs_disabled()).
    """
    return Hardware.broadcast or not any(
        waits(k, cpu) and (is_deaf(k, cpu) or holds_zone_lock(k, cpu) or holds_another(k, cpu)) for cpu in Cpu
    )


def waits(k: Kernel, cpu: Cpu) -> bool:
    """Has the CPU sent a request that is not acknowledged?"""
    return any(k.cpu[cpu].request[target] is not Request.NONE for target in Cpu)


def is_deaf(k: Kernel, cpu: Cpu) -> bool:
    """Are its interrupts off, and not for a handler that has interrupted the waiting task?"""
    handler = k.cpu[cpu].handler
    return k.cpu[cpu].irqs_off and (handler is None or handler == k.cpu[cpu].asker)


def holds_zone_lock(k: Kernel, cpu: Cpu) -> bool:
    """Is the one who waits the holder of a zone lock?"""
    return any(
        k.zone[zone].locked_by is not None and k.cpu[cpu].asker == k.zone[zone].locked_by for zone in Zone
    )


def holds_another(k: Kernel, cpu: Cpu) -> bool:
    """Was preemption off already when it was switched off for the requests, as every spinlock does? A handler
    on top may have switched it off for itself.
    """
    return k.cpu[cpu].handler is None and k.cpu[cpu].preempt_count > 1
