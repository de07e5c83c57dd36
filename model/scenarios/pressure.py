"""Memory is short, or in pieces: what the slow path makes of it."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import unmapped_block
from model.boot_pressure import (
    cached_elsewhere,
    locked_page_each,
    lru_pages_each,
    lru_pages_in_unmovable_blocks,
    nothing_to_move_to,
    removed_next_to_used,
    target_about_to_be_flipped,
    targets_in_unmovable_block,
    used_next_to_unmapped,
)
from model.callers import alloc_raw_page, drop_last_reference
from model.design import DirectMap
from model.hardware import INTERRUPTS, SHOOTDOWN
from model.kernel import Task
from model.kernel_callers import alloc_kernel_block, alloc_kernel_page, alloc_movable_page, free_kernel_page

SLOW = {"slow_path": True, "direct_map": DirectMap.LARGE}

Scenario(
    "locked-page-per-block",
    "Every block has a movable page that cannot be reclaimed, and an unmapped page is asked for.",
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=locked_page_each,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design=SLOW,
)
Scenario(
    "no-movable-target",
    "The only free page that a movable page could move to lies in a block of the kernel's.",
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=targets_in_unmovable_block,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design=SLOW,
)
Scenario(
    "reclaim-in-vain",
    "Every block has a page that cannot be reclaimed, beside others that are reclaimed one by one.",
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=lru_pages_each,
    bounds={"cpus": 1, "tasks": 1, "blocks": 4},
    design=SLOW,
)
Scenario(
    "reclaim-in-vain-unmovable",
    "The same, in blocks that do not count as movable.",
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=lru_pages_in_unmovable_blocks,
    bounds={"cpus": 1, "tasks": 1, "blocks": 4},
    design=SLOW,
)
Scenario(
    "compaction-deferred",
    "Compaction has failed some times; then pages are freed to which it could move what is in the way.",
    runs={Task[0]: [alloc_raw_page, free_kernel_page]},
    actions=SHOOTDOWN,
    initial=nothing_to_move_to,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2, "defer_shift": 2},
    design=SLOW,
)
Scenario(
    "movable-request",
    "A process wants a page, and all that is free is unmapped.",
    once={Task[0]: [alloc_movable_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1},
    design=SLOW,
)
Scenario(
    "kernel-request",
    "The kernel wants a page, and all that is free is unmapped.",
    once={Task[0]: [alloc_kernel_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1},
    design=SLOW,
)
Scenario(
    "unmapped-request",
    "An unmapped page is wanted, and all that is free is mapped.",
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    bounds={"cpus": 1, "tasks": 1},
    design=SLOW,
)
Scenario(
    "compaction-target",
    "The kernel wants a block; compaction finds a free page for the last movable one in an unmapped block.",
    once={Task[0]: [alloc_kernel_block]},
    actions=SHOOTDOWN,
    initial=used_next_to_unmapped,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design=SLOW,
)
Scenario(
    "flip-under-scanner",
    "A block is flipped between the free scanner's look at it and the isolation of its free pages.",
    once={Task[0]: [alloc_kernel_block], Task[1]: [free_kernel_page, alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=target_about_to_be_flipped,
    bounds={"blocks": 2},
    design=SLOW,
)
Scenario(
    "capture",
    "An interrupt frees an unmapped page on top of a task that compacts for a mapped block.",
    once={Task[0]: [alloc_kernel_block], Task[1]: [drop_last_reference]},
    actions=INTERRUPTS,
    initial=removed_next_to_used,
    bounds={"cpus": 1, "blocks": 2},
    design=SLOW,
)
Scenario(
    "pages-on-other-cpu",
    "What pins the free blocks of either kind is on the list of another CPU.",
    once={Task[0]: [alloc_raw_page, alloc_kernel_block]},
    actions=SHOOTDOWN,
    initial=cached_elsewhere,
    bounds={"tasks": 1, "blocks": 2},
    design=SLOW | {"pcplists": True},
)
