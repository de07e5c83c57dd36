"""Freetypes: what a pageblock holds, and which free list its pages are on."""

from __future__ import annotations

from enum import Enum

from model.design import Design


class Migratetype(Enum):
    """Mobility of a block's pages. RECLAIMABLE is as UNMOVABLE here; there is no CMA."""

    UNMOVABLE = "unmovable"
    MOVABLE = "movable"
    HIGHATOMIC = "reserved for atomic requests"
    ISOLATE = "isolated: a bit of its own, which overrides the type when it is read"


class Kind(Enum):
    """A freetype's flags, of which there is one: FREETYPE_UNMAPPED."""

    MAPPED = "in the direct map"
    UNMAPPED = "absent from the direct map"

    @property
    def other(self) -> Kind:
        """ft_flags ^ FREETYPE_UNMAPPED."""
        return Kind.UNMAPPED if self is Kind.MAPPED else Kind.MAPPED


class FreeList(Enum):
    """Index into free_area[].free_list[]."""

    UNMOVABLE = "0"
    MOVABLE = "1"
    HIGHATOMIC = "MIGRATE_HIGHATOMIC"
    ISOLATE = "MIGRATE_ISOLATE"
    UNMOVABLE_UNMAPPED = "MIGRATE_TYPES"
    NO_LIST = "-1, the word before the array"


Freetype = tuple[Migratetype, Kind]  # freetype_t


def freetype_idx(ft: Freetype) -> FreeList:
    """include/linux/freetype.h, freetype_idx(); v1, v2, v4: only (UNMOVABLE, UNMAPPED) has a list among the
    flagged ones.
    """
    if ft[1] is Kind.UNMAPPED:
        return FreeList.UNMOVABLE_UNMAPPED if ft[0] is Migratetype.UNMOVABLE else FreeList.NO_LIST
    if ft[0] is Migratetype.UNMOVABLE:
        return FreeList.UNMOVABLE
    if ft[0] is Migratetype.MOVABLE:
        return FreeList.MOVABLE
    if ft[0] is Migratetype.HIGHATOMIC:
        return FreeList.HIGHATOMIC
    return FreeList.ISOLATE


def freetype_with_migrate(ft: Freetype, migratetype: Migratetype) -> Freetype:
    """include/linux/freetype.h, freetype_with_migrate(): the same flags."""
    return (migratetype, ft[1])


def other_flags(ft: Freetype) -> Freetype:
    """__rmqueue_direct_map(): the same migratetype with FREETYPE_UNMAPPED inverted."""
    return (ft[0], ft[1].other)


def freetypes_equal(a: Freetype, b: Freetype) -> bool:
    """include/linux/freetype.h, freetypes_equal(): v1 compares migratetypes only, v2 and v4 both fields."""
    if Design.merge_compares_flags:
        return a[0] is b[0] and a[1] is b[1]
    return a[0] is b[0]


def migratetype_is_mergeable(migratetype: Migratetype) -> bool:
    """include/linux/mmzone.h, migratetype_is_mergeable(): one of those with per-CPU lists."""
    return migratetype is Migratetype.UNMOVABLE or migratetype is Migratetype.MOVABLE


def can_merge_freetypes(a: Freetype, b: Freetype) -> bool:
    """mm/page_alloc.c, can_merge_freetypes(); v1, v2, v4: equal, or both mergeable and of equal flags."""
    if freetypes_equal(a, b):  # mutant drop: what is not merged above the block order is only smaller
        return True
    return migratetype_is_mergeable(a[0]) and migratetype_is_mergeable(b[0]) and a[1] is b[1]
