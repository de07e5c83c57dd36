"""Small closed worlds, each about one behaviour, and a large one."""

from __future__ import annotations

from checker.language import Scenario, initial
from model.bounds import Bounds
from model.callers import alloc_raw_page, close_mapping, evict, populate, write_file
from model.design import Design, DirectMap
from model.free_list import __free_one_page
from model.freetype import Kind
from model.hardware import acknowledge_ipi, fill_direct, fill_mermap, migrate, schedule, take_ipi
from model.kernel import Block, Contents, Cpu, Entry, Hand, Kernel, Mm, Page, Task
from model.kernel_callers import alloc_kernel_page, free_kernel_page
from model.pageblock import get_pfnblock_freetype

SHOOTDOWN = [take_ipi, acknowledge_ipi]


@initial
def boot(k: Kernel) -> None:
    """Everything mapped, zero and free; the tasks dealt out to the CPUs and the address spaces."""
    set_up(k)
    free_the_rest(k)


def set_up(k: Kernel) -> None:
    """Everything mapped and zero; no page is free yet."""
    for page in Page:
        k.page[page].assign(present=True, hand=Hand.LIMBO)
        if Design.page_poisoning:
            k.page[page].contents = Contents.POISON
    for block in Block:
        k.pageblock[block].entry = boot_entry()
    for task in Task:
        cpu = Cpu(int(task) % Bounds.cpus)
        k.task[task].cpu = cpu
        k.task[task].mm = Mm(int(task) % Bounds.mms)
        if k.cpu[cpu].current is None:
            k.cpu[cpu].current = task
            k.cpu[cpu].mm = k.task[task].mm


def boot_entry() -> Entry:
    """The entry that maps a block."""
    if Design.direct_map is DirectMap.HUGE:
        return Entry.HUGE
    return Entry.LARGE if Design.direct_map is DirectMap.LARGE else Entry.SMALL


def free_the_rest(k: Kernel) -> None:
    """memblock_free_all(): every page that was given to nobody goes to the buddy lists."""
    for page in Page:
        if k.page[page].hand is Hand.LIMBO:
            k.zone[page.block.zone].locked_by = Task(0)
            __free_one_page(k, Task(0), page, 0, get_pfnblock_freetype(k, page))
            k.zone[page.block.zone].locked_by = None
            if Design.debug_pagealloc:
                k.page[page].present = False


def unmap(k: Kernel, block: Block) -> None:
    """The block was flipped before."""
    k.pageblock[block].flag = Kind.UNMAPPED
    if k.pageblock[block].entry is Entry.HUGE:
        for other in block.zone.blocks:
            k.pageblock[other].entry = Entry.LARGE
    for page in block.pages:
        k.page[page].present = False


def give(k: Kernel, page: Page, task: Task) -> None:
    """The page is unmapped, and in use by the task's process."""
    unmap(k, page.block)
    k.page[page].assign(hand=Hand.CACHE, holder=task, secret_of=k.task[task].mm)


def unmapped_block(k: Kernel) -> None:
    """Block 0 is unmapped, and its pages free."""
    set_up(k)
    unmap(k, Block(0))
    free_the_rest(k)


def first_page_in_use(k: Kernel) -> None:
    """Page 0's block is unmapped, and page 0 in use by the process of task 0."""
    set_up(k)
    give(k, Page(0), Task(0))
    free_the_rest(k)


def first_page_of_last_task(k: Kernel) -> None:
    """Page 0's block is unmapped, and page 0 in use by the process of the last task."""
    set_up(k)
    give(k, Page(0), Task(Bounds.tasks - 1))
    free_the_rest(k)


def one_page_each(k: Kernel) -> None:
    """Every page is unmapped, and in use by the process of the task of its number."""
    set_up(k)
    for page in Page:
        give(k, page, Task(int(page) % Bounds.tasks))


def all_pages_in_use(k: Kernel) -> None:
    """Every page is unmapped and in use by the process of task 0."""
    set_up(k)
    for page in Page:
        give(k, page, Task(0))


# ---- the flip ----

Scenario(
    "flip",
    "One block crosses the direct-map boundary in both directions, while another CPU only speculates.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "stale-after-free",
    "A page is zeroed through the mermap, used and freed; its block may be flipped back to the kernel.",
    runs={Task[0]: [populate, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, fill_mermap, *SHOOTDOWN],
    bounds={"tasks": 1},
    design={"no_memory": False},
)
Scenario(
    "flip-failure",
    "The page-table allocation fails half-way through an unmapping flip.",
    runs={Task[0]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"tasks": 1},
)
Scenario(
    "failure-race",
    "A flip fails while another CPU allocates and frees pages of the kind that was asked for.",
    runs={Task[0]: [alloc_raw_page], Task[1]: [alloc_raw_page, evict]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_of_last_task,
    bounds={"blocks": 2, "pages": 1},
)
Scenario(
    "two-flips",
    "Two CPUs flip at the same time, and each waits for the other's flush.",
    runs={Task[0]: [alloc_raw_page, evict], Task[1]: [alloc_raw_page, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"blocks": 2, "pages": 1},
    design={"no_memory": False},
)
Scenario(
    "flip-and-alloc",
    "One CPU flips and flushes while another waits for the zone lock, or holds it, with interrupts off.",
    runs={Task[0]: [alloc_raw_page, evict], Task[1]: [alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    design={"no_memory": False},
)
Scenario(
    "neighbours",
    "Two neighbouring blocks of different kinds become wholly free.",
    runs={Task[0]: [evict, alloc_raw_page], Task[1]: [alloc_kernel_page, free_kernel_page]},
    actions=SHOOTDOWN,
    initial=first_page_in_use,
    bounds={"blocks": 2, "pages": 1, "orders_above": 1},
    design={"no_memory": False},
)

# ---- the mermap ----

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
    "two-removals",
    "Two tasks of a process add pages to the same file, and remove them at the same time.",
    runs={Task[0]: [populate], Task[1]: [populate]},
    once={Task[0]: [evict], Task[1]: [evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=unmapped_block,
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

# ---- options of the kernel, and failures that nobody expects ----

Scenario(
    "init-on-free",
    "With init_on_free the allocator itself zeroes a page while it frees it.",
    runs={Task[0]: [populate, evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"init_on_free": True, "no_memory": False},
)
Scenario(
    "map-back-failure",
    "Mapping a block back fails half-way, for a reason that the kernel warns about.",
    runs={Task[0]: [evict, alloc_raw_page, alloc_kernel_page, free_kernel_page]},
    actions=[fill_direct, *SHOOTDOWN],
    initial=first_page_in_use,
    bounds={"tasks": 1},
    design={"no_memory": False, "unexpected_errors": True},
)
Scenario(
    "mermap-error",
    "Mapping the second of two pages fails; the pages are then freed.",
    runs={Task[0]: [write_file, evict]},
    actions=[fill_mermap, *SHOOTDOWN],
    initial=all_pages_in_use,
    bounds={"tasks": 1, "vas": 3},
    design={"map_errors": True},
)

# ---- large ones, run only when asked for ----

Scenario(
    "three-cpus",
    "Three CPUs allocate and free pages of both kinds out of one block; page-table allocations may fail.",
    runs={
        Task[0]: [alloc_raw_page, evict],
        Task[1]: [alloc_kernel_page, free_kernel_page],
        Task[2]: [alloc_raw_page, evict, alloc_kernel_page, free_kernel_page],
    },
    actions=[fill_direct, *SHOOTDOWN],
    bounds={"cpus": 3, "tasks": 3},
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
    default=False,
)
