"""Initial states: memory that is used up, or in pieces."""

from __future__ import annotations

from checker.language import choose
from model.boot import free_the_rest, give, set_up, unmap
from model.bounds import Bounds
from model.design import Design
from model.freetype import Migratetype, freetype_idx
from model.kernel import Block, Contents, Context, Cpu, Hand, Kernel, Page, Task
from model.pageblock import first_page, get_pfnblock_freetype


def put_on_lru(k: Kernel, page: Page, unevictable: bool) -> None:
    """Some process uses the page."""
    k.page[page].assign(hand=Hand.LRU, holder=None, contents=Contents.OTHER, unevictable=unevictable)


def reclaimable_block(k: Kernel) -> None:
    """The last block is movable and in use, all of it reclaimable; the others are free."""
    put_last_block_on_lru(k, False)


def perhaps_reclaimable_block(k: Kernel) -> None:
    """The same, where the pages of the last block may all be unevictable."""
    unevictable = choose(False, True)
    put_last_block_on_lru(k, unevictable)


def put_last_block_on_lru(k: Kernel, unevictable: bool) -> None:
    """The last block is movable and in use; the others are free."""
    set_up(k)
    last = Block(len(Block) - 1)
    k.pageblock[last].migratetype = Migratetype.MOVABLE
    for page in last.pages:
        put_on_lru(k, page, unevictable)
    free_the_rest(k)


def put_to_use(k: Kernel, page: Page) -> None:
    """The kernel uses the page, for good."""
    k.page[page].assign(hand=Hand.KERNEL, holder=None, contents=Contents.OTHER)


def locked_page_each(k: Kernel) -> None:
    """Movable blocks, the first page of each of which cannot be reclaimed."""
    set_up(k)
    for block in Block:
        k.pageblock[block].migratetype = Migratetype.MOVABLE
        put_on_lru(k, first_page(block), True)
    free_the_rest(k)


def targets_in_unmovable_block(k: Kernel) -> None:
    """A movable block with a page that cannot be reclaimed, and a kernel's one with a free page."""
    set_up(k)
    k.pageblock[Block(0)].migratetype = Migratetype.MOVABLE
    put_on_lru(k, Page(0), True)
    put_to_use(k, first_page(Block(1)))
    free_the_rest(k)


def nothing_to_move_to(k: Kernel) -> None:
    """Movable blocks: a page that cannot be reclaimed, and pages that task 0 has for the kernel."""
    set_up(k)
    for block in Block:
        k.pageblock[block].migratetype = Migratetype.MOVABLE
    put_on_lru(k, Page(0), True)
    for page in Page:
        if page.block != Block(0):
            k.page[page].assign(hand=Hand.KERNEL, holder=Task(0), contents=Contents.OTHER)
    free_the_rest(k)


def lru_pages_each(k: Kernel) -> None:
    """Movable blocks of a page that cannot be reclaimed and pages that can; nothing is free."""
    set_up(k)
    for block in Block:
        k.pageblock[block].migratetype = Migratetype.MOVABLE
        for page in block.pages:
            put_on_lru(k, page, page == first_page(block))


def lru_pages_in_unmovable_blocks(k: Kernel) -> None:
    """The same, in blocks that the kernel had claimed."""
    lru_pages_each(k)
    for block in Block:
        k.pageblock[block].migratetype = Migratetype.UNMOVABLE


def used_next_to_unmapped(k: Kernel) -> None:
    """Block 0 has a page that can be reclaimed and one that cannot; block 1 is unmapped, its first page in
    use.
    """
    set_up(k)
    k.pageblock[Block(0)].migratetype = Migratetype.MOVABLE
    for page in Block(0).pages:
        put_on_lru(k, page, page != Page(0))
    give(k, first_page(Block(1)), Task(0))
    free_the_rest(k)


def removed_next_to_used(k: Kernel) -> None:
    """The same, but that the page of block 1 has been removed from its file, and a device still uses it; the
    last task is an interrupt handler.
    """
    used_next_to_unmapped(k)
    if Design.unmapped_requests:
        k.page[first_page(Block(1))].assign(hand=Hand.CALLER, holder=None, secret_of=None)
    k.task[Task(Bounds.tasks - 1)].context = Context.IRQ


def target_about_to_be_flipped(k: Kernel) -> None:
    """Movable blocks: the first with a page that cannot be reclaimed, the second with one of task 1's."""
    set_up(k)
    for block in Block:
        k.pageblock[block].migratetype = Migratetype.MOVABLE
    put_on_lru(k, Page(0), True)
    k.page[first_page(Block(1))].assign(hand=Hand.KERNEL, holder=Task(1), contents=Contents.OTHER)
    free_the_rest(k)


def cached_elsewhere(k: Kernel) -> None:
    """The first page of each block is on the list of the last CPU; odd blocks are unmapped."""
    set_up(k)
    for block in Block:
        if int(block) % 2 == 1:
            unmap(k, block)
    for block in Block:
        page = first_page(block)
        k.page[page].assign(
            hand=Hand.PCP,
            holder=None,
            list=freetype_idx(get_pfnblock_freetype(k, page)),
            pcp=Cpu(Bounds.cpus - 1),
        )
    free_the_rest(k)
