"""Which address space a CPU has loaded, and by which identifier."""

from __future__ import annotations

from model.environment import Hardware, Tags
from model.kernel import Asid, Cpu, Kernel, Mm
from model.tlb import flush_if_behind, flush_tag, is_loaded


def switch_mm(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """arch/x86/mm/tlb.c, switch_mm_irqs_off(), mainline. Its interrupts are off, so it is one step, but for
    the flushes of others meanwhile (switching.py).
    """
    was_lazy = k.cpu[cpu].lazy
    k.cpu[cpu].lazy = False
    if is_loaded(k, cpu, mm):
        if was_lazy:
            flush_if_behind(k, cpu, mm)
        return
    if k.cpu[cpu].behind:
        flush_tag(k, cpu, k.cpu[cpu].mm)  # the switch back would: they may as well go now
        k.cpu[cpu].behind = False
    if Hardware.tags is Tags.NONE:
        k.cpu[cpu].tlb.clear()
        k.cpu[cpu].user_mode_tlb.clear()
        k.cpu[cpu].user_tlb.clear()
        k.cpu[cpu].tables_tlb.clear()
        k.cpu[cpu].tagged_tlb.clear()
        k.cpu[cpu].invalidate_other = False
    else:
        if k.cpu[cpu].invalidate_other and Hardware.tags is not Tags.GLOBAL:
            clear_asid_other(k, cpu)
        if Hardware.tags is Tags.SLOTS:
            must_flush = choose_new_asid(k, cpu, mm)
            if must_flush:
                flush_new_asid(k, cpu, mm)
    k.cpu[cpu].mm = mm
    k.cpu[cpu].init_mm = False


def clear_asid_other(k: Kernel, cpu: Cpu) -> None:
    """clear_asid_other(): all identifiers but the loaded one are given up.

    Each is flushed before it is used again, so that what they have cached may as well go now.
    """
    for mm in Mm:
        if not is_loaded(k, cpu, mm):
            flush_tag(k, cpu, mm)
    for asid in Asid:
        if k.cpu[cpu].asid[asid].mm != k.cpu[cpu].mm or k.cpu[cpu].init_mm:
            k.cpu[cpu].asid[asid].assign(mm=None, behind=False)
    k.cpu[cpu].invalidate_other = False


def choose_new_asid(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """choose_new_asid(): the identifier that the address space has here, else the next one in turn. Must it
    be flushed? The generation that is noted is the one of now.
    """
    for asid in Asid:
        if k.cpu[cpu].asid[asid].mm == mm:
            was_behind = k.cpu[cpu].asid[asid].behind
            k.cpu[cpu].asid[asid].behind = False
            return was_behind
    chosen = k.cpu[cpu].next_asid
    k.cpu[cpu].asid[chosen].assign(mm=mm, behind=False)
    k.cpu[cpu].next_asid = Asid((int(chosen) + 1) % len(Asid))
    return True


def flush_new_asid(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """The write of CR3 that does not keep what the identifier has, be it of the one that had it before."""
    for other in Mm:
        if other == mm or all(k.cpu[cpu].asid[asid].mm != other for asid in Asid):
            flush_tag(k, cpu, other)
