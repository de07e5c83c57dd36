"""A page is in exactly one hand, and only that hand moves it or changes what belongs to it: its direct-map
entry, and its block's flag (of the one migratetype here, the flag is all of the block's type)."""

from __future__ import annotations

from checker.language import invariant, step_invariant
from model.kernel import Block, Hand, Kernel, Kind, Page, freetype_idx


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
    mapped = page in k.zone.free_list[freetype_idx(Kind.MAPPED)]
    unmapped = page in k.zone.free_list[freetype_idx(Kind.UNMAPPED)]
    if k.page[page].hand is Hand.LISTED:
        return mapped != unmapped and k.page[page].holder is None
    return not mapped and not unmapped and k.page[page].holder is not None


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="{page} changed its free list without the zone lock, or was taken away from its holder",
)
def custody_of_moves(before: Kernel, after: Kernel) -> bool:
    """Free lists change under the zone lock, by the task that takes the page or gives it; a held page stays
    with its task, unless it is in use by a process, of which any task may take it.

    struct zone: "lock" guards free_area. filemap_remove_folio(): whoever has the folio locked removes it.
    """
    return not any(is_moved(before, after, page) and not may_move(before, after, page) for page in Page)


def is_moved(before: Kernel, after: Kernel, page: Page) -> bool:
    """Is it on other lists than before the step, or in the hands of somebody else?"""
    return before.page[page].holder != after.page[page].holder or any(
        (page in before.zone.free_list[freetype_idx(kind)])
        != (page in after.zone.free_list[freetype_idx(kind)])
        for kind in Kind
    )


def may_move(before: Kernel, after: Kernel, page: Page) -> bool:
    """Was it done by the one who holds the page, or who has the lock of the list that it was on?"""
    old = before.page[page].holder
    new = after.page[page].holder
    if old is not None and new is not None:
        return before.page[page].hand is Hand.CACHE and before.task[old].mm == before.task[new].mm
    if before.zone.locked_by is None:
        return False
    return (old is None or old == before.zone.locked_by) and (new is None or new == before.zone.locked_by)


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="the direct-map entry of {page} changed under its owner or on a free list",
)
def custody_of_entries(before: Kernel, after: Kernel) -> bool:
    """A direct-map entry changes only while one task has the page in limbo, before and after.

    __rmqueue_direct_map() takes the block off the lists before it touches an entry (v2 19/22).
    """
    return not any(
        before.page[page].present != after.page[page].present and not stays_in_limbo(before, after, page)
        for page in Page
    )


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
        before.flag[block] is not after.flag[block] and not is_all_limbo(before, block) for block in Block
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
