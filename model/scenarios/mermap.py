"""The mermap, and the page cache that uses it."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import (
    all_pages_in_use,
    first_page_in_use,
    handler_on_first_cpu,
    one_page_each,
    unmapped_block,
)
from model.callers import (
    close_mapping,
    drop_last_reference,
    evict,
    populate,
    remove_referenced,
    write_file,
    write_reserved,
)
from model.hardware import INTERRUPTS, SHOOTDOWN, fill_mermap, migrate, schedule
from model.kernel import Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page

Scenario(
    "two-removals",
    "Two tasks of a process add pages to the same file, and remove them at the same time.",
    runs={Task[0]: [populate], Task[1]: [populate]},
    once={Task[0]: [evict], Task[1]: [evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=unmapped_block,
    design={"no_memory": False},
)
Scenario(
    "mermap",
    "One process writes its pages through the mermap, which uses its addresses up and rewinds.",
    runs={Task[0]: [write_file]},
    actions=[fill_mermap],
    initial=all_pages_in_use,
    bounds={"tasks": 1, "vas": 4},
)
Scenario(
    "mermap-preempted",
    "Two tasks of a process share a CPU, and each is preempted while it holds a mapping.",
    runs={Task[0]: [write_file, evict], Task[1]: [write_file]},
    actions=[schedule, fill_mermap],
    initial=all_pages_in_use,
    bounds={"cpus": 1, "vas": 3, "slots": 3},
)
Scenario(
    "mermap-migration",
    "A process is moved between two CPUs while it uses the mermap.",
    runs={Task[0]: [write_file, evict]},
    actions=[migrate, fill_mermap, *SHOOTDOWN],
    initial=all_pages_in_use,
    bounds={"tasks": 1, "vas": 3},
)
Scenario(
    "mermap-two-processes",
    "Two processes write their own pages through their own mermaps, and free them.",
    runs={Task[0]: [write_file, evict], Task[1]: [write_file, evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=one_page_each,
    bounds={"mms": 2},
)
Scenario(
    "no-slot",
    "Zeroing finds every ordinary mermap slot taken by a preempted task, and takes the reserved path.",
    runs={Task[0]: [write_file], Task[1]: [populate, evict]},
    actions=[schedule, fill_mermap],
    initial=first_page_in_use,
    bounds={"cpus": 1, "vas": 3},
    design={"no_memory": False},
)
Scenario(
    "two-address-spaces",
    "Two processes on two CPUs get, use and free the same pages; the kernel takes one in between.",
    runs={Task[0]: [populate, evict, alloc_kernel_page, free_kernel_page], Task[1]: [populate, evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"mms": 2},
    design={"no_memory": False},
)
Scenario(
    "removal-and-close",
    "A page is removed from a file while the file's mapping is closed.",
    runs={Task[0]: [populate, evict], Task[1]: [close_mapping]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=unmapped_block,
    design={"no_memory": False},
)
Scenario(
    "reserved-mapping",
    "The reserved mapping is used while another task of the process holds an ordinary one.",
    runs={Task[0]: [write_reserved, write_file], Task[1]: [write_file]},
    actions=[schedule, fill_mermap],
    initial=all_pages_in_use,
    bounds={"cpus": 1, "vas": 3},
)
Scenario(
    "break-before-make",
    "The architecture is arm64, and another CPU speculates.",
    runs={Task[0]: [write_file]},
    actions=[fill_mermap],
    initial=all_pages_in_use,
    bounds={"tasks": 1, "vas": 3},
    design={"break_before_make": True},
)
Scenario(
    "freed-in-interrupt",
    "An interrupt handler drops the last reference to a page; a checker looks at what is freed.",
    once={Task[0]: [write_file, remove_referenced], Task[1]: [drop_last_reference]},
    actions=[fill_mermap, *INTERRUPTS, *SHOOTDOWN],
    initial=handler_on_first_cpu,
    design={"free_is_checked": True},
)
