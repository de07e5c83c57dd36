"""The life of an address space, as far as its mm-local region is concerned."""

from __future__ import annotations

from checker.language import Steps, assumed, choose, operation, running, when
from model.callers import is_used_by
from model.design import Design, Zeroing
from model.direct_map import Result
from model.environment import Hardware
from model.kernel import Context, Cpu, Kernel, Mm, Page, Slot, Task, Va
from model.locks import might_sleep
from model.shootdown import flush_tlb_mm
from model.switch_mm import switch_mm
from model.tlb import forget
from model.walker import prepares_tables


@operation(Task)
def mermap_mm_prepare(k: Kernel, me: Task) -> Steps:
    """mm/mermap.c, mermap_mm_prepare(), v1, v2 and v4: the percpu object, and every CPU's page table.

    Trigger: whoever may have a file without a direct map: the first page that a process adds to one.
    """
    mm = k.task[me].mm
    might_sleep(k, me)
    yield
    while k.mm[mm].init_lock is not None:
        yield
    k.mm[mm].init_lock = me
    if not k.mm[mm].unprepared:
        k.mm[mm].init_lock = None
        return
    if Design.zeroing is Zeroing.PAGE_CACHE and not Design.publish_last:
        assumed("somebody asks mermap_ready() only: v4's own users call mermap_mm_prepare() first, and wait")
    k.mm[mm].percpu = mm
    for cpu in Cpu:
        k.mm[mm].mermap[cpu].assign(next_addr=0, blank=True, freed=False)
    k.mm[mm].region_used = True
    if not Design.publish_last:
        k.mm[mm].unprepared = False
    for cpu in Cpu:
        yield
        result = choose(Result)
        if result is Result.FAILED:
            free_percpu(k, mm)
            k.mm[mm].unprepared = True
            k.mm[mm].init_lock = None
            return
        if prepares_tables():
            k.mm[mm].tables.add(cpu)
        yield
        k.mm[mm].mermap[cpu].blank = False
    k.mm[mm].unprepared = False
    k.mm[mm].init_lock = None


# atomic: the object is given back at once
def free_percpu(k: Kernel, mm: Mm) -> None:
    """free_percpu() of the object that mm->mermap.cpu points to."""
    owner = k.mm[mm].percpu
    if any(k.mm[owner].mermap[cpu].freed for cpu in Cpu):
        k.freed_used = True
    for cpu in Cpu:
        k.mm[owner].mermap[cpu].freed = True


@operation(Task)
def fork(k: Kernel, me: Task, child: Mm) -> Steps:
    """kernel/fork.c, dup_mm(): a byte copy of the mm_struct, then mermap_mm_init(): v1 and v2 leave the
    pointer as it was copied, v4 clears it; the flags and the mm-local region begin anew.

    Trigger: no privilege: fork() by such a process.
    """
    parent = k.task[me].mm
    when(k.mm[child].gone and not any(running(task) for task in Task if k.task[task].mm == child))
    if Design.fork_resets_mermap:
        k.mm[child].unprepared = True
    else:
        k.mm[child].unprepared = k.mm[parent].unprepared  # atomic: NULL or not, it is one pointer
        k.mm[child].percpu = k.mm[parent].percpu  # atomic: the same
    begin_region(k, parent, child)
    yield


# atomic: nobody has the child yet
def begin_region(k: Kernel, parent: Mm, child: Mm) -> None:
    """The mm-local region of a new address space: empty, but for the parent's LDT. Its context number is new
    too, so that no CPU has cached anything of it.
    """
    for cpu in Cpu:
        forget(k, cpu, child)
    k.mm[child].tables.clear()
    k.mm[child].region_used = k.mm[parent].ldt
    k.mm[child].ldt = k.mm[parent].ldt
    k.mm[child].user_region = k.mm[parent].ldt and Hardware.pti
    k.mm[child].gone = False


@operation(Task)
def exec_mmap(k: Kernel, me: Task, new: Mm) -> Steps:
    """fs/exec.c, exec_mmap(), mainline, in a process that has no other task and no page of unmapped memory
    left: an mm_struct that is all zeroes is loaded, and the old one goes with its last user. What takes it
    down runs in the new address space.

    Trigger: no privilege: execve().
    """
    old = k.task[me].mm  # mutant swap: what is read is the same
    when(  # mutant: in its scenarios only such tasks run it, and who does not begin does no harm
        k.task[me].context is Context.PROCESS
    )
    when(  # mutant swap: what is read is the same
        k.mm[new].gone and not any(running(task) for task in Task if k.task[task].mm == new)
    )
    when(  # mutant: in its scenarios no two tasks share an address space
        not any(is_user(k, other, old) for other in Task if other != me)
    )
    when(  # mutant: in its scenarios none of its pages is in use
        not any(is_used_by(k, page, old) for page in Page)
    )
    begin_mm(k, new)  # mutant swap: nobody has it yet
    yield  # mutant: a window that is only there to be faithful
    k.task[me].mm = new  # mutant swap: interrupts are off, so that both are one step
    switch_mm(  # mutant: the flush for the old one's tables reaches a CPU that has it, too
        k, k.task[me].cpu, new
    )  # atomic: interrupts are off
    yield  # mutant: a window that is only there to be faithful
    yield from __mmput(k, me, old)  # mutant drop: what stays is no page of this memory


def is_user(k: Kernel, task: Task, mm: Mm) -> bool:
    """Does the task count in mm_users? A kernel thread does not, though it may be lazy there, nor does a task
    past exit_mm().
    """
    return k.task[task].mm == mm and k.task[task].context is Context.PROCESS


# atomic: nobody has the address space yet
def begin_mm(k: Kernel, mm: Mm) -> None:
    """kernel/fork.c, mm_alloc(): nothing of another address space is in it."""
    for cpu in Cpu:
        forget(k, cpu, mm)
    k.mm[mm].gone = False
    k.mm[mm].unprepared = True
    k.mm[mm].percpu = mm
    k.mm[mm].region_used = False
    k.mm[mm].ldt = False
    k.mm[mm].user_region = False
    k.mm[mm].tables.clear()


@operation(Task)
def exit_mm(k: Kernel, me: Task) -> Steps:
    """kernel/exit.c, exit_mm(), mainline, by a task of a process that has no page of unmapped memory left:
    from now on current->mm is NULL, and its CPU is lazy in the address space that it had.

    Trigger: no privilege: the process ends, or one of its threads.
    """
    mm = k.task[me].mm
    when(k.task[me].context is Context.PROCESS)
    when(not any(is_used_by(k, page, mm) for page in Page))
    yield
    k.task[me].context = Context.KTHREAD
    k.cpu[k.task[me].cpu].lazy = Hardware.lazy_tlb
    yield from mmput(k, me, mm)


def mmput(k: Kernel, me: Task, mm: Mm) -> Steps:
    """kernel/fork.c, mmput(): whoever drops the last of mm_users, which are counted by one atomic decrement,
    takes the address space down.
    """
    if not any(is_user(k, task, mm) for task in Task):  # atomic: mm_users is one counter
        yield from __mmput(k, me, mm)


def __mmput(k: Kernel, me: Task, mm: Mm) -> Steps:
    """kernel/fork.c, __mmput(): exit_mmap(), with arch_exit_mmap(), then mermap_mm_teardown(); v1 and v2."""
    if (  # mutant: tables that stay are no pages of this memory
        k.mm[mm].region_used  # atomic: nobody else has the address space any more
    ):
        yield from free_region(k, me, mm)
    if (  # mutant drop: nor is a percpu object
        # mutant swap: the same
        not k.mm[mm].unprepared  # atomic: nobody else has the address space any more
    ):
        yield from mermap_mm_teardown(k, me, mm)
    bury(k, mm)  # mutant drop: then it is only never made again


# atomic: nobody else has the address space any more
def bury(k: Kernel, mm: Mm) -> None:
    """The address space is gone."""
    k.mm[mm].gone = True
    k.mm[mm].unprepared = True


def free_region(k: Kernel, me: Task, mm: Mm) -> Steps:
    """arch/x86/kernel/ldt.c, arch_exit_mmap(): tables are taken out, all CPUs that may know them flushed,
    lazy ones too, and the tables freed.
    """
    unlink_tables(k, mm)
    yield from flush_tlb_mm(k, me, mm)
    k.mm[mm].unlinked.clear()
    k.mm[mm].region_used = False  # atomic: nobody else has the address space any more
    yield


# atomic: nobody else has the address space any more
def unlink_tables(k: Kernel, mm: Mm) -> None:
    """free_pgd_range() as far as the page tables are taken out."""
    for cpu in Cpu:
        if cpu in k.mm[mm].tables:
            k.mm[mm].tables.discard(cpu)
            k.mm[mm].unlinked.add(cpu)
            for va in Va:
                if va.cpu == cpu:
                    k.mm[mm].pte[va] = None


# atomic: nobody else has the address space any more
def mermap_mm_teardown(k: Kernel, me: Task, mm: Mm) -> Steps:
    """mm/mermap.c, mermap_mm_teardown(): a warning for each mapping that was not put, in v1 and v2 of the
    CPU on which this runs, in v4 of each; then the percpu object is freed.
    """
    here = k.task[me].cpu
    owner = k.mm[mm].percpu
    for cpu in Cpu:
        if (cpu != here and not Design.teardown_checks_all) or k.mm[owner].mermap[cpu].freed:
            continue
        for slot in Slot:
            k.mm[owner].mermap[cpu].slot[slot].in_use = False  # reported
    if any(k.mm[owner].mermap[cpu].slot[slot].in_use for cpu in Cpu for slot in Slot):
        k.leak_missed = True
    free_percpu(k, mm)
    yield


@operation(Task)
def modify_ldt(k: Kernel, me: Task) -> Steps:
    """arch/x86/kernel/ldt.c, write_ldt() for the first time: with page-table isolation the mm-local region is
    shared with user mode's tables, for the alias of the LDT; v1 ignores that this failed.

    Trigger: no privilege: modify_ldt(), where CONFIG_MODIFY_LDT_SYSCALL is set.
    """
    mm = k.task[me].mm
    when(not k.mm[mm].ldt)
    might_sleep(k, me)
    yield
    if Hardware.pti:
        result = choose(Result)
        if result is Result.DONE:
            k.mm[mm].user_region = True
            k.mm[mm].region_used = True  # atomic: only whoever takes the address space down looks at it
        elif Design.ldt_checks:
            return
        yield
    k.mm[mm].ldt = True
