"""Splitting a direct-map entry takes a page of the very memory that is being flipped."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import first_page_in_use
from model.boot_pressure import perhaps_reclaimable_block, reclaimable_block
from model.callers import alloc_raw_page, evict
from model.design import DirectMap
from model.filesystem import write_without_direct_map
from model.hardware import SHOOTDOWN, fill_direct
from model.kernel import Task

NESTED = {"split_allocates": True, "direct_map": DirectMap.HUGE}

Scenario(
    "nested-flip",
    "A block is flipped for a page table that is needed to flip another.",
    runs={Task[0]: [alloc_raw_page], Task[1]: [evict]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"zones": 2, "pages": 1},
    design=NESTED,
)
Scenario(
    "two-splits",
    "Two CPUs are about to split the same entry, and one page-table page is too many.",
    once={Task[0]: [alloc_raw_page], Task[1]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    bounds={"blocks": 4, "pages": 1},
    design=NESTED,
)
Scenario(
    "no-page-table",
    "All that is free is being flipped, and the page table for it has to be reclaimed, if that is possible.",
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=perhaps_reclaimable_block,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design=NESTED | {"slow_path": True},
)
Scenario(
    "filesystem-lock",
    "A filesystem wants an unmapped page with a lock of its own held; page tables have to be reclaimed.",
    runs={Task[0]: [write_without_direct_map]},
    actions=SHOOTDOWN,
    initial=reclaimable_block,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design=NESTED | {"slow_path": True},
)
