"""A page is in exactly one hand, and only that hand moves it or changes what belongs to it."""

from __future__ import annotations

from checker.language import invariant, step_invariant
from model.kernel import Block, Hand, Kernel, Kind, Page, freetype_idx


@invariant(
    rung="architectural",
    severity="corruption",
    says="{page} is in two hands at once, or in none",
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
