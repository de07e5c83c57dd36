"""The worlds in which `check pairs` puts any two operations together, from small to large."""

from __future__ import annotations

from checker.language import Pairs, choose
from model.boot import boot, free_the_rest, give, set_up
from model.bounds import Bounds
from model.hardware import INTERRUPTS, SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Context, Hand, Kernel, Page, Task
from model.kernel_callers import alloc_kernel_page, alloc_zeroed_page, free_kernel_page

HARDWARE = [fill_direct, fill_mermap, *SHOOTDOWN]
PROCESSES = (Task[0], Task[1])


def in_use(k: Kernel) -> None:
    """The first page is unmapped, was written through the mermap, and is in use by the process of task 0;
    the first page of the last block was allocated by task 1, for the kernel or as a movable one.
    """
    set_up(k)
    give(k, Page(0), Task(0))
    k.mm[k.task[Task(0)].mm].mermap_stale = True
    hand = choose(Hand.KERNEL, Hand.LRU)
    k.page[Page(len(Page) - Bounds.pages)].assign(hand=hand, holder=Task(1))
    free_the_rest(k)


def allocated(k: Kernel) -> None:
    """Each task has allocated a page, for the kernel or as a movable one."""
    set_up(k)
    for task in Task:
        hand = choose(Hand.KERNEL, Hand.LRU)
        k.page[Page(int(task))].assign(hand=hand, holder=task)
    free_the_rest(k)


def interrupted(k: Kernel) -> None:
    """Task 1 is an interrupt handler on the CPU of task 0."""
    boot(k)
    k.task[Task(1)].context = Context.IRQ


def interrupted_in_use(k: Kernel) -> None:
    """The same, and some pages are in use."""
    in_use(k)
    k.task[Task(1)].context = Context.IRQ


IN_A_HANDLER = {Task[1]: [alloc_kernel_page, alloc_zeroed_page, free_kernel_page]}

Pairs("free", "two CPUs, one mapped block, all free", between=PROCESSES, actions=HARDWARE, initial=boot)
Pairs(
    "in-use",
    "two CPUs, a block of each kind, each one page and in use",
    between=PROCESSES,
    actions=HARDWARE,
    initial=in_use,
    bounds={"blocks": 2, "pages": 1},
)
Pairs(
    "allocated",
    "two CPUs, one mapped block, each page allocated by another task",
    between=PROCESSES,
    actions=HARDWARE,
    initial=allocated,
)
Pairs(
    "interrupt",
    "a task and an interrupt handler on one CPU, one mapped block, all free",
    between=PROCESSES,
    family="interrupt",
    only=IN_A_HANDLER,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted,
    bounds={"cpus": 1},
)
Pairs(
    "interrupt-in-use",
    "a task and an interrupt handler on one CPU, a block of each kind, each one page and in use",
    between=PROCESSES,
    family="interrupt",
    only=IN_A_HANDLER,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted_in_use,
    bounds={"cpus": 1, "blocks": 2, "pages": 1},
)
Pairs(
    "some-free",
    "two CPUs, a block of each kind, each with one page in use and one free",
    between=PROCESSES,
    actions=HARDWARE,
    initial=in_use,
    bounds={"blocks": 2},
)
