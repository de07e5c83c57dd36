"""Isolation of pageblocks: contiguous ranges, memory hotplug, page reporting."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import first_page_in_use, unmapped_block
from model.callers import alloc_raw_page, evict
from model.contig import alloc_contig_range, free_contig_range
from model.hardware import SHOOTDOWN, fill_direct
from model.kernel import Task
from model.kernel_callers import (
    alloc_kernel_page,
    alloc_movable_page,
    free_kernel_page,
    free_movable_page,
)
from model.memory_hotplug import offline_pages, online_pages
from model.page_reporting import page_reporting_process

USERS = [alloc_raw_page, evict, alloc_movable_page, free_movable_page]

contig = Scenario(
    "contig",
    "A range of one or two blocks is allocated while pages of either kind, or movable ones, are in it.",
    runs={Task[0]: [free_contig_range, *USERS]},
    once={Task[0]: [alloc_contig_range]},
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design={"no_memory": False},
)
Scenario(
    "isolate-unmapped",
    "A range is wanted that an unmapped block is part of, which is wholly free.",
    runs={Task[0]: [alloc_contig_range, free_contig_range]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1},
    design={"no_memory": False},
)
contig_large_buddies = Scenario(
    "contig-large-buddies",
    "The same where a free buddy spans both blocks: it is split for one of them, and merged again.",
    runs={Task[0]: [alloc_contig_range, free_contig_range, evict]},
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2, "orders_above": 1},
    design={"no_memory": False, "unexpected_errors": True},
)
contig_many_blocks = Scenario(
    "contig-many-blocks",
    "A range of up to four blocks is wanted, of which any may be in use; flips of them may fail.",
    runs={Task[0]: [free_contig_range, alloc_raw_page, evict]},
    once={Task[0]: [alloc_contig_range]},
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1, "blocks": 4, "pages": 1},
)
Scenario(
    "contig-pcplists",
    "Pages that are freed while their block is isolated may get onto a per-CPU list.",
    runs={
        Task[0]: [alloc_contig_range, free_contig_range],
        Task[1]: [alloc_kernel_page, free_kernel_page],
    },
    actions=[],
    bounds={"blocks": 1},
    design={"pcplists": True, "no_memory": False},
)
Scenario(
    "contig-race",
    "Two CPUs want the same range, while it is free.",
    runs={Task[0]: [alloc_contig_range, free_contig_range], Task[1]: [alloc_contig_range, free_contig_range]},
    actions=[],
    design={"no_memory": False},
)
Scenario(
    "contig-and-flip",
    "A range is isolated while another CPU flips its block.",
    runs={Task[0]: [alloc_contig_range, free_contig_range], Task[1]: [alloc_raw_page, evict]},
    actions=SHOOTDOWN,
    design={"no_memory": False},
)
hotplug = Scenario(
    "hotplug",
    "A block goes offline and online again.",
    runs={Task[0]: [offline_pages, online_pages, *USERS[1:]]},
    once={Task[0]: USERS[:1]},
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design={"no_memory": False},
)
Scenario(
    "offline-and-flip",
    "A block goes offline while another CPU flips it.",
    runs={Task[0]: [offline_pages], Task[1]: [alloc_raw_page]},
    actions=[fill_direct, *SHOOTDOWN],
)
Scenario(
    "hotplug-and-contig",
    "One CPU takes a block offline while another wants a range of it.",
    runs={Task[0]: [offline_pages, online_pages], Task[1]: [alloc_contig_range, free_contig_range]},
    actions=[],
    design={"no_memory": False},
)
Scenario(
    "reporting",
    "The host is told which blocks are free, while others want their pages.",
    runs={
        Task[0]: [page_reporting_process],
        Task[1]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page],
    },
    actions=SHOOTDOWN,
    initial=first_page_in_use,
    bounds={"blocks": 2, "watermark": 1},
    design={"no_memory": False},
)
Scenario(
    "reporting-and-contig",
    "A buddy of two blocks is being reported while one of them is wanted.",
    runs={Task[0]: [alloc_contig_range, free_contig_range], Task[1]: [page_reporting_process]},
    actions=[],
    bounds={"blocks": 2, "pages": 1, "orders_above": 1},
)
