"""Who keeps which rule of the mermap, and who zeroes and flushes what unmapped users had."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch
from model.choices import Callers, Scrub, Stale, Zeroing


@dataclass(frozen=True)
class UserSwitches:
    """Part of Design."""

    callers: Callers = switch(Callers.POSTED, "who keeps which documented rule (not a patch)")
    zeroing: Zeroing = switch(
        Zeroing.PAGE_CACHE,
        "v4 21/26: ALLOC_UNMAPPED refuses __GFP_ZERO, filemap_add_folio zeroes; v1 18/19, v2 20/22: the "
        "allocator",
        base=Zeroing.DIRECT_MAP,
        patches={"v1": 18, "v2": 20, "v4": 21},
    )
    stale: Stale = switch(
        Stale.PER_MAPPING,
        "v4 26/26: AS_MERMAP_STALE and flush_tlb_all; v1, v2: the comment above mermap_get only",
        base=Stale.NOBODY,
        patches={"v4": 26},
    )
    scrub: Scrub = switch(
        Scrub.AFTER_MAP,
        "v4 21/26: the flip zeroes after mapping; v1 17/19, v2 19/22: left out by oversight",
    )
    temporary_mm: bool = switch(
        False,
        "proposed: a page is zeroed in a temporary address space where no mermap is ready, as when exit() "
        "closes a file, or a child that never used it; v1, v2, v4: the mermap is asked for all the same",
    )
    free_is_checked: bool = switch(
        False,
        "suggested on 13 May 2026: a checker in the manner of lockdep reports a page that is freed with a "
        "mermap entry since its last flush",
    )
    hooks_skip_unmapped: bool = switch(
        False,
        "proposed: post_alloc_hook and __free_pages_prepare neither initialise, poison nor map unmapped "
        "pages, and a flip poisons what it maps; v4: only init_on_free is skipped; v1, v2: nothing is",
    )
