"""Isolating the blocks of a range, and undoing it."""

from __future__ import annotations

from checker.language import Steps
from model.free_list import buddy_of
from model.kernel import Block, Kernel, Order, Page, Task
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.page_isolation import Errno, set_migratetype_isolate, touches, unset_migratetype_isolate
from model.pageblock import is_in


def start_isolate_page_range(k: Kernel, me: Task, head: Page, order: Order, offlining: bool) -> Steps[Errno]:
    """mm/page_isolation.c, start_isolate_page_range(); v4: the first block, the last one, then those between.
    What would straddle them counts as unmovable already.
    """
    last = head + ((1 << order) - 1)
    result = yield from set_migratetype_isolate(k, me, head.block, offlining)
    if result is not Errno.DONE or last.block == head.block:
        return result
    result = yield from set_migratetype_isolate(k, me, last.block, offlining)
    if result is not Errno.DONE:
        yield from unset_migratetype_isolate(k, me, head.block)
        return result
    for block in Block:
        if head.block < block and block < last.block:
            result = yield from set_migratetype_isolate(k, me, block, offlining)
            if result is not Errno.DONE:
                yield from unset_between(k, me, head.block, block)  # mutant swap: each block is by itself
                yield from unset_migratetype_isolate(k, me, last.block)
                return Errno.BUSY
    return Errno.DONE


def unset_between(k: Kernel, me: Task, first: Block, end: Block) -> Steps:
    """undo_isolate_page_range() of what this task has isolated itself."""
    for block in Block:
        if first <= block and block < end:
            yield from unset_migratetype_isolate(k, me, block)


def undo_isolate_page_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_isolation.c, undo_isolate_page_range(); v1, v4: every isolated block of the range that is
    online, whoever has isolated it.
    """
    for block in Block:
        if touches(block, head, order):
            yield  # mutant: whoever has isolated the block is the only one to undo it
            if k.pageblock[block].isolated and not k.pageblock[block].removed:  # atomic: read again
                yield from unset_migratetype_isolate(k, me, block)


def test_pages_isolated(k: Kernel, me: Task, head: Page, order: Order, offlining: bool) -> Steps[bool]:
    """mm/page_isolation.c, test_pages_isolated(); v4: the blocks' bits without the lock, then the pages."""
    yield  # mutant: the bits are nobody else's to change
    k.isolation_relied_on = True
    if (  # mutant drop: isolation lasts, so that this is a check only
        not are_isolated(k, head, order)  # mutant swap: the lock is for the pages only
    ):
        k.isolation_lost = True
        return False  # mutant: isolation lasts
    yield from spin_lock_irqsave(k, me, head.block.zone)  # mutant: all pages are looked at in one step anyway
    free = all(is_out_of_use(k, page, offlining) for page in Page if is_in(page, head, order))
    spin_unlock_irqrestore(k, me, head.block.zone)
    return free


# atomic: block by block; who has isolated them undoes it
def are_isolated(k: Kernel, head: Page, order: Order) -> bool:
    """The bits of the blocks that 2^order pages from `head` on lie in."""
    return all(k.pageblock[block].isolated for block in Block if touches(block, head, order))


# atomic: page by page: a flag may change right after the look as well
def is_out_of_use(k: Kernel, page: Page, offlining: bool) -> bool:
    """__test_page_isolated_in_pageblock(): part of a free buddy, or poisoned when memory goes offline."""
    return buddy_of(k, page) is not None or (offlining and k.page[page].poisoned)
