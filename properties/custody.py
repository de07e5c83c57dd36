"""A page is in exactly one hand, and only that hand moves it or changes what belongs to it: its direct-map
entry, and its block's flag (of the one migratetype here, the flag is all of the block's type)."""

from __future__ import annotations

from checker.language import invariant, running, step_invariant
from model.kernel import Block, Hand, Kernel, Page, Zone
from model.pageblock import is_in


@invariant(
    rung="architectural",
    severity="corruption",
    says="{page} is {k.page[page].hand}, and the free lists say otherwise: it is in two hands, or in none",
)
def custody(k: Kernel) -> bool:
    """A page is on exactly one free list and held by nobody, or on no list and held by one task.

    What the zone lock is for (struct zone, "lock" guards free_area); v1 frees a failed flip's block without
    it.
    """
    return all(is_in_one_hand(k, page) for page in Page)


def is_in_one_hand(k: Kernel, page: Page) -> bool:
    """Do the lists agree with who holds the page?"""
    buddies = sum(1 for head in Page if is_linked(k, head) and is_in(page, head, k.page[head].order))
    if k.page[page].hand is Hand.LISTED:
        return buddies == 1 and k.page[page].holder is None
    if k.page[page].hand is Hand.PCP:
        return buddies == 0 and k.page[page].list is not None and k.page[page].pcp is not None
    return buddies == 0 and k.page[page].pcp is None


def is_linked(k: Kernel, head: Page) -> bool:
    """Is the page linked into a buddy list, whatever its hand says?"""
    return k.page[head].list is not None and k.page[head].hand is not Hand.PCP


@invariant(
    rung="architectural",
    severity="corruption",
    says="the free lists of {zone} count {k.zone[zone].nr_free} pages, and others are on them",
)
def free_pages_are_counted(k: Kernel) -> bool:
    """While nobody has the zone lock, NR_FREE_PAGES is the number of pages on lists that are not isolated.

    mm/page_alloc.c, account_freepages(): every move of a page is accounted.
    """
    return all(
        k.zone[zone].locked_by is not None or k.zone[zone].nr_free == pages_listed(k, zone) for zone in Zone
    )


def pages_listed(k: Kernel, zone: Zone) -> int:
    """How many pages are on the lists of the zone, isolated ones apart."""
    return sum(
        1
        for page in Page
        if page.block.zone == zone and k.page[page].hand is Hand.LISTED and not is_isolated(k, page)
    )


def is_isolated(k: Kernel, page: Page) -> bool:
    """Does its block have the isolate bit?"""
    return k.pageblock[page.block].isolated


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="{page} was taken away from its holder",
)
def custody_of_moves(before: Kernel, after: Kernel) -> bool:
    """A held page stays with its task, unless it is in use by a process, of which any task may take it, or is
    captured while it is freed, or is given back by the only task that runs.

    filemap_remove_folio(): whoever has the folio locked removes it. compaction_capture(). safe_copy_page(),
    kernel/power/snapshot.c: a page is mapped, copied and unmapped while its owner is frozen.
    """
    return not any(is_taken(before, after, page) and not may_take(before, after, page) for page in Page)


def is_taken(before: Kernel, after: Kernel, page: Page) -> bool:
    """Does it go from one task to another?"""
    old = before.page[page].holder
    new = after.page[page].holder
    return old is not None and new is not None and old != new


def may_take(before: Kernel, after: Kernel, page: Page) -> bool:
    """Is it a page of the new holder's process, or the one that it has captured, or given back to it?"""
    old = before.page[page].holder
    new = after.page[page].holder
    if old is None or new is None or before.snapshotting == old:
        return True
    hand = before.page[page].hand
    if after.page[page].hand is Hand.LRU:  # it is put back: migration has failed
        return True
    if hand is Hand.ZAPPED or before.page[page].mapping is not None:
        return before.page[page].locked_by is None
    if hand is Hand.CACHE or hand is Hand.LRU:
        return before.task[old].mm == before.task[new].mm or hand is Hand.LRU
    return after.task[new].capture.page is not None


@invariant(
    rung="architectural",
    severity="corruption",
    says="the free lists of a zone, or the lists of a CPU, were used without their lock",
)
def lists_under_lock(k: Kernel) -> bool:
    """Free lists and their counters change under the zone lock, the lists of a CPU under its own.

    struct zone: "lock" guards free_area; lockdep_assert_held() in account_freepages(). struct per_cpu_pages:
    "lock" protects lists.
    """
    return not (k.lists_used and k.lists_unlocked)


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="the direct-map entry of {page} changed under its owner or on a free list",
)
def custody_of_entries(before: Kernel, after: Kernel) -> bool:
    """A direct-map entry changes only while one task has the page in limbo, before and after; or it is out of
    use; or nobody else runs.

    __rmqueue_direct_map() takes the block off the lists before it touches an entry (v2 19/22).
    """
    return not any(
        before.page[page].present != after.page[page].present and not may_change(before, after, page)
        for page in Page
    )


def may_change(before: Kernel, after: Kernel, page: Page) -> bool:
    """Has one task the page, or nobody?"""
    return (
        stays_in_limbo(before, after, page) or stays_zapping(before, after, page) or is_nobodys(after, page)
    )


def stays_zapping(before: Kernel, after: Kernel, page: Page) -> bool:
    """Has the same task the folio locked on both sides of the step?"""
    return (
        before.page[page].hand is Hand.ZAPPING
        and after.page[page].hand is Hand.ZAPPING
        and before.page[page].holder == after.page[page].holder
    )


def is_nobodys(k: Kernel, page: Page) -> bool:
    """Is the page out of use, or does only the task that makes a snapshot move?"""
    return k.page[page].hand is Hand.OFFLINE or k.snapshotting is not None


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="the flag of {block} changed while somebody else had one of its pages",
)
def custody_of_flag(before: Kernel, after: Kernel) -> bool:
    """A block's flag changes only while one task has all of its pages in limbo.

    The free path reads the flag without a lock and relies on a page in use to pin it (v4,
    __free_frozen_pages()).
    """
    return not any(
        before.pageblock[block].flag is not after.pageblock[block].flag and not is_all_limbo(before, block)
        for block in Block
    )


def stays_in_limbo(before: Kernel, after: Kernel, page: Page) -> bool:
    """Does the same task have it in limbo on both sides of the step?"""
    return (
        is_limbo(before, page)
        and is_limbo(after, page)
        and before.page[page].holder == after.page[page].holder
    )


def is_limbo(k: Kernel, page: Page) -> bool:
    """Is the page in a task's limbo?"""
    return k.page[page].hand is Hand.LIMBO


def is_all_limbo(k: Kernel, block: Block) -> bool:
    """Does one task have every page of the block in limbo?"""
    return all(
        is_limbo(k, page) and all(k.page[page].holder == k.page[other].holder for other in block.pages)
        for page in block.pages
    )


@invariant(
    rung="architectural",
    severity="lost memory",
    says="nobody works on {page} any more, and it is on no list",
)
def limbo_is_temporary(k: Kernel) -> bool:
    """A page that is off the lists and owned by nobody is in the hands of a task that is at work.

    __rmqueue_direct_map(), v2 19/22: the pages of the block are held only in a local variable until they are
    listed or returned.
    """
    return not any(is_forgotten(k, page) for page in Page if is_limbo(k, page))


def is_forgotten(k: Kernel, page: Page) -> bool:
    """Is the task that took it doing nothing, and nobody else to list it?"""
    holder = k.page[page].holder
    if holder is None:
        return not k.page[page].deferred
    return not running(holder)
