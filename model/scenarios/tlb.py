"""Other machines: how TLBs are tagged and flushed, CPUs that come up, further addresses of a page."""

from __future__ import annotations

from checker.language import Scenario
from model.boot import all_pages_in_use, boot, free_the_rest, load_first, one_page_each, set_up
from model.bounds import Bounds
from model.callers import alloc_raw_page, evict, write_file
from model.environment import Ceiling, Switching, Tags, Walks
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap, fill_tagged, schedule
from model.isolated_cpu import HOTPLUG, ISOLATION
from model.kernel import Context, Cpu, Hand, Kernel, Mm, Page, Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page
from model.kernel_image import fill_image, free_kernel_image_pages
from model.scenarios.files import secret_files
from model.secretmem import secretmem_fault
from model.switching import SWITCHES
from model.truncate import truncate_file
from model.user_memory import fill_user, write_memory
from model.users import NoDirectMap
from model.vmalloc import fill_alias, purge_vmap_areas, vfree, vmalloc
from model.walks import WALKS

FLIPS = [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]

Scenario(
    "flip-and-hotplug",
    "A block crosses the direct-map boundary while another CPU goes offline and is brought up.",
    runs={Task[0]: FLIPS},
    actions=[fill_direct, *SHOOTDOWN, *HOTPLUG],
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "flip-broadcast",
    "The same where the other CPUs are flushed by INVLPGB.",
    runs={Task[0]: FLIPS},
    actions=[fill_direct, *SHOOTDOWN, *HOTPLUG],
    bounds={"tasks": 1},
    design={"no_memory": False, "broadcast": True},
    default=False,
)
Scenario(
    "flip-small-block",
    "A block has so few pages that its flush is of their addresses only.",
    runs={Task[0]: FLIPS},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"no_memory": False, "ceiling": Ceiling.BELOW},
    default=False,
)


def two_mms_on_a_cpu(k: Kernel) -> None:
    """Tasks 1 and 2 share CPU 1, and have an address space each."""
    boot(k)
    k.task[Task(2)].cpu = Cpu(1)


Scenario(
    "flip-small-block-pti",
    "The same with page-table isolation, where a CPU switches between address spaces.",
    runs={Task[0]: [alloc_raw_page]},
    actions=[schedule, fill_tagged, *SHOOTDOWN],
    initial=two_mms_on_a_cpu,
    bounds={"tasks": 3, "mms": 3},
    design={"no_memory": False, "ceiling": Ceiling.BELOW, "pti": True, "tags": Tags.SLOTS},
    default=False,
)
ALIASES = {Task[0]: [alloc_raw_page], Task[1]: [vmalloc, vfree, purge_vmap_areas]}
Scenario(
    "vfree",
    "A page that was vmalloc()ed is freed, and its block unmapped, before the lazy purge.",
    runs=ALIASES,
    actions=[fill_alias, *SHOOTDOWN],
    design={"no_memory": False},
    default=False,
)
Scenario(
    "vfree-small-block",
    "The same where the flush of a block is of its direct-map addresses only.",
    runs=ALIASES,
    actions=[fill_alias, *SHOOTDOWN],
    design={"no_memory": False, "ceiling": Ceiling.BELOW},
)


def init_memory(k: Kernel) -> None:
    """Page 0 is part of the kernel image, and in the hands of the last task, which boots."""
    set_up(k)
    k.page[Page(0)].assign(hand=Hand.KERNEL, holder=Task(Bounds.tasks - 1), image=True)
    free_the_rest(k)


Scenario(
    "init-memory",
    "Pages that only booting needed are freed, and their block unmapped.",
    runs={Task[0]: [alloc_raw_page, evict]},
    once={Task[1]: [free_kernel_image_pages]},
    actions=[fill_image, *SHOOTDOWN],
    initial=init_memory,
    design={"no_memory": False},
)
Scenario(
    "init-memory-pti",
    "The same with page-table isolation.",
    runs={Task[0]: [alloc_raw_page, evict]},
    once={Task[1]: [free_kernel_image_pages]},
    actions=[fill_image, *SHOOTDOWN],
    initial=init_memory,
    design={"no_memory": False, "pti": True},
)
Scenario(
    "recycled-tags",
    "Three processes share a CPU that has two identifiers for address spaces.",
    runs={Task[0]: [write_file, evict], Task[1]: [write_file]},
    actions=[schedule, fill_mermap, *SHOOTDOWN],
    initial=one_page_each,
    bounds={"cpus": 1, "tasks": 3, "mms": 3},
    design={"tags": Tags.SLOTS},
    default=False,
)
Scenario(
    "no-tags",
    "Two processes share a CPU without PCIDs.",
    runs={Task: [write_file, evict]},
    actions=[schedule, fill_mermap, *SHOOTDOWN],
    initial=one_page_each,
    bounds={"cpus": 1, "mms": 2},
    design={"tags": Tags.NONE},
    default=False,
)


def two_on_the_other_cpu(k: Kernel) -> None:
    """Process 0 has made a secretmem file; of its tasks one is on CPU 0, and one on CPU 1 with task 1."""
    secret_files(k)
    k.task[Task(1)].cpu = Cpu(1)
    k.task[Task(2)].cpu = Cpu(1)
    k.task[Task(2)].mm = Mm(0)
    k.cpu[Cpu(1)].current = Task(2)
    load_first(k, Cpu(1), Mm(0))


def kernel_thread_on_the_other_cpu(k: Kernel) -> None:
    """The same where task 1 is a kernel thread."""
    two_on_the_other_cpu(k)
    k.task[Task(1)].context = Context.KTHREAD


UNMAPPER = {Task[0]: [secretmem_fault, truncate_file]}
EACH_PAGE = {"no_memory": False, "no_direct_map": NoDirectMap.USERS}
Scenario(
    "unmap-and-switch",
    "A process empties its file, while another CPU switches between it and another process.",
    runs=UNMAPPER,
    actions=[schedule, fill_user, *SHOOTDOWN],
    initial=two_on_the_other_cpu,
    bounds={"tasks": 3, "mms": 2},
    design={**EACH_PAGE, "tags": Tags.SLOTS},
    default=False,
)
Scenario(
    "unmap-while-switching",
    "The same, and the flush is asked for in the middle of such a switch.",
    runs=UNMAPPER,
    actions=[schedule, fill_user, *SHOOTDOWN, *SWITCHES],
    initial=two_on_the_other_cpu,
    bounds={"tasks": 3, "mms": 2},
    design={**EACH_PAGE, "tags": Tags.SLOTS, "switching": Switching.TWO_STEP},
    default=False,
)
Scenario(
    "unmap-and-lazy",
    "A process empties its file, while another CPU runs a kernel thread for a while.",
    runs=UNMAPPER,
    actions=[schedule, fill_user, write_memory, *SHOOTDOWN],
    initial=kernel_thread_on_the_other_cpu,
    bounds={"tasks": 3, "mms": 2},
    design=EACH_PAGE,
    default=False,
)
Scenario(
    "global-tags",
    "Two processes share a CPU, whose identifiers are global: per-process flushes are by INVLPGB.",
    runs=UNMAPPER,
    actions=[schedule, fill_user, *SHOOTDOWN],
    initial=two_on_the_other_cpu,
    bounds={"tasks": 3, "mms": 2},
    design={**EACH_PAGE, "tags": Tags.GLOBAL, "broadcast": True},
    default=False,
)
Scenario(
    "deferred-flush",
    "Another CPU is isolated, and flushes when it enters the kernel.",
    runs={Task[0]: FLIPS},
    actions=[fill_direct, *SHOOTDOWN, *ISOLATION],
    design={"no_memory": False, "defer_flushes": True},
    default=False,
)
Scenario(
    "two-step-walks",
    "Weaker hardware: a walk may cache what was flushed since it read the entry.",
    runs={Task[0]: FLIPS},
    actions=[fill_direct, *WALKS, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"no_memory": False, "walks": Walks.TWO_STEP},
    default=False,
)
Scenario(
    "two-step-walks-mermap",
    "The same where a process writes its pages through the mermap, and gives them back.",
    runs={Task[0]: [write_file, evict]},
    actions=[fill_mermap, *WALKS, *SHOOTDOWN],
    initial=all_pages_in_use,
    bounds={"tasks": 1, "vas": 3},
    design={"walks": Walks.TWO_STEP},
    default=False,
)
