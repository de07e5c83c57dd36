"""The values that the switches choose from."""

from __future__ import annotations

from enum import Enum


class Callers(Enum):
    """How the users of unmapped pages and of the mermap behave."""

    POSTED = "as the callers in the posted patches do"
    OBEDIENT = "every documented rule is kept"
    NO_FLUSH_BEFORE_FREE = "obedient, but pages are freed without the full TLB flush that must come before"
    FOREIGN_PAGE = "obedient, but the mermap is used on memory of another process"
    OTHER_CPU = "obedient, but a mapping is used from another CPU than the one that made it"
    UNPREPARED = "obedient, but the mermap is used unprepared, and its refusal overlooked"
    GLOBAL_MAPPING = "obedient, but a global protection is asked for"
    PUT_ELSEWHERE = "obedient, but a mapping is put on another CPU than the one that made it"
    PUT_IN_OTHER_MM = "obedient, but a mapping is put in another address space than the one that made it"
    PUT_TWICE = "obedient, but a mapping is put once more"
    PREEMPTIBLE_RESERVE = "obedient, but the reserved mapping is used with preemption on"
    NESTED_RESERVE = "obedient, but another mapping is asked for while the reserved one is in use"
    NEVER_PUT = "obedient, but a mapping is not put"


class Zeroing(Enum):
    """Who zeroes an unmapped page before its user sees it."""

    ALLOCATOR = "post_alloc_hook, for __GFP_ZERO, through the mermap"
    DIRECT_MAP = "post_alloc_hook, for __GFP_ZERO, through the direct map as for any page"
    PAGE_CACHE = "filemap_add_folio"


class Stale(Enum):
    """Who flushes stale mermap entries before a page goes back to the allocator."""

    NOBODY = "left to the caller, and no caller does"
    PER_MAPPING = "the page cache: a flag per file mapping, test-and-clear, then flush_tlb_all"
    PER_PAGE = "the allocator: a mark on each page that was in a mermap, and flush_tlb_all when it is freed"
    AT_REUSE = "the allocator: the same mark, and flush_tlb_all when the page is allocated again"
    PER_FOLIO = "the page cache: flush_tlb_all for each folio, whatever other removals are under way"


class Scrub(Enum):
    """When an unmapped page's contents are overwritten."""

    NONE = "never"
    AFTER_MAP = "by the flip, through the direct map, once the block is present there again"
    BEFORE_MAP = "by the flip, through the unrestricted tables, before the block is present in the others"
    BEFORE_FREE = "by the owner, through the mermap, before the page is given back"


class FlipMode(Enum):
    """The mode from which the flip lets __rmqueue() look for a block of the other kind."""

    NORMAL = "RMQUEUE_NORMAL, which goes on to claiming and stealing"
    CLAIM = "RMQUEUE_CLAIM, which leaves out the request's own list"
    BOTH = "RMQUEUE_NORMAL, and then RMQUEUE_CLAIM"


class Remainder(Enum):
    """How the flip lists the pages that its request does not need."""

    LOOP = "__free_one_page() for each of the halves"
    EXPAND = "expand()"


class IsolateUnmapped(Enum):
    """What set_migratetype_isolate() does with an unmapped block."""

    UNGUARDED = "moves its free pages to (ISOLATE, UNMAPPED), which has no list"
    REFUSED = "-EINVAL"
    MAPPED_FIRST = "a wholly free one is mapped back, one in use is -EBUSY"


class Walker(Enum):
    """Which form of apply_to_page_range() the mermap maps with."""

    EXISTING = "tables that are there, under the lock of the page tables; a missing one counts as success"
    CREATE = "missing tables are made, and no lock is taken"
    FLAGS = "each by a flag of its own: mermap_mm_prepare() makes tables, and mermap_get() takes no lock"
    FLAGS_LOST = "flags are lost below the PUD, as in v4's patch 9: no tables are made, and the lock is taken"


class DirectMap(Enum):
    """The entries of the direct map at boot, and how they lie to the blocks."""

    PIECES = "a block is several entries, any of which may turn out to be part of a larger one"
    SMALL = "4K entries throughout, as with debug_pagealloc"
    LARGE = "one 2M entry for each block"
    HUGE = "one 1G entry for all blocks"


class FailureList(Enum):
    """The free list on which a failed flip puts its block."""

    WANTED = "the list of the kind that was asked for"
    OLD = "the list the block came from"
