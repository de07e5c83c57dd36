"""Address spaces come, share, and go."""

from __future__ import annotations

from checker.language import Scenario
from model.address_space import exec_mmap, exit_mm, fork, mermap_mm_prepare, modify_ldt
from model.boot import all_pages_in_use, boot, first_page_in_use, first_page_of_last_task, one_page_each
from model.callers import evict, exit_files, populate, write_file
from model.environment import Hardware
from model.hardware import SHOOTDOWN, fill_in_user_mode, fill_mermap, fill_table
from model.kernel import Context, Cpu, Kernel, Mm, Task


def unprepare(k: Kernel) -> None:
    """No address space has used its mermap yet; all but the first are still to be made."""
    for mm in Mm:
        k.mm[mm].unprepared = True
        k.mm[mm].tables.clear()
        k.mm[mm].gone = mm != Mm(0)


def nothing_prepared(k: Kernel) -> None:
    """All pages are in use by the process of task 0, and nobody has prepared a mermap."""
    all_pages_in_use(k)
    unprepare(k)


def parent_and_child(k: Kernel) -> None:
    """Each process has pages, the child from when it is forked on."""
    one_page_each(k)
    unprepare(k)


def region_in_user_tables(k: Kernel) -> None:
    """Page 0 is in use by the process of the last task; both processes have an LDT."""
    first_page_of_last_task(k)
    for mm in Mm:
        k.mm[mm].ldt = True
        k.mm[mm].region_used = True
        k.mm[mm].user_region = Hardware.pti


def kernel_thread(k: Kernel) -> None:
    """Task 1 is a kernel thread on CPU 1, which is lazy in the address space of task 0."""
    boot(k)
    k.task[Task(1)].context = Context.KTHREAD
    k.cpu[Cpu(1)].mm = Mm(0)
    k.cpu[Cpu(1)].lazy = Hardware.lazy_tlb
    k.mm[Mm(0)].region_used = True
    for mm in Mm:
        k.mm[mm].gone = mm != Mm(0)


Scenario(
    "prepare",
    "A task prepares the mermap of its process while another one uses it if it is ready.",
    runs={Task[0]: [mermap_mm_prepare], Task[1]: [write_file]},
    actions=[fill_mermap],
    initial=nothing_prepared,
    bounds={"vas": 3},
)
Scenario(
    "fork",
    "A process with a mermap forks, and both use theirs.",
    once={Task[0]: [mermap_mm_prepare, fork]},
    runs={Task[0]: [write_file], Task[1]: [mermap_mm_prepare, write_file]},
    actions=[fill_mermap],
    initial=parent_and_child,
    bounds={"mms": 2},
)
Scenario(
    "fork-and-exit",
    "A process forks, and its child exits.",
    once={Task[0]: [mermap_mm_prepare], Task[1]: [exit_mm]},
    runs={Task[0]: [fork, write_file]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=nothing_prepared,
    bounds={"mms": 2},
)
Scenario(
    "exit",
    "A process exits while another CPU is lazy in its address space.",
    once={Task[0]: [exit_mm]},
    runs={},
    actions=[fill_mermap, fill_table, *SHOOTDOWN],
    initial=kernel_thread,
)
Scenario(
    "exec",
    "A process executes another program, and uses its mermap, while another CPU is lazy in the old one.",
    once={Task[0]: [exec_mmap, mermap_mm_prepare]},
    runs={},
    actions=[fill_mermap, fill_table, *SHOOTDOWN],
    initial=kernel_thread,
    bounds={"mms": 2},
)
Scenario(
    "fork-and-exec",
    "A process forks, and its child executes another program.",
    once={Task[0]: [mermap_mm_prepare], Task[1]: [exec_mmap, mermap_mm_prepare]},
    runs={Task[0]: [fork, write_file]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=nothing_prepared,
    bounds={"mms": 3},
)
Scenario(
    "exit-elsewhere",
    "The tasks of a process exit, the last one perhaps on another CPU than its mermap was used on.",
    once={Task[0]: [write_file, exit_mm], Task[1]: [evict, exit_mm]},
    runs={},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=all_pages_in_use,
    bounds={"pages": 1},
)
Scenario(
    "exit-with-file",
    "A process exits with its file open, whose pages are given back when its address space is gone.",
    runs={Task[1]: [populate]},
    once={Task[0]: [exit_files]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"mms": 2},
    design={"no_memory": False},
)
Scenario(
    "inherited-file",
    "A process that never used a mermap gives back the pages of a file that it got by fork().",
    runs={Task[0]: [evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=nothing_prepared,
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "ldt",
    "A process with page-table isolation gets an LDT while it uses its mermap.",
    once={Task[0]: [modify_ldt]},
    runs={Task[1]: [write_file]},
    actions=[fill_mermap],
    initial=all_pages_in_use,
    design={"pti": True},
)
Scenario(
    "user-tables",
    "With page-table isolation user mode's tables have the mermap of a process, which gets another's page.",
    runs={Task[0]: [populate, evict], Task[1]: [populate, evict]},
    actions=[fill_mermap, fill_in_user_mode, *SHOOTDOWN],
    initial=region_in_user_tables,
    bounds={"mms": 2},
    design={"pti": True, "no_memory": False},
)
Scenario(
    "unprepared",
    "A process uses its mermap, and has not prepared it.",
    runs={Task[0]: [write_file]},
    actions=[fill_mermap],
    initial=nothing_prepared,
    bounds={"tasks": 1},
    default=False,
)
