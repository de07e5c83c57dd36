"""TLB shootdowns: one CPU asks all others to flush, and waits for every one of them."""

from __future__ import annotations

from checker.language import Steps
from model.hardware import __flush_tlb_all
from model.kernel import Cpu, Kernel, Request, Task


def on_each_cpu(k: Kernel, me: Task) -> Steps:
    """kernel/smp.c, smp_call_function_many_cond() with a flush as its function; mainline.

    Preemption is off from the first request to the last acknowledgement, so the initiating CPU does not
    change.
    """
    cpu = k.task[me].cpu
    k.cpu[cpu].preempt_count += 1
    for target in Cpu:
        if target != cpu and k.snapshotting is None:  # while a snapshot is made, the others are offline
            k.cpu[cpu].request[target] = Request.SENT
            yield
    __flush_tlb_all(k, cpu)  # this CPU does its own part while the others take their requests
    while any(k.cpu[cpu].request[target] is not Request.NONE for target in Cpu):
        yield
    k.cpu[cpu].preempt_count -= 1


def flush_tlb_all(k: Kernel, me: Task) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_all(), without INVLPGB; 2026."""
    yield
    yield from on_each_cpu(k, me)


def flush_tlb_kernel_range(k: Kernel, me: Task) -> Steps:
    """arch/x86/mm/tlb.c, flush_tlb_kernel_range(), without INVLPGB, for a range above the single-page ceiling
    (a whole pageblock of 512 pages always is): every online CPU flushes everything; 2026.
    """
    yield
    yield from on_each_cpu(k, me)
