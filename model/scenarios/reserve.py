"""The reserve for atomic requests, and those who may not take from it."""

from __future__ import annotations

from checker.language import Scenario
from model.atomic_callers import alloc_atomic_pages
from model.boot import unmapped_block
from model.callers import alloc_raw_page
from model.design import DirectMap
from model.hardware import SHOOTDOWN
from model.kernel import Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page

Scenario(
    "all-free-is-unmapped",
    "An atomic request finds free memory above the watermark, and none of it mapped.",
    once={Task[0]: [alloc_kernel_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1, "watermark": 1},
    design={"slow_path": True, "direct_map": DirectMap.LARGE},
)
Scenario(
    "two-zones",
    "The first zone has unmapped pages only, the second one mapped ones.",
    runs={Task[0]: [alloc_kernel_page, free_kernel_page, alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1, "zones": 2, "orders_above": 1},
    design={"direct_map": DirectMap.LARGE},
)
Scenario(
    "reserve",
    "Atomic requests reserve a block of either kind; when memory is used up it is given back.",
    runs={Task[0]: [alloc_atomic_pages]},
    once={Task[0]: [alloc_kernel_page, free_kernel_page, alloc_raw_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2, "pages": 4, "reserve": 1, "watermark": 2},
    design={"slow_path": True, "direct_map": DirectMap.LARGE},
)
Scenario(
    "reserve-pcplists",
    "The same where single pages pass through the per-CPU lists, of which reserved ones have none.",
    runs={Task[0]: [alloc_atomic_pages]},
    once={Task[0]: [alloc_kernel_page, free_kernel_page]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"cpus": 1, "tasks": 1, "blocks": 2, "pages": 4, "reserve": 1, "watermark": 2},
    design={"slow_path": True, "direct_map": DirectMap.LARGE, "pcplists": True},
)
