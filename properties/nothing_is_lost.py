"""No page is lost to the allocator for good."""

from __future__ import annotations

from checker.language import always_possible
from model.free_list import list_of
from model.freetype import FreeList
from model.kernel import Hand, Kernel, Page

# Where whoever gets a page may give it back, and whoever takes one out of use may undo that.
CLOSED = [
    "contig", "contig-large-buddies", "contig-pcplists", "contig-race", "contig-and-flip", "hotplug",
    "hotplug-and-contig", "reporting", "reporting-and-contig", "injected-failure", "soft-offline",
    "unpoison-and-hotplug", "hibernation", "resume", "nolock-block",
]  # fmt: skip


@always_possible(rung="architectural", severity="lost memory", scenarios=CLOSED)
def nothing_is_lost(k: Kernel) -> bool:
    """From every state on it is possible that all pages are free at once, where requests find them.

    What an allocator is for; each operation that takes pages or blocks away has its documented opposite.
    """
    return all(is_to_be_had(k, page) for page in Page)


def is_to_be_had(k: Kernel, page: Page) -> bool:
    """Is the page on a per-CPU list, or on a buddy list that requests look at?"""
    if k.page[page].hand is Hand.PCP:
        return True
    idx = list_of(k, page)
    return k.page[page].hand is Hand.LISTED and idx is not FreeList.NO_LIST and idx is not FreeList.ISOLATE
