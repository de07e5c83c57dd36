"""Broken memory, and what is repaired of it."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import first_page_in_use
from model.callers import alloc_raw_page, evict
from model.design import DirectMap
from model.hardware import SHOOTDOWN, fill_direct
from model.kernel import Task
from model.kernel_callers import (
    alloc_kernel_block,
    alloc_kernel_page,
    alloc_movable_page,
    free_kernel_page,
    free_movable_page,
)
from model.memory_failure import (
    clear_mce_nospec,
    inject_memory_failure,
    machine_check,
    soft_offline_page,
)
from model.memory_hotplug import offline_pages, online_pages
from model.nolock import free_pages_nolock
from model.unpoison import unpoison_memory

Scenario(
    "machine-check",
    "A page breaks, whoever has it; one page of a large entry leaves the direct map.",
    runs={
        Task[0]: [machine_check],
        Task[1]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page],
    },
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_in_use,
    design={"direct_map": DirectMap.LARGE},
)
Scenario(
    "break-in-flip",
    "A page breaks while its block is being flipped.",
    runs={Task[0]: [machine_check], Task[1]: []},
    once={Task[1]: [alloc_raw_page]},
    actions=SHOOTDOWN,
    design={"direct_map": DirectMap.LARGE, "no_memory": False},
)
Scenario(
    "break-nolock",
    "A page breaks while it is freed by somebody who may not wait for a lock.",
    runs={Task[0]: [inject_memory_failure], Task[1]: [free_pages_nolock]},
    once={Task[1]: [alloc_kernel_page]},
    actions=[],
    design={"no_memory": False, "pcplists": True},
)
Scenario(
    "broken-block",
    "One page of an allocation of several breaks, and is freed with the others.",
    runs={Task[0]: [machine_check], Task[1]: [alloc_kernel_block, free_kernel_page]},
    actions=SHOOTDOWN,
    design={"direct_map": DirectMap.LARGE, "no_memory": False},
)
Scenario(
    "repair",
    "A broken page of an absent entry is repaired.",
    runs={Task[0]: [machine_check, clear_mce_nospec, alloc_raw_page, evict]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"direct_map": DirectMap.LARGE},
)
Scenario(
    "injected-failure",
    "Errors are injected and taken back, while another CPU flips; except that nobody loses a page in use.",
    runs={
        Task[0]: [inject_memory_failure, unpoison_memory],
        Task[1]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page],
    },
    actions=SHOOTDOWN,
    design={"no_memory": False, "unpoison_needs_own": True},
)
Scenario(
    "unpoison-in-use",
    "An error is taken back of a page in use that was not dealt with.",
    runs={Task[0]: [inject_memory_failure, unpoison_memory], Task[1]: [free_kernel_page]},
    once={Task[1]: [alloc_kernel_page]},
    actions=[],
    design={"no_memory": False, "pcplists": True},
)
Scenario(
    "soft-offline",
    "A page is taken out of use before it breaks, and put back, whoever uses it.",
    runs={
        Task[0]: [soft_offline_page, unpoison_memory],
        Task[1]: [alloc_movable_page, free_movable_page, alloc_raw_page, evict],
    },
    actions=SHOOTDOWN,
    design={"no_memory": False},
)
Scenario(
    "unpoison-and-hotplug",
    "A poisoned page is put back while its block goes offline and online.",
    runs={Task[0]: [inject_memory_failure, unpoison_memory], Task[1]: [offline_pages, online_pages]},
    actions=[],
    design={"no_memory": False},
)
