"""The worlds in which `check pairs` puts any two operations together, from small to large."""

from __future__ import annotations

from checker.language import Pairs
from model.boot import boot, free_the_rest, give, set_up
from model.hardware import INTERRUPTS, SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Context, Hand, Kernel, Page, Task

HARDWARE = [fill_direct, fill_mermap, *SHOOTDOWN]
PROCESSES = (Task[0], Task[1])


def pages_in_use(k: Kernel) -> None:
    """Page 0 is unmapped, was written through the mermap, and is in use by the process of task 0; page 1 was
    allocated for the kernel by task 1.
    """
    set_up(k)
    give(k, Page(0), Task(0))
    k.mm[k.task[Task(0)].mm].mermap_stale = True
    k.page[Page(1)].assign(hand=Hand.KERNEL, holder=Task(1))
    free_the_rest(k)


def kernel_pages(k: Kernel) -> None:
    """Each task has allocated an ordinary page."""
    set_up(k)
    for page in Page:
        if int(page) < 2:
            k.page[page].assign(hand=Hand.KERNEL, holder=Task(int(page)))
    free_the_rest(k)


def movable_pages(k: Kernel) -> None:
    """Each process has a movable page."""
    kernel_pages(k)
    for page in Page:
        if k.page[page].hand is Hand.KERNEL:
            k.page[page].hand = Hand.LRU


def interrupted(k: Kernel) -> None:
    """Task 1 is an interrupt handler on the CPU of task 0."""
    boot(k)
    k.task[Task(1)].context = Context.IRQ


def interrupted_in_use(k: Kernel) -> None:
    """The same, and some pages are in use."""
    pages_in_use(k)
    k.task[Task(1)].context = Context.IRQ


Pairs("free", "two CPUs, one mapped block, all free", between=PROCESSES, actions=HARDWARE, initial=boot)
Pairs(
    "in-use",
    "two CPUs, a block of each kind, each one page and in use",
    between=PROCESSES,
    actions=HARDWARE,
    initial=pages_in_use,
    bounds={"blocks": 2, "pages": 1},
)
Pairs(
    "kernel-pages",
    "two CPUs, one mapped block, each page allocated by another task",
    between=PROCESSES,
    actions=HARDWARE,
    initial=kernel_pages,
)
Pairs(
    "movable-pages",
    "two CPUs, one mapped block, a movable page of each process",
    between=PROCESSES,
    actions=HARDWARE,
    initial=movable_pages,
)
Pairs(
    "interrupt",
    "a task and an interrupt handler on one CPU, one mapped block, all free",
    between=PROCESSES,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted,
    bounds={"cpus": 1},
)
Pairs(
    "interrupt-in-use",
    "a task and an interrupt handler on one CPU, a block of each kind, each one page and in use",
    between=PROCESSES,
    actions=[*HARDWARE, *INTERRUPTS],
    initial=interrupted_in_use,
    bounds={"cpus": 1, "blocks": 2, "pages": 1},
)
