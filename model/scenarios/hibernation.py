"""Hibernation, with secretmem files and with other unmapped users."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import first_page_in_use, unmapped_block
from model.callers import alloc_raw_page, evict
from model.design import DirectMap
from model.hardware import SHOOTDOWN, fill_direct
from model.hibernate import hibernate
from model.kernel import Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page
from model.memory_failure import inject_memory_failure

Scenario(
    "hibernation",
    "An image is made while a process may open a secretmem file.",
    runs={Task[0]: [hibernate], Task[1]: [alloc_raw_page, evict]},
    actions=[fill_direct, *SHOOTDOWN],
    design={"no_memory": False},
)
Scenario(
    "hibernation-other-user",
    "An image is made while a page that is not secretmem's is in use, in an entry that is absent as a whole.",
    runs={Task[0]: [hibernate], Task[1]: [alloc_raw_page, evict]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_in_use,
    design={"unmapped_by_secretmem": False, "direct_map": DirectMap.LARGE},
)
Scenario(
    "hibernation-after-failure",
    "An image is made after a page of a secretmem file was taken out of use as broken.",
    runs={Task[0]: [inject_memory_failure, hibernate]},
    actions=SHOOTDOWN,
    initial=first_page_in_use,
    bounds={"cpus": 1, "tasks": 1, "pages": 1},
    design={"direct_map": DirectMap.LARGE},
)
Scenario(
    "resume",
    "After a resume free pages of both kinds are zeroed, with init_on_free.",
    runs={Task[0]: [hibernate, alloc_kernel_page, free_kernel_page, alloc_raw_page, evict]},
    actions=SHOOTDOWN,
    initial=unmapped_block,
    bounds={"tasks": 1, "blocks": 2},
    design={"init_on_free": True, "no_memory": False},
)
