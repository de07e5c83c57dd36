"""What is called mapped can be used through the direct map."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Hand, Kernel, Kind, Page, freetype_idx


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
    """On the ordinary list, or allocated by an ordinary request."""
    if k.page[page].hand is Hand.LISTED:
        return page in k.zone.free_list[freetype_idx(Kind.MAPPED)]
    return k.page[page].hand is Hand.KERNEL
