"""The entries of the direct map, and its page tables: one is allocated for each entry that is split."""

from __future__ import annotations

from checker.language import invariant, running
from model.kernel import Block, Entry, Hand, Kernel, Page, Task, Zone


@invariant(
    rung="architectural",
    severity="lost memory",
    says="there are more or fewer page-table pages than entries that were split",
    scenarios=["two-splits", "no-page-table"],
)
def tables_are_in_use(k: Kernel) -> bool:
    """While nobody is at work, each page that was allocated for a page table is one, and no task's.

    arch/x86/mm/pat/set_memory.c, __split_large_page(): who finds the entry split already frees its page.
    Claimed where no entry is split at the beginning, and the kernel has no pages for anything else.
    """
    if any(running(task) for task in Task):
        return True
    return nr_ownerless(k) == nr_split(k) and nr_ownerless(k) == nr_of_the_kernel(k)


def nr_of_the_kernel(k: Kernel) -> int:
    """How many pages does the kernel have?"""
    return sum(1 for page in Page if k.page[page].hand is Hand.KERNEL)


def nr_ownerless(k: Kernel) -> int:
    """How many of them are no task's?"""
    return sum(1 for page in Page if k.page[page].hand is Hand.KERNEL and k.page[page].holder is None)


def nr_split(k: Kernel) -> int:
    """How many entries of 1G and of 2M were split?"""
    huge = sum(1 for zone in Zone if all(k.pageblock[block].entry is not Entry.HUGE for block in zone.blocks))
    return huge + sum(1 for block in Block if k.pageblock[block].entry is Entry.SMALL)


@invariant(
    rung="architectural",
    severity="corruption",
    says="one direct-map entry maps {page}, and is present for others of its pages only, or but for these",
)
def entries_are_whole(k: Kernel) -> bool:
    """What one direct-map entry maps is present as a whole, or absent as a whole.

    arch/x86/mm/pat/set_memory.c, __change_page_attr(): an entry of 1G or 2M is rewritten if all of it is to
    change, and else split before.
    """
    return all(
        k.page[page].present == k.page[other].present
        for page in Page
        for other in Page
        if share_an_entry(k, page, other)
    )


def share_an_entry(k: Kernel, page: Page, other: Page) -> bool:
    """Does the same entry map both pages?"""
    if page.block != other.block:
        return page.block.zone == other.block.zone and k.pageblock[page.block].entry is Entry.HUGE
    return k.pageblock[page.block].entry is not Entry.SMALL
