"""Changing the direct map, entry by entry; large entries are split when less than all of one changes."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps, assumed, choose, suboperation
from model.access import access, write_contents
from model.design import Design, DirectMap
from model.freetype import Kind, Migratetype
from model.kernel import Contents, Entry, Kernel, Order, Page, Task
from model.locks import might_sleep
from model.pageblock import is_in
from model.request import AllocFlags, Gfp
from model.shootdown import on_each_cpu


class Result(Enum):
    """What a page-table operation returns."""

    DONE = "0"
    FAILED = "-ENOMEM"


def set_direct_map_valid_noflush(k: Kernel, me: Task, head: Page, order: Order, valid: bool) -> Steps[Result]:
    """arch/x86/mm/pat/set_memory.c, set_direct_map_valid_noflush() and __change_page_attr(), mainline: no
    lock of the allocator's, no flush for the pages that change.

    2^order pages from `head` on. A 2M entry that covers a block is rewritten in place; a larger one has to be
    split first, which needs memory. What was changed before a failure stays changed.

    Provoke: DONE is the ordinary result. For FAILED when entries are cleared: fail_page_alloc
    (CONFIG_FAIL_PAGE_ALLOC) with min-order=0 and ignore-gfp-wait=N, and require-start and require-end around
    split_large_page(); so only that allocation fails. When they are set: a kretprobe on it, by way of
    fail_function or a module, that returns an error.
    """
    for page in Page:  # mutant swap: the return is a step of its own only to be faithful
        if is_in(page, head, order) and begins_entry(k, page):
            yield
            while k.cpa_lock is not None:  # mutant drop: this step looks, changes, and drops the lock
                yield
            k.cpa_lock = me  # mutant drop: the same
            result = Result.DONE
            if has_huge_entry(k, page):
                result = yield from split_large_page(k, me, page, Entry.HUGE)
            elif can_fail(valid):  # mutant: whatever entries may fail, and after which step, is put back
                might_sleep(k, me)
                result = choose(Result)  # mutant drop: a failure only means that the range is given back
            if result is Result.DONE:
                change_entry(k, page, valid)
            k.cpa_lock = None
            if result is Result.FAILED:
                return Result.FAILED
    yield  # mutant: the return is a step of its own only to be faithful
    return Result.DONE


def set_direct_map_page(k: Kernel, me: Task, page: Page, valid: bool) -> Steps[Result]:
    """arch/x86/mm/pat/set_memory.c, set_direct_map_default_noflush() and set_direct_map_invalid_noflush(),
    mainline: one page. What is as it shall be is left alone; a large entry is split, level by level.
    """
    yield
    while k.cpa_lock is not None:
        yield
    k.cpa_lock = me
    result = Result.DONE
    for level in Entry:
        if result is Result.DONE and is_to_split(k, page, level, valid):
            result = yield from split_large_page(k, me, page, level)
    if result is Result.DONE:
        k.page[page].present = valid
    k.cpa_lock = None
    return result


def is_to_split(k: Kernel, page: Page, level: Entry, valid: bool) -> bool:
    """should_split_large_page(): is the page to change, as part of an entry of this size?"""
    if level is Entry.SMALL or k.page[page].present == valid:
        return False
    return k.pageblock[page.block].entry is level


# atomic: no access: how far the last entry reached
def begins_entry(k: Kernel, page: Page) -> bool:
    """Does a direct-map entry begin at this page, once the 1G one is split? Else it is part of one before."""
    return has_small_entries(k, page) or all(page <= other for other in page.block.pages)


# atomic: within cpa_lock, which is dropped only to get memory for a split
def has_huge_entry(k: Kernel, page: Page) -> bool:
    """Is the page's block part of a 1G entry?"""
    return Design.direct_map is DirectMap.HUGE and k.pageblock[page.block].entry is Entry.HUGE


def has_small_entries(k: Kernel, page: Page) -> bool:
    """Is the page's block more than one entry?"""
    return k.pageblock[page.block].entry is Entry.SMALL


# atomic: one entry, within cpa_lock, which is taken for each
def change_entry(k: Kernel, page: Page, valid: bool) -> None:
    """__change_page_attr(): set or clear PRESENT in the entry that begins at this page."""
    if has_small_entries(k, page):
        k.page[page].present = valid
    else:
        for other in page.block.pages:
            k.page[other].present = valid


def can_fail(valid: bool) -> bool:
    """May changing an entry fail? Clearing one may, where it can turn out to be part of a larger one; setting
    one splits nothing, so it fails only for reasons that v2 calls unexpected.
    """
    if valid:  # mutant: whatever entries may fail are put back
        return Design.unexpected_errors
    return Design.no_memory and Design.direct_map is DirectMap.PIECES


@suboperation(depth=2)
def split_large_page(k: Kernel, me: Task, page: Page, found: Entry) -> Steps[Result]:
    """arch/x86/mm/pat/set_memory.c, split_large_page() and __split_large_page(), mainline: cpa_lock is
    dropped to allocate a page-table page. The entry that was found, of 1G or 2M, becomes ones of the level
    below, unless somebody else has split it: then the page is freed.

    All TLBs are flushed with cpa_lock and pgd_lock held, so that nobody may take those with interrupts off.

    Provoke: DONE is the ordinary result. For FAILED: fail_page_alloc (CONFIG_FAIL_PAGE_ALLOC) with
    min-order=0 and ignore-gfp-wait=N, and require-start and require-end around split_large_page(); so only
    that allocation fails.
    """
    k.cpa_lock = None
    might_sleep(k, me)
    table: Page | None = None
    result = Result.DONE
    if Design.split_allocates:
        table = yield from alloc_page_table(k, me)
        result = Result.DONE if table is not None else Result.FAILED
    elif Design.no_memory:
        result = choose(Result)  # mutant: either answer may come, and a failure changes nothing
    yield  # mutant: a window that is only there to be faithful
    while k.cpa_lock is not None:
        yield
    k.cpa_lock = me  # mutant: whoever comes second finds the entry split
    if result is Result.FAILED:
        return Result.FAILED
    if k.pageblock[page.block].entry is found:
        if found is Entry.HUGE:  # mutant swap: translations of either size are right at any time
            for block in page.block.zone.blocks:
                k.pageblock[block].entry = Entry.LARGE
        else:
            k.pageblock[page.block].entry = Entry.SMALL
        # For processors that must not have translations of both sizes.
        yield from on_each_cpu(k, me)  # mutant: translations of either size are right at any time
    elif table is not None:
        yield from __free_frozen_pages(k, me, table, 0)
    return Result.DONE


def alloc_page_table(k: Kernel, me: Task) -> Steps[Page | None]:
    """split_large_page(), mainline: one page with GFP_KERNEL, whatever the request that is behind this may
    do; it is filled through the direct map.

    What is left here of a slow path is what it does for a mapped page of order 0: it reclaims.
    """
    ft = (Migratetype.UNMOVABLE, Kind.MAPPED)
    outer_progress = k.task[me].attempt.did_some_progress
    k.task[me].splits += 1  # mutant swap: in no scenario does a CPU come up beside a flip within a flip
    while True:  # mutant swap: the same
        table = yield from get_page_from_freelist(k, me, 0, ft, Gfp.KERNEL, AllocFlags.NONE, False)
        if table is not None or not Design.slow_path:  # mutant swap: to reclaim needlessly only costs
            break
        yield from __perform_reclaim(k, me, Gfp.KERNEL)  # mutant: the request behind it reclaims as well
        if not k.task[me].attempt.did_some_progress:
            break
    k.task[me].splits -= 1
    k.task[me].attempt.did_some_progress = outer_progress  # mutant: how often that one retries is a heuristic
    if table is not None:
        reached = access(k, me, table, None)
        write_contents(k, me, reached, Contents.OTHER)  # mutant drop: nobody reads what is in it
        k.page[table].holder = None
    return table


def undo_direct_map(k: Kernel, head: Page, order: Order, want: Kind) -> Steps:
    """set_direct_map_valid_noflush() once more, in the other direction; v4, __rmqueue_direct_map().

    It finds anything to change only in entries that the first pass has changed, and so splits nothing.
    """
    for page in Page:  # mutant swap: the return is a step of its own only to be faithful
        if is_in(page, head, order) and begins_entry(k, page):
            yield  # mutant: the entries are put back before anybody else can see their pages, at once or not
            assumed("the undo of a failed flip does not fail itself: v4 ignores its result")
            change_entry(k, page, want is Kind.UNMAPPED)
    yield  # mutant: the return is a step of its own only to be faithful


# The page allocator is built on this file, and this file takes its page tables from the page allocator.
from model.page_alloc import __free_frozen_pages, get_page_from_freelist  # noqa: E402
from model.reclaim import __perform_reclaim  # noqa: E402
