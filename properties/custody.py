"""A page is in exactly one hand, and only that hand moves it or changes what belongs to it."""

from __future__ import annotations

from checker.language import invariant, step_invariant
from model.kernel import Block, Hand, Kernel, Kind, Page, freetype_idx


@invariant(rung="architectural", severity="corruption", says="a page is in two hands at once, or in none")
def custody(k: Kernel) -> bool:
    """A page is on exactly one free list and held by nobody, or on none and held by one task (notes on the
    allocator, S14)."""
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
    says="a page's direct-map entry changed under its owner or on a free list",
)
def custody_of_entries(before: Kernel, after: Kernel) -> bool:
    """A direct-map entry changes only while one task has the page in limbo, before and after (notes on the
    allocator, S7; 2.4)."""
    return not any(
        before.page[page].present != after.page[page].present and not stays_in_limbo(before, after, page)
        for page in Page
    )


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="a block's flag changed while somebody else had one of its pages",
)
def custody_of_flag(before: Kernel, after: Kernel) -> bool:
    """A block's flag changes only while one task has all of its pages in limbo (notes on the allocator,
    S7)."""
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
