"""Initial states: what was allocated and unmapped before a scenario begins."""

from __future__ import annotations

from checker.language import initial
from model.bounds import Bounds
from model.design import Design, DirectMap
from model.free_list import __free_one_page
from model.freetype import Kind, Migratetype
from model.kernel import Asid, Block, Contents, Context, Cpu, Entry, Hand, Kernel, Mm, Page, Task
from model.pageblock import get_pfnblock_freetype


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
    for mm in Mm:
        k.mm[mm].percpu = mm
        for cpu in Cpu:
            k.mm[mm].tables.add(cpu)
    for task in Task:
        cpu = Cpu(int(task) % Bounds.cpus)
        k.task[task].cpu = cpu
        k.task[task].mm = Mm(int(task) % Bounds.mms)
        if k.cpu[cpu].current is None:
            k.cpu[cpu].current = task
            load_first(k, cpu, k.task[task].mm)


def load_first(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """The address space that the CPU has loaded at first, with its first identifier."""
    k.cpu[cpu].mm = mm
    k.cpu[cpu].asid[Asid(0)].mm = mm
    k.cpu[cpu].next_asid = Asid(1 % len(Asid))


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
    """The block was flipped before, if this kernel has flips."""
    if not Design.unmapped_requests:
        return
    k.pageblock[block].flag = Kind.UNMAPPED
    if k.pageblock[block].entry is Entry.HUGE:
        for other in block.zone.blocks:
            k.pageblock[other].entry = Entry.LARGE
    for page in block.pages:
        k.page[page].present = False


def give(k: Kernel, page: Page, task: Task) -> None:
    """The page is unmapped, and in use by the task's process; in a kernel without such pages it is free."""
    if not Design.unmapped_requests:
        return
    unmap(k, page.block)
    k.page[page].assign(hand=Hand.CACHE, holder=task, secret_of=k.task[task].mm)


def unmapped_block(k: Kernel) -> None:
    """Block 0 is unmapped, and its pages free."""
    set_up(k)
    unmap(k, Block(0))
    free_the_rest(k)


def partly_used_fallback(k: Kernel) -> None:
    """Block 0 is free; block 1 is movable, and one of its pages is in use and stays."""
    set_up(k)
    k.pageblock[Block(1)].migratetype = Migratetype.MOVABLE
    k.page[Block(1).pages[0]].assign(hand=Hand.LRU, unevictable=True)
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
    free_the_rest(k)


def all_pages_in_use(k: Kernel) -> None:
    """Every page is unmapped and in use by the process of task 0."""
    set_up(k)
    for page in Page:
        give(k, page, Task(0))
    free_the_rest(k)


def handler_on_first_cpu(k: Kernel) -> None:
    """The last task is an interrupt handler of CPU 0; page 0 is in use by the process of task 0."""
    set_up(k)
    become_handler(k, Task(Bounds.tasks - 1))
    give(k, Page(0), Task(0))
    free_the_rest(k)


def handler_and_free_memory(k: Kernel) -> None:
    """The last task is an interrupt handler of CPU 0; every page is free."""
    set_up(k)
    become_handler(k, Task(Bounds.tasks - 1))
    free_the_rest(k)


def become_handler(k: Kernel, task: Task) -> None:
    """An interrupt handler of CPU 0."""
    k.task[task].context = Context.IRQ
    k.task[task].cpu = Cpu(0)
