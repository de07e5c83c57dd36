"""Broken memory is not used again."""

from __future__ import annotations

from checker.language import invariant, step_invariant
from model.kernel import Hand, Kernel, Page
from properties.allocation_contract import is_in_use


@invariant(
    rung="architectural",
    severity="fault",
    says="{page} is poisoned, nobody deals with it, and it is free",
)
def poisoned_pages_are_not_free(k: Kernel) -> bool:
    """Unless memory_failure() is at work, no poisoned page is on a free list or on a per-CPU list.

    Comment in mm/page_alloc.c, __free_pages_prepare(): hwpoison pages must not get onto either; in between,
    memory_failure() sets the flag of a free page and then takes it off.
    """
    return k.mf_mutex is not None or not any(k.page[page].poisoned and is_free(k, page) for page in Page)


def is_free(k: Kernel, page: Page) -> bool:
    """May the next request get it?"""
    return k.page[page].hand is Hand.LISTED or k.page[page].hand is Hand.PCP


@step_invariant(
    rung="architectural",
    severity="fault",
    says="{page} was poisoned, nobody dealt with it, and it was handed out",
)
def poisoned_pages_are_not_handed_out(before: Kernel, after: Kernel) -> bool:
    """Unless memory_failure() is at work, no request gets a poisoned page.

    mm/page_alloc.c, check_new_page(): the flag is among those that no new page has; it is looked at in
    kernels for debugging only.
    """
    return before.mf_mutex is not None or not any(
        before.page[page].poisoned and not is_in_use(before, page) and is_handed_out(after, page)
        for page in Page
    )


def is_handed_out(k: Kernel, page: Page) -> bool:
    """Has a task got it? Nobody in particular holds a page that was migrated."""
    return is_in_use(k, page) and k.page[page].holder is not None
