"""Contiguous ranges that are made free by isolating their blocks and migrating what is in them."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.bounds import Bounds
from model.design import Design
from model.free_list import buddy_of, hand_over
from model.freetype import Kind, Migratetype
from model.isolate_range import start_isolate_page_range, test_pages_isolated, undo_isolate_page_range
from model.kernel import Block, Context, Hand, Kernel, Order, Page, Task
from model.kernel_callers import use_as_kernel_memory
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.migrate import folio_isolate_lru, migrate_folio, putback_movable_page
from model.page_alloc import __free_frozen_pages, __free_pages_prepare, free_prepared, post_alloc_hook
from model.page_isolation import Errno, __isolate_free_page, touches
from model.pageblock import is_in, max_page_order
from model.pcp import drain_all_pages
from model.request import Gfp
from model.slowpath import __alloc_frozen_pages


@operation(Task)
def alloc_contig_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_alloc.c, alloc_contig_range(); v4: 2^order pages from `head` on, for whoever needs just these.

    A range that could not be isolated comes to the same end as the others: whatever is isolated in it, by
    whomever, is undone.

    Trigger: root: echo to /proc/sys/vm/nr_hugepages for a gigantic size, or a driver that allocates from CMA,
    such as a camera's or a GPU's, on behalf of a user.
    """
    when(  # mutant swap: what is read is the same
        k.task[me].context is not Context.IRQ and is_range(head, order)
    )
    when(  # mutant: the pages of a block that is offline count as unmovable, too
        not any(k.pageblock[block].removed for block in Block if touches(block, head, order))
    )
    result = yield from start_isolate_page_range(k, me, head, order, False)
    if result is Errno.DONE:
        yield from drain_all_pages(k, me, head.block.zone)  # mutant: what is left there is only busy
        migrated = yield from migrate_range(k, me, head, order)
        if migrated:
            yield from take_range(k, me, head, order)
        note_range(k, head, order)
    elif Design.contig_undoes_own:
        return
    yield from undo_isolate_page_range(k, me, head, order)


# atomic: what a property wants to know takes no time
def note_range(k: Kernel, head: Page, order: Order) -> None:
    """For the claim that free ranges are handed out, judged where nobody else can free a page too late: is
    the isolated range still free, so that it was refused?
    """
    if Bounds.tasks == 1:
        k.range_asked = True
        if all(buddy_of(k, page) is not None for page in Page if is_in(page, head, order)):
            k.free_range_refused = True


def is_range(head: Page, order: Order) -> bool:
    """Is it an aligned range of one zone?"""
    last = int(head) + (1 << order) - 1
    return int(head) % (1 << order) == 0 and last < len(Page) and Page(last).block.zone == head.block.zone


def migrate_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps[bool]:
    """mm/page_alloc.c, __alloc_contig_migrate_range(), and memory_hotplug.c, do_migrate_range(): every page
    that is on an LRU. False: -ENOMEM, at which it ends.

    Unmapped pages on the unevictable LRU stay: secretmem's migrate callback refuses.
    """
    for page in Page:
        if is_in(page, head, order):
            yield
            if k.page[page].hand is Hand.LRU:
                migrated = yield from migrate_page(k, me, page)
                if not migrated:
                    return False
                yield from __free_frozen_pages(k, me, page, 0)
    return True


def migrate_page(k: Kernel, me: Task, page: Page) -> Steps[bool]:
    """mm/migrate.c, migrate_pages() for one page, with alloc_migration_target() for the target. The last
    reference is left to the caller.
    """
    folio_isolate_lru(k, me, page)
    ft = (Migratetype.MOVABLE, Kind.MAPPED)
    target = yield from __alloc_frozen_pages(k, me, 0, ft, Gfp.KERNEL, False)
    if target is None:
        putback_movable_page(k, page)
        return False
    hand_over(k, target, 0, Hand.LIMBO, me)
    yield
    yield from migrate_folio(k, me, page, target)
    return True


def take_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_alloc.c, alloc_contig_range(); v4: from test_pages_isolated() on. Buddies that reach out of the
    range are taken whole, and what was taken beside it is freed again.
    """
    isolated = yield from test_pages_isolated(k, me, head, order, False)
    if not isolated:  # mutant drop: isolate_freepages_range() finds out as well
        return
    taken = yield from isolate_freepages_range(k, me, head, order)
    if (  # mutant drop: isolation lasts, so that what was found free stays so
        not taken  # mutant swap: the same
    ):
        return
    for page in Page:  # mutant swap: a use is there for what it would show
        if is_in(page, head, order):
            yield from post_alloc_hook(  # mutant: no scenario has debugging options beside such a range
                k, me, page, 0, (Migratetype.UNMOVABLE, Kind.MAPPED), False
            )
            hand_over(k, page, 0, Hand.KERNEL, me)
            k.page[page].order = 0  # mutant drop: what comes off a list has no order
    use_as_kernel_memory(k, me, head)  # mutant: a use is there for what it would show
    for page in Page:
        if is_left_over(k, me, page, head, order):
            yield from __free_frozen_pages(k, me, page, 0)


def isolate_freepages_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps[bool]:
    """mm/compaction.c, isolate_freepages_range(), v4: block by block under the zone lock. If some page turns
    out not to be free, all of them are given back.
    """
    complete = True
    for block in Block:
        if complete and touches(block, head, order):
            yield from spin_lock_irqsave(k, me, head.block.zone)
            complete = take_block(k, me, block, head, order)
            spin_unlock_irqrestore(k, me, head.block.zone)
    if complete:
        return True
    for page in Page:  # mutant: isolation lasts, so that nothing is to be given back
        if is_mine(k, me, page):  # mutant: the same
            yield from __free_frozen_pages(k, me, page, 0)
    return False


def take_block(k: Kernel, me: Task, block: Block, head: Page, order: Order) -> bool:
    """mm/compaction.c, isolate_freepages_block() when strict: every buddy of the range in the block."""
    for page in block.pages:
        if is_in(page, head, order):
            buddy = buddy_of(k, page)
            if buddy is not None:
                isolated = __isolate_free_page(k, me, buddy, k.page[buddy].order)
                if not isolated:  # mutant drop: of isolated blocks no watermark is asked
                    return False
            elif not is_mine(k, me, page):  # mutant drop: isolation lasts
                return False
    return True


def is_mine(k: Kernel, me: Task, page: Page) -> bool:
    """Is the page in the limbo of `me`?"""
    return k.page[page].hand is Hand.LIMBO and k.page[page].holder == me


def is_left_over(k: Kernel, me: Task, page: Page, head: Page, order: Order) -> bool:
    """Was it taken only because its buddy reaches into the range?"""
    return is_mine(k, me, page) and not is_in(page, head, order)


@operation(Task)
def free_contig_range(k: Kernel, me: Task, head: Page, order: Order) -> Steps:
    """mm/page_alloc.c, free_contig_range(); v4: each page is prepared, the rest of the way is by the largest
    aligned orders; but around a poisoned page here one by one.

    Trigger: root, or the user of that driver: what was allocated so is given back.
    """
    when(is_range(head, order))
    when(all(is_single(k, me, page) for page in Page if is_in(page, head, order)))
    hand_over(k, head, order, Hand.LIMBO, me)
    part = min(order, max_page_order())
    for page in Page:
        if is_in(page, head, order):
            prepared = yield from __free_pages_prepare(k, me, page, 0)
            if not prepared:
                part = 0
    for page in Page:
        if is_in(page, head, order) and int(page) % (1 << part) == 0 and is_mine(k, me, page):
            yield from free_prepared(k, me, page, part)


def is_single(k: Kernel, me: Task, page: Page) -> bool:
    """Is it an allocation of order 0, of `me`?"""
    return k.page[page].hand is Hand.KERNEL and k.page[page].holder == me and k.page[page].order == 0
