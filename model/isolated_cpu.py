"""CPUs that are left alone: brought up and down, or in user mode with flushes deferred."""

from __future__ import annotations

from checker.language import action, running, when
from model.environment import Hardware
from model.hardware import in_interrupt
from model.kernel import Context, Cpu, Kernel, Request, Task
from model.processor import Hotplug
from model.tlb import __flush_tlb_all


@action(Cpu)
def cpu_dies(k: Kernel, me: Cpu) -> None:
    """kernel/cpu.c, takedown_cpu(): with the machine stopped, an idle CPU ceases to count as online.

    Provoke: root: write 0 to /sys/devices/system/cpu/cpuN/online.
    """
    when(k.cpu[me].hotplug is Hotplug.ONLINE and k.cpu[me].current is None and not k.cpu[me].irqs_off)
    when(all(k.cpu[c].request[me] is Request.NONE for c in Cpu) and len(k.cpus_read) == 0)
    k.cpu[me].hotplug = Hotplug.DEAD
    k.cpu[me].init_mm = True
    k.cpu[me].lazy = False


@action(Cpu)
def cpu_starts(k: Kernel, me: Cpu) -> None:
    """arch/x86/kernel/smpboot.c, start_secondary(), and cpu_init(), which empties the TLB, mainline: from
    then on it runs the kernel, interrupts off, long before set_cpu_online().

    Provoke: root: write 1 to /sys/devices/system/cpu/cpuN/online.
    """
    when(k.cpu[me].hotplug is Hotplug.DEAD and len(k.cpus_read) == 0)
    k.cpu[me].hotplug = Hotplug.STARTING
    __flush_tlb_all(k, me)


@action(Cpu)
def cpu_online(k: Kernel, me: Cpu) -> None:
    """set_cpu_online(): from now on requests are sent to it, but what it missed is not made up for.

    Provoke: it happens by itself. To make the time before it long, delay start_secondary() after cpu_init().
    """
    when(k.cpu[me].hotplug is Hotplug.STARTING)
    k.cpu[me].hotplug = Hotplug.ONLINE


@action(Cpu)
def enter_user(k: Kernel, me: Cpu, task: Task) -> None:
    """An isolated CPU (nohz_full) returns to user mode.

    Provoke: boot with nohz_full= and let a task that is pinned to that CPU compute.
    """
    when(Hardware.defer_flushes and not k.cpu[me].user)
    when(k.cpu[me].current == task and k.task[task].context is Context.PROCESS and not running(task))
    when(not in_interrupt(k, me))
    k.cpu[me].user = True


@action(Cpu)
def enter_kernel(k: Kernel, me: Cpu) -> None:
    """A system call, or an interrupt: what was deferred is flushed first.

    Provoke: a system call of that task, or an interrupt there.
    """
    when(k.cpu[me].user)
    k.cpu[me].user = False
    if k.cpu[me].deferred:
        k.cpu[me].deferred = False
        __flush_tlb_all(k, me)


HOTPLUG = [cpu_dies, cpu_starts, cpu_online]
ISOLATION = [enter_user, enter_kernel]
