"""Initial states for any two operations: something for each of them to work on."""

from __future__ import annotations

from checker.language import choose
from model.boot import free_the_rest, give, load_first, set_up, unmap
from model.boot_pressure import put_on_lru
from model.bounds import Bounds
from model.design import Design
from model.freetype import Migratetype
from model.kernel import Block, Context, Hand, Kept, Kernel, Mm, Offset, Page, Task
from model.pageblock import first_page
from model.users import NoDirectMap, Users


def in_use(k: Kernel) -> None:
    """The first page is unmapped, was written through the mermap, and is in use by the process of task 0;
    the first page of the last block was allocated by task 1, for the kernel or as a movable one.
    """
    set_up(k)
    give_written(k)
    hand = choose(Hand.KERNEL, Hand.LRU)
    k.page[Page(len(Page) - Bounds.pages)].assign(hand=hand, holder=Task(1))
    free_the_rest(k)


def give_written(k: Kernel) -> None:
    """The first page is unmapped, was written through the mermap, and is in use by the process of task 0."""
    give(k, Page(0), Task(0))
    k.mm[k.task[Task(0)].mm].mermap_stale = True


def allocated(k: Kernel) -> None:
    """Each task has allocated a page, for the kernel or as a movable one."""
    set_up(k)
    for task in Task:
        hand = choose(Hand.KERNEL, Hand.LRU)
        k.page[Page(int(task))].assign(hand=hand, holder=task)
    free_the_rest(k)


def one_in_use(k: Kernel) -> None:
    """The first block is unmapped and in use by the process of task 0, or still referenced after its removal
    from its file; everything else is free.
    """
    set_up(k)
    give_or_remove(k)
    free_the_rest(k)


def give_or_remove(k: Kernel) -> None:
    """The first page is unmapped, and in use, or removed from its file while somebody has a reference; in a
    kernel without such pages it is free.
    """
    give_written(k)
    if not Design.unmapped_requests:
        return
    removed = choose(True, False)
    if removed:
        k.page[Page(0)].assign(hand=Hand.CALLER, holder=None, secret_of=None)


def out_of_use(k: Kernel) -> None:
    """As above; then a block with a broken page, or one declared so, a block that is offline, and one that is
    free or in which task 1 has a page, for the kernel or as a movable one.
    """
    set_up(k)
    give_or_remove(k)
    broken = first_page(Block(1))
    k.hw_memory_failure = choose(True, False)
    k.page[broken].assign(hand=Hand.OFFLINE, poisoned=True, kept=Kept.OFF_THE_LISTS)
    k.page[broken].present = not k.hw_memory_failure
    k.pageblock[Block(2)].removed = True
    for page in Block(2).pages:
        k.page[page].hand = Hand.OFFLINE
    give_ordinary(k, first_page(Block(3)))
    free_the_rest(k)


def give_ordinary(k: Kernel, page: Page) -> None:
    """The page is free, or task 1 has it, for the kernel or as a movable one."""
    hand = choose(Hand.LIMBO, Hand.KERNEL, Hand.LRU)
    if hand is not Hand.LIMBO:
        k.page[page].assign(hand=hand, holder=Task(1))


def in_pieces(k: Kernel) -> None:
    """Movable blocks, each with a page that cannot be reclaimed; one other page of task 1's."""
    set_up(k)
    for block in Block:
        k.pageblock[block].migratetype = Migratetype.MOVABLE
        put_on_lru(k, first_page(block), True)
    k.page[Page(1)].assign(hand=Hand.KERNEL, holder=Task(1))
    free_the_rest(k)


def with_handler(k: Kernel) -> None:
    """Task 1 is an interrupt handler on the CPU of task 0."""
    k.task[Task(1)].context = Context.IRQ


def interrupted(k: Kernel) -> None:
    """Everything is free, and task 1 is a handler."""
    set_up(k)
    with_handler(k)
    free_the_rest(k)


def interrupted_in_use(k: Kernel) -> None:
    """Some pages are in use, and task 1 is a handler."""
    in_use(k)
    with_handler(k)


def interrupted_out_of_use(k: Kernel) -> None:
    """Some pages are out of use, and task 1 is a handler."""
    out_of_use(k)
    with_handler(k)


def files_in_use(k: Kernel) -> None:
    """Both processes have a secretmem file, a page of which is mapped, and a guest_memfd, which is empty."""
    set_up(k)
    for file in Mm:
        for mm in Mm:
            k.file[file.file].sharers.add(mm)
    k.file[Mm(1).file].guest = True
    if Users.no_direct_map is NoDirectMap.UNMAPPED:
        for block in Block:
            unmap(k, block)
    for offset in Mm(0).file.offsets:
        put_into_file(k, Page(0), offset)
    free_the_rest(k)


def put_into_file(k: Kernel, page: Page, offset: Offset) -> None:
    """The page is in the file, which may keep it out of the direct map, and mapped by all that have it."""
    ordinary = k.file[offset.file].ordinary
    unmapped = Users.no_direct_map is NoDirectMap.UNMAPPED and not ordinary
    hand = Hand.CACHE if unmapped else Hand.ZAPPED
    k.page[page].assign(present=ordinary, hand=hand, mapping=offset.file, uptodate=True, refs=1)
    k.i_pages[offset] = page
    for mm in Mm:
        if mm in k.file[offset.file].sharers:
            k.mm[mm].user_pte[offset] = page
            k.page[page].refs += 1


def ordinary_file(k: Kernel) -> None:
    """Process 0 has a secretmem file; the other file is an ordinary one that both have. A page of either may
    be mapped; the other page may be task 1's.
    """
    set_up(k)
    k.file[Mm(0).file].sharers.add(Mm(0))
    for mm in Mm:
        k.file[Mm(1).file].sharers.add(mm)
    k.file[Mm(1).file].ordinary = True
    mapped = choose(Mm(0), Mm(1), None)
    if mapped is not None:
        if mapped == Mm(0) and Users.no_direct_map is NoDirectMap.UNMAPPED:
            unmap(k, Block(0))
        for offset in mapped.file.offsets:
            put_into_file(k, Page(0), offset)
    if k.page[Page(1)].present:
        give_ordinary(k, Page(1))
    free_the_rest(k)


def not_prepared(k: Kernel) -> None:
    """Task 1 is of the process of task 0, which has not used its mermap yet, or of one that has. It may have
    a page, which the former got by fork(), and an ordinary one. The last address space is still to be made.
    """
    set_up(k)
    for mm in Mm:
        k.mm[mm].gone = int(mm) == len(Mm) - 1
        if mm != Mm(1):
            k.mm[mm].unprepared = True
            k.mm[mm].tables.clear()
    other = choose(Mm(0), Mm(1))
    k.task[Task(1)].mm = other
    load_first(k, k.task[Task(1)].cpu, other)
    has_page = choose(True, False)
    if has_page:
        give(k, Page(0), Task(1))
    give_ordinary(k, Page(1))
    free_the_rest(k)


def with_aliases(k: Kernel) -> None:
    """Task 0 has a page that is part of the kernel image, and one that has an address of vmalloc()'s; the
    process of task 1 has an unmapped one in use, and may have an ordinary one.
    """
    set_up(k)
    give(k, Page(2), Task(1))
    k.page[Page(0)].assign(hand=Hand.KERNEL, holder=Task(0), image=True)
    k.page[Page(1)].assign(hand=Hand.KERNEL, holder=Task(0), alias=True)
    give_ordinary(k, Page(3))
    free_the_rest(k)
