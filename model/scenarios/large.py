"""Large worlds, run only when asked for."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import first_page_in_use
from model.callers import alloc_raw_page, evict, populate
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page

Scenario(
    "three-cpus",
    "Three CPUs allocate and free pages of both kinds out of one block; page-table allocations may fail.",
    runs={
        Task[0]: [alloc_raw_page, evict],
        Task[1]: [alloc_kernel_page, free_kernel_page],
        Task[2]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page],
    },
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"cpus": 3, "tasks": 3},
    default=False,
)
Scenario(
    "three-cpus-mermap",
    "Two tasks of a process populate and remove pages through the mermap, while a third CPU only speculates.",
    runs={Task[0]: [populate, evict], Task[1]: [populate, evict]},
    actions=[fill_direct, fill_mermap, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"cpus": 3},
    design={"no_memory": False},
    default=False,
)
