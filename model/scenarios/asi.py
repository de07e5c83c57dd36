"""Sensitive and nonsensitive memory, and CPUs that enter and leave the restricted tables."""

from __future__ import annotations

from checker.language import Scenario
from model.asi import asi_enter, asi_exit
from model.boot import free_the_rest, set_up, unmap
from model.callers import evict, populate
from model.design import DirectMap
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap, fill_tagged, schedule
from model.kernel import Block, Kernel, Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page

FILLS = [fill_direct, fill_tagged]
TABLES = {"no_memory": False, "direct_map": DirectMap.LARGE}  # preallocated, as fine as blocks


def all_sensitive(k: Kernel) -> None:
    """At boot everything is sensitive; the first flip is one to nonsensitive."""
    set_up(k)
    for block in Block:
        unmap(k, block)
    free_the_rest(k)


Scenario(
    "asi",
    "A block becomes nonsensitive and sensitive again, while another CPU runs in the restricted tables.",
    runs={Task[0]: [populate, evict, alloc_kernel_page, free_kernel_page]},
    actions=[*FILLS, asi_enter, asi_exit, *SHOOTDOWN],
    initial=all_sensitive,
    bounds={"tasks": 2, "mms": 2},
    design=TABLES,
)
Scenario(
    "asi-two-processes",
    "Two processes have sensitive memory, and one of them nonsensitive memory too.",
    runs={Task[0]: [populate, evict], Task[1]: [populate, evict, alloc_kernel_page, free_kernel_page]},
    actions=[*FILLS, fill_mermap, asi_enter, asi_exit, *SHOOTDOWN],
    initial=all_sensitive,
    bounds={"mms": 2},
    design=TABLES,
    default=False,
)
Scenario(
    "asi-switch",
    "Two processes take turns on a CPU, and what each has cached stays with its tag.",
    runs={Task[0]: [populate, evict, alloc_kernel_page, free_kernel_page], Task[1]: []},
    actions=[*FILLS, asi_enter, asi_exit, schedule],
    initial=all_sensitive,
    bounds={"cpus": 1, "mms": 2},
    design=TABLES,
)
