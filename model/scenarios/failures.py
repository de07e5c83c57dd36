"""Options of the kernel, and failures that nobody expects."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import all_pages_in_use, first_page_in_use
from model.callers import alloc_raw_page, evict, populate, write_file
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page

Scenario(
    "init-on-free",
    "With init_on_free the allocator itself zeroes a page while it frees it.",
    runs={Task[0]: [populate, evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"init_on_free": True, "no_memory": False},
)
Scenario(
    "map-back-failure",
    "Mapping a block back fails half-way, for a reason that the kernel warns about.",
    runs={Task[0]: [evict, alloc_raw_page, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"no_memory": False, "unexpected_errors": True},
)
Scenario(
    "mermap-error",
    "Mapping the second of two pages fails; the pages are then freed.",
    runs={Task[0]: [write_file, evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=all_pages_in_use,
    bounds={"tasks": 1, "vas": 3},
    design={"map_errors": True},
)
