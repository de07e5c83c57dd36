"""Who is done has let go of everything."""

from __future__ import annotations

from checker.language import invariant, running, step_invariant
from model.kernel import Block, Cpu, Kernel, Request, Task, Zone


@invariant(
    rung="architectural",
    severity="deadlock",
    says="{task} has returned and still holds a lock",
)
def no_lock_stays_held(k: Kernel) -> bool:
    """A task that is not in the kernel holds none of its locks.

    kernel/locking/lockdep.c, lockdep_sys_exit(): "lock held when returning to user space".
    """
    return not any(holds_a_lock(k, task) for task in Task if not running(task))


def holds_a_lock(k: Kernel, task: Task) -> bool:
    """Is it the holder of a spinlock or a mutex?"""
    return (
        any(
            k.zone[zone].locked_by == task
            or k.zone[zone].pcp_disabled_by == task
            or any(k.zone[zone].pcp_lock[cpu] == task for cpu in Cpu)
            for zone in Zone
        )
        or k.cpa_lock == task
        or k.hotplug_lock == task
        or k.mf_mutex == task
        or k.fs_lock == task
        or task in k.cpus_read
    )


@invariant(
    rung="architectural",
    severity="deadlock",
    says="nobody is in the kernel on {cpu}, and interrupts or preemption are off, or a request is out",
)
def context_is_restored(k: Kernel) -> bool:
    """Where no task is in the kernel, interrupts and preemption are on and the CPU waits for no other; a
    task that is not in it has no scope of its own open; and no block stays isolated, or half flipped.

    init/main.c, do_one_initcall(): "preemption imbalance", "disabled interrupts".
    """
    if any(is_left_disabled(k, cpu) for cpu in Cpu if not is_in_kernel(k, cpu)):
        return False
    if any(is_left_marked(k, block) for block in Block) and not any(running(task) for task in Task):
        return False
    return not any(
        k.task[task].nofs
        or k.task[task].trylocks_only
        or k.task[task].splits > 0
        or k.task[task].capture.active
        for task in Task
        if not running(task)
    )


def is_left_marked(k: Kernel, block: Block) -> bool:
    """Does it count as being flipped, or is it isolated? A block that is offline stays so."""
    return k.pageblock[block].flipping or (k.pageblock[block].isolated and not k.pageblock[block].removed)


def is_in_kernel(k: Kernel, cpu: Cpu) -> bool:
    """Is a task, an interrupt handler, or the scheduler at work on the CPU?"""
    if k.cpu[cpu].switching is not None:
        return True
    return k.cpu[cpu].handler is not None or any(running(task) and k.task[task].cpu == cpu for task in Task)


def is_left_disabled(k: Kernel, cpu: Cpu) -> bool:
    """Are interrupts or preemption off there, or does it wait for another CPU?"""
    return (
        k.cpu[cpu].irqs_off
        or k.cpu[cpu].preempt_count > 0
        or any(k.cpu[cpu].request[target] is not Request.NONE for target in Cpu)
    )


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="a lock went from one task to another",
)
def locks_are_not_stolen(before: Kernel, after: Kernel) -> bool:
    """Who wants a lock that somebody has waits until it is free, or does without.

    include/linux/lockdep.h, lockdep_assert_held(): a task that has a lock goes on having it.
    """
    if any(is_other(before.zone[zone].locked_by, after.zone[zone].locked_by) for zone in Zone):
        return False
    if any(
        is_other(before.zone[zone].pcp_lock[cpu], after.zone[zone].pcp_lock[cpu])
        or is_other(before.zone[zone].pcp_disabled_by, after.zone[zone].pcp_disabled_by)
        for zone in Zone
        for cpu in Cpu
    ):
        return False
    return not (
        is_other(before.cpa_lock, after.cpa_lock)
        or is_other(before.hotplug_lock, after.hotplug_lock)
        or is_other(before.mf_mutex, after.mf_mutex)
        or is_other(before.fs_lock, after.fs_lock)
        or is_other(before.hibernating, after.hibernating)
    )


def is_other(old: Task | None, new: Task | None) -> bool:
    """Did one task have it, and has another one now?"""
    return old is not None and new is not None and old != new
