"""The arithmetic of mermap_alloc() in mm/mermap.c: which addresses a request gets. Written once, for words of
any width.

The state machine in mermap_alloc.py runs it with few bits or under z3, the bounds in properties/ with the
addresses of layout.py.  Everything is an unsigned long in the kernel, and so every comparison unsigned.
"""

from __future__ import annotations

from enum import Enum

from checker.language import Word


class Posting(Enum):
    """The postings of mm/mermap.c. That of V4 is as V2's here."""

    DEV = "dev"
    V1 = "v1"
    V2 = "v2"
    V4 = "v4"

    @property
    def own_reserve(self) -> bool:
        """Is there a slot of its own for the reserve page, rather than any of four?"""
        return self in (Posting.V2, Posting.V4)


def page_align(size: Word, page: Word) -> Word:
    """PAGE_ALIGN(): up to a multiple of the page size."""
    return (size + (page - 1)) & ~(page - 1)


def limit_of(end: Word, page: Word, reserve: bool) -> Word:
    """A normal request leaves the last page to the reserve."""
    return end if reserve else end - page


def runs_out(posting: Posting, next_: Word, size: Word, limit: Word) -> bool:
    """Is there no room above the bump pointer? (The early form subtracts, and may wrap around.)"""
    if posting is Posting.DEV:
        return size > limit - next_
    return next_ + size > limit


def cannot_fit(lowest: Word, size: Word, limit: Word) -> bool:
    """Is there no room even when the bump pointer goes down to `lowest`?"""
    return size > limit - lowest


def holds_pointer(posting: Posting, in_use: bool, is_reserve: bool) -> bool:
    """Does a slot keep the bump pointer from going below its end?"""
    return in_use and not (posting.own_reserve and is_reserve)
