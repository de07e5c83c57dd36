"""The flip of a block, alone and against others."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import first_page_in_use, first_page_of_last_task
from model.callers import alloc_raw_page, evict, populate
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page

Scenario(
    "flip",
    "One block crosses the direct-map boundary in both directions, while another CPU only speculates.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "stale-after-free",
    "A page is zeroed through the mermap, used and freed; its block may be flipped back to the kernel.",
    runs={Task[0]: [populate, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, fill_mermap, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "flip-failure",
    "The page-table allocation fails half-way through an unmapping flip.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1},
)
Scenario(
    "failure-race",
    "A flip fails while another CPU allocates and frees pages of the kind that was asked for.",
    runs={Task[0]: [alloc_raw_page], Task[1]: [alloc_raw_page, evict]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_of_last_task,
    bounds={"blocks": 2, "pages": 1},
)
Scenario(
    "two-flips",
    "Two CPUs flip at the same time, and each waits for the other's flush.",
    runs={Task[0]: [alloc_raw_page, evict], Task[1]: [alloc_raw_page, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"blocks": 2, "pages": 1},
    design={"no_memory": False},
)
Scenario(
    "flip-and-alloc",
    "One CPU flips and flushes while another waits for the zone lock, or holds it, with interrupts off.",
    runs={Task[0]: [alloc_raw_page, evict], Task[1]: [alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    design={"no_memory": False},
)
Scenario(
    "neighbours",
    "Two neighbouring blocks of different kinds become wholly free.",
    runs={Task[0]: [evict, alloc_raw_page], Task[1]: [alloc_kernel_page, free_kernel_page]},
    actions=SHOOTDOWN,
    initial=first_page_in_use,
    bounds={"blocks": 2, "pages": 1, "orders_above": 1},
    design={"no_memory": False},
)
