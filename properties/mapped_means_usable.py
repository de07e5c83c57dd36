"""What is called mapped can be used through the direct map."""

from __future__ import annotations

from checker.language import invariant
from model.design import Design
from model.free_list import list_of
from model.freetype import FreeList, Kind
from model.kernel import Hand, Kernel, Page


@invariant(
    rung="architectural",
    severity="fault",
    says="{page} counts as mapped and has no direct-map entry",
)
def mapped_means_usable(k: Kernel) -> bool:
    """An ordinary page, free or allocated, is present in the direct map.

    mm/tests/page_alloc_kunit.c: an ordinary page is kernel_page_present().
    """
    return not any(counts_as_mapped(k, page) and not k.page[page].present for page in Page)


def counts_as_mapped(k: Kernel, page: Page) -> bool:
    """On an ordinary list, free in a block without the flag, or allocated by an ordinary request.
    Debug_pagealloc unmaps free pages itself.
    """
    if k.page[page].hand is Hand.LISTED or k.page[page].hand is Hand.PCP:
        on_list = list_of(k, page) is not FreeList.UNMOVABLE_UNMAPPED
        return not Design.debug_pagealloc and (on_list or k.pageblock[page.block].flag is Kind.MAPPED)
    return k.page[page].hand is Hand.KERNEL or k.page[page].hand is Hand.LRU
