"""A switch of address spaces in two steps: other CPUs may ask for a flush in between."""

from __future__ import annotations

from checker.language import action, when
from model.environment import Hardware, Switching
from model.hardware import loads_another, may_run, switch_kmap
from model.kernel import Cpu, Kernel, Task
from model.switch_mm import choose_new_asid, clear_asid_other, flush_new_asid


@action(Cpu)
def begin_switch_mm(k: Kernel, me: Cpu, to: Task) -> None:
    """arch/x86/mm/tlb.c, switch_mm_irqs_off(), 2026, as far as the generation is read and an identifier
    chosen: loaded_mm is LOADED_MM_SWITCHING by then, and CR3 is as before.

    Provoke: an NMI, or a debugger, that holds the CPU up in there.
    """
    when(Hardware.switching is Switching.TWO_STEP and may_run(k, me, to) and loads_another(k, me, to))
    k.cpu[me].irqs_off = True
    k.cpu[me].lazy = False
    k.cpu[me].switching = to
    if k.cpu[me].invalidate_other:
        clear_asid_other(k, me)
    must_flush = choose_new_asid(k, me, k.task[to].mm)
    k.cpu[me].switch_flushes = must_flush


@action(Cpu)
def end_switch_mm(k: Kernel, me: Cpu) -> None:
    """The same from the write of CR3 on.

    Provoke: it happens by itself.
    """
    to = k.cpu[me].switching
    if to is not None:
        mm = k.task[to].mm
        if k.cpu[me].switch_flushes:
            flush_new_asid(k, me, mm)
        switch_kmap(k, me, to)
        k.cpu[me].mm = mm
        k.cpu[me].init_mm = False
        k.cpu[me].current = to
        k.cpu[me].switching = None
        k.cpu[me].switch_flushes = False
        k.cpu[me].irqs_off = False


SWITCHES = [begin_switch_mm, end_switch_mm]
