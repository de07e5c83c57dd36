"""What callers of the mermap do that break one of its rules after the mapping was made."""

from __future__ import annotations

from checker.language import Steps
from model.bounds import Bounds
from model.design import Callers, Design
from model.kernel import Cpu, Kernel, Mm, Page, Slot, Task
from model.mermap import mermap_get, mermap_put
from model.switch_mm import switch_mm


def put_mapping(k: Kernel, me: Task, cpu: Cpu, slot: Slot) -> Steps:
    """mermap_put(), in the address space of the mapping and once, unless that rule is broken."""
    maker = k.task[me].mm  # atomic: its own
    if Design.callers is Callers.PUT_IN_OTHER_MM:
        kthread_use_mm(k, me, Mm((int(maker) + 1) % Bounds.mms))
        yield
    yield from mermap_put(k, me, maker, cpu, slot)
    if Design.callers is Callers.PUT_IN_OTHER_MM:
        kthread_use_mm(k, me, maker)
    if Design.callers is Callers.PUT_TWICE:
        yield
        yield from mermap_put(k, me, maker, cpu, slot)


# atomic: interrupts are off
def kthread_use_mm(k: Kernel, me: Task, mm: Mm) -> None:
    """kernel/kthread.c, kthread_use_mm(), mainline: a task goes on in another address space."""
    k.task[me].mm = mm
    switch_mm(k, k.task[me].cpu, mm)


def map_once_more(k: Kernel, me: Task, page: Page, cpu: Cpu) -> Steps:
    """An ordinary mapping while the reserved one is in use: it is refused (v2, v4), with a warning."""
    slot = yield from mermap_get(k, me, page, 1, False)
    if slot is not None:
        yield from mermap_put(k, me, k.task[me].mm, cpu, slot)
