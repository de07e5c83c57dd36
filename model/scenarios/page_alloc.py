"""The page allocator: per-CPU lists, orders, interrupts, and the options of the kernel that touch pages."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import (
    first_page_in_use,
    handler_and_free_memory,
    handler_on_first_cpu,
    partly_used_fallback,
    unmapped_block,
)
from model.bulk import alloc_pages_bulk
from model.callers import (
    alloc_raw_blocks,
    alloc_raw_page,
    drop_last_reference,
    evict,
    populate,
    remove_referenced,
)
from model.design import DirectMap
from model.hardware import INTERRUPTS, SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Task
from model.kernel_callers import (
    alloc_kernel_block,
    alloc_kernel_blocks,
    alloc_kernel_page,
    alloc_movable_page,
    alloc_zeroed_page,
    free_kernel_page,
    free_movable_page,
)
from model.nolock import alloc_pages_nolock, free_pages_nolock

Scenario(
    "pcplists",
    "Two CPUs allocate and free pages of both kinds through their per-CPU lists.",
    runs={Task[0]: [alloc_raw_page, evict], Task[1]: [alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    design={"pcplists": True, "no_memory": False},
)
Scenario(
    "interrupt",
    "An interrupt handler allocates and frees on top of a task that flips.",
    runs={Task[0]: [alloc_raw_page, evict], Task[1]: [alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *INTERRUPTS],
    initial=handler_on_first_cpu,
    bounds={"cpus": 1, "blocks": 2},
    design={"pcplists": True},
)
Scenario(
    "put-in-interrupt",
    "The last reference of an unmapped page is dropped in an interrupt, with init_on_free.",
    runs={Task[0]: [populate, remove_referenced], Task[1]: [drop_last_reference]},
    actions=[fill_mermap, *INTERRUPTS],
    initial=handler_on_first_cpu,
    bounds={"cpus": 1},
    design={"init_on_free": True, "no_memory": False},
)
Scenario(
    "nolock",
    "A tracing program in an interrupt frees a page while the lock is taken; the page waits.",
    runs={
        Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page],
        Task[1]: [alloc_pages_nolock, free_pages_nolock],
    },
    actions=[*INTERRUPTS, *SHOOTDOWN],
    initial=handler_on_first_cpu,
    bounds={"cpus": 1},
    design={"pcplists": True, "no_memory": False},
)
Scenario(
    "nolock-block",
    "The same, and the next one who has the lock frees a whole block; so it takes the page along.",
    runs={Task[0]: [alloc_kernel_block, free_kernel_page], Task[1]: [free_pages_nolock]},
    once={Task[0]: [alloc_kernel_page], Task[1]: [alloc_pages_nolock]},
    actions=[*INTERRUPTS, *SHOOTDOWN],
    initial=handler_and_free_memory,
    bounds={"cpus": 1, "blocks": 2},
    design={"pcplists": True, "no_memory": False},
)
Scenario(
    "orders",
    "Requests of a page and of a block; free buddies span two blocks.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, alloc_kernel_block, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1, "blocks": 2, "orders_above": 1},
    design={"no_memory": False},
)
Scenario(
    "orders-failure",
    "The same where an entry cannot be changed.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_block, free_kernel_page]},
    actions=[*SHOOTDOWN],
    bounds={"tasks": 1, "blocks": 2, "orders_above": 1},
    design={"unexpected_errors": True},
)
Scenario(
    "two-blocks",
    "Two blocks are flipped at once, either way, for requests of the largest order; which may fail half-way.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_raw_blocks, alloc_kernel_blocks, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"cpus": 1, "tasks": 1, "blocks": 2, "orders_above": 1},
)
huge_entry = Scenario(
    "huge-entry",
    "Two CPUs split the 1G entry that maps both of their blocks; either may find no memory for that. One of "
    "them asks for memory once only: what follows a failure is as large as all the rest.",
    runs={Task[0]: [evict], Task[1]: [alloc_raw_page, alloc_kernel_page, free_kernel_page]},
    once={Task[0]: [alloc_raw_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"blocks": 2, "pages": 1},
    design={"direct_map": DirectMap.HUGE},
)
migratetypes = Scenario(
    "migratetypes",
    "Movable and unmovable requests claim and steal from each other, and an unmapped one flips.",
    runs={
        Task[0]: [evict],
        Task[1]: [alloc_movable_page, free_movable_page, alloc_kernel_page, free_kernel_page],
    },
    once={Task[0]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    bounds={"blocks": 2},
    design={"no_memory": False},
)
Scenario(
    "mixed-buddies",
    "Movable and unmovable blocks lie side by side, and are merged when both are free.",
    runs={Task[0]: [alloc_movable_page, free_movable_page, alloc_kernel_page, free_kernel_page]},
    actions=[],
    bounds={"cpus": 1, "tasks": 1, "blocks": 2, "orders_above": 1},
    design={"no_memory": False},
)
Scenario(
    "steal",
    "A page is stolen from a block of another migratetype, too little of which is free to claim it.",
    runs={Task[0]: [alloc_movable_page, free_movable_page, alloc_kernel_page, free_kernel_page]},
    actions=[],
    bounds={"cpus": 1, "tasks": 1, "pages": 4},
    design={"no_memory": False},
)
nofragment = Scenario(
    "nofragment",
    "First attempts must not spoil blocks of another migratetype.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, alloc_movable_page]},
    once={Task[0]: [free_kernel_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"tasks": 1, "blocks": 2},
    design={"nofragment": True, "no_memory": False},
)
Scenario(
    "ping-pong",
    "Memory is nearly used up, and pages of both kinds are wanted in turn.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=SHOOTDOWN,
    initial=partly_used_fallback,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2},
    design={"nofragment": True, "no_memory": False},
)
Scenario(
    "zeroed",
    "Requests with __GFP_ZERO find pages that an unmapped user had before.",
    runs={Task[0]: [evict, alloc_zeroed_page, free_kernel_page]},
    actions=SHOOTDOWN,
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "zeroed-on-free",
    "The same with init_on_free, which makes the allocator trust that free pages are zero.",
    runs={Task[0]: [evict, alloc_zeroed_page, free_kernel_page, alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"init_on_free": True, "no_memory": False},
)
Scenario(
    "init-on-alloc",
    "With init_on_alloc every page is zeroed before it is handed out.",
    runs={Task[0]: [populate, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_mermap, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"init_on_alloc": True, "no_memory": False},
)
Scenario(
    "page-poisoning",
    "With page_poison pages are overwritten when they are freed, and read when they are allocated.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=SHOOTDOWN,
    bounds={"tasks": 1},
    design={"page_poisoning": True, "no_memory": False},
)
Scenario(
    "debug-pagealloc",
    "With debug_pagealloc pages leave the direct map when they are freed, and return when allocated.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"debug_pagealloc": True, "direct_map": DirectMap.SMALL, "no_memory": False},
)
Scenario(
    "bulk",
    "Several pages are allocated and zeroed with the lock of the per-CPU list held.",
    runs={Task[0]: [alloc_pages_bulk, evict], Task[1]: [free_kernel_page]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=unmapped_block,
    bounds={"blocks": 2, "pages": 1, "pcp_batch": 2},
    design={"pcplists": True, "no_memory": False},
)
