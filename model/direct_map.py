"""Changing the direct map, one entry at a time."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps, assumed, choose
from model.design import Design
from model.kernel import Block, Kernel
from model.pages import first_page


class Result(Enum):
    """What a page-table operation returns."""

    DONE = "0"
    FAILED = "-ENOMEM"


def set_direct_map_valid_noflush(k: Kernel, block: Block, valid: bool) -> Steps[Result]:
    """arch/x86/mm/pat/set_memory.c, set_direct_map_valid_noflush(), mainline: no lock of the allocator's, no
    flush.

    Any entry may turn out to be part of a larger one that has to be split, and the page-table page for that
    may not be had: what was changed before stays changed. Mapping back splits nothing, so it fails only for
    reasons that v2 calls unexpected. The flush that a split itself does is left out.
    """
    yield
    for page in block.pages:
        if can_fail(valid) and (Design.partial_failure or page == first_page(block)):
            result = choose(Result)
            if result is Result.FAILED:
                return Result.FAILED
        k.page[page].present = valid
        yield
    return Result.DONE


def undo_direct_map(k: Kernel, block: Block, valid: bool) -> Steps:
    """set_direct_map_valid_noflush() once more, in the other direction; v4, __rmqueue_direct_map().

    It finds anything to change only in entries that the first pass has changed, and so splits nothing.
    """
    for page in block.pages:
        assumed("the undo of a failed flip does not fail itself: v4 ignores its result")
        k.page[page].present = valid
        yield


def can_fail(valid: bool) -> bool:
    """May set_direct_map_valid_noflush() fail in this direction?"""
    if valid:
        return Design.unexpected_errors
    return Design.no_memory
