"""Large worlds, run only when asked for."""

from __future__ import annotations

from checker.language import Scenario
from model.atomic_callers import alloc_atomic_pages
from model.boot import first_page_in_use
from model.callers import (
    alloc_raw_page,
    close_mapping,
    drop_last_reference,
    evict,
    populate,
    remove_referenced,
    write_file,
)
from model.contig import alloc_contig_range, free_contig_range
from model.design import DirectMap
from model.filesystem import write_without_direct_map
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap
from model.hibernate import hibernate
from model.kernel import Cpu, Task
from model.kernel_callers import (
    alloc_kernel_block,
    alloc_kernel_page,
    alloc_movable_page,
    alloc_zeroed_page,
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
from model.page_reporting import page_reporting_process
from model.scenarios.isolation import (
    contig,
    contig_large_buddies,
    contig_many_blocks,
    hotplug,
)
from model.scenarios.page_alloc import huge_entry, migratetypes, nofragment
from model.unpoison import unpoison_memory

EVERYTHING = [
    alloc_raw_page,
    populate,
    evict,
    remove_referenced,
    drop_last_reference,
    close_mapping,
    write_file,
    write_without_direct_map,
    alloc_kernel_page,
    alloc_zeroed_page,
    alloc_atomic_pages,
    alloc_kernel_block,
    free_kernel_page,
    alloc_movable_page,
    free_movable_page,
    alloc_contig_range,
    free_contig_range,
    offline_pages,
    online_pages,
    page_reporting_process,
    hibernate,
    machine_check,
    clear_mce_nospec,
    inject_memory_failure,
    soft_offline_page,
    unpoison_memory,
]

BOTH_KINDS = [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]

Scenario(
    "three-cpus",
    "Three CPUs allocate and free pages of both kinds out of one block; page-table allocations may fail.",
    runs={Task: BOTH_KINDS},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"cpus": 3, "tasks": 3},
    symmetric=[Cpu, Task],
    default=False,
)
Scenario(
    "four-cpus",
    "The same with four CPUs.",
    runs={Task: BOTH_KINDS},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"cpus": 4, "tasks": 4},
    symmetric=[Cpu, Task],
    default=False,
)
Scenario(
    "three-cpus-mermap",
    "Two tasks of a process populate and remove pages through the mermap, while a third CPU only speculates.",
    runs={Task[0]: [populate, evict], Task[1]: [populate, evict]},
    actions=[fill_direct, fill_mermap, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"cpus": 3},
    design={"no_memory": False},
    symmetric=[Cpu, Task],
    default=False,
)
Scenario(
    "three-tasks-mermap",
    "Three tasks of a process populate and remove pages through the mermap, each on a CPU of its own.",
    runs={Task: [populate, evict]},
    actions=[fill_direct, fill_mermap, *SHOOTDOWN],
    bounds={"cpus": 3, "tasks": 3},
    design={"no_memory": False},
    symmetric=[Cpu, Task],
    default=False,
)
Scenario(
    "allocator-all",
    "Every operation but the nolock ones, on both of two CPUs, with a single page.",
    runs={Task[0]: EVERYTHING, Task[1]: EVERYTHING},
    actions=[fill_direct, fill_mermap, *SHOOTDOWN],
    bounds={"pages": 1},
    design={"direct_map": DirectMap.LARGE, "unmapped_by_secretmem": False},
    default=False,
)


def again(small: Scenario) -> None:
    """The same world, and what is done there once is done any number of times."""
    Scenario(
        f"{small.name}-again",
        f"{small.name}, with no request that is made only once.",
        runs={who: [*small.once.get(who, []), *operations] for who, operations in small.runs.items()},
        actions=small.actions,
        initial=small.initial,
        bounds=small.bounds,
        design=small.design,
        default=False,
    )


for small in (
    contig,
    contig_large_buddies,
    contig_many_blocks,
    hotplug,
    huge_entry,
    migratetypes,
    nofragment,
):
    again(small)
