"""Isolation of pageblocks: contiguous ranges, memory hotplug, page reporting."""

from __future__ import annotations

from checker.language import Scenario
from model.callers import alloc_raw_page, evict
from model.contig import alloc_contig_range, free_contig_range
from model.hardware import SHOOTDOWN
from model.kernel import Task
from model.kernel_callers import alloc_movable_page, free_movable_page
from model.memory_hotplug import offline_pages, online_pages

USERS = [alloc_raw_page, evict, alloc_movable_page, free_movable_page]

Scenario(
    "contig",
    "A range of one or two blocks is allocated while pages of either kind, or movable ones, are in it.",
    runs={
        Task[0]: [
            alloc_contig_range,
            free_contig_range,
            alloc_raw_page,
            evict,
            alloc_movable_page,
            free_movable_page,
        ],
    },
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design={"no_memory": False},
)
Scenario(
    "contig-race",
    "Two CPUs want the same range, while it is free.",
    runs={Task[0]: [alloc_contig_range, free_contig_range], Task[1]: [alloc_contig_range, free_contig_range]},
    actions=[],
    design={"no_memory": False},
)
Scenario(
    "hotplug",
    "A block goes offline and online again.",
    runs={Task[0]: [offline_pages, online_pages, *USERS]},
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design={"no_memory": False},
)
Scenario(
    "hotplug-and-contig",
    "One CPU takes a block offline while another wants a range of it.",
    runs={Task[0]: [offline_pages, online_pages], Task[1]: [alloc_contig_range, free_contig_range]},
    actions=[],
    design={"no_memory": False},
)
