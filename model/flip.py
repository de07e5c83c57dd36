"""The flip: a whole free pageblock crosses the direct-map boundary."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps, frozen
from model.access import access, write_page
from model.design import Design, FailureList, Scrub
from model.direct_map import Result, set_direct_map_valid_noflush, undo_direct_map
from model.kernel import Block, Hand, Kernel, Kind, Page, Task, freetype_idx
from model.locks import spin_lock_irqsave, spin_unlock_irqrestore
from model.pages import (
    __free_one_page,
    __rmqueue_block,
    first_page,
    merge_across_blocks,
    set_pageblock_freetype_flags,
)
from model.shootdown import flush_tlb_kernel_range


class Gfp(Enum):
    """What the caller's context allows."""

    KERNEL = "GFP_KERNEL: may sleep, interrupts on, no spinlock held"
    NOWAIT = "GFP_NOWAIT: becomes ALLOC_NOBLOCK"


def __rmqueue_direct_map(k: Kernel, me: Task, want: Kind, gfp: Gfp) -> Steps[Page | None]:
    """mm/page_alloc.c, __rmqueue_direct_map(), v1, v2 19/22 and v4, for an order-0 request."""
    if gfp is Gfp.NOWAIT:  # it may have to wait for other CPUs
        return None
    # A wholly free block of the other kind, taken under the lock.
    yield from spin_lock_irqsave(k, me)
    block = __rmqueue_block(k, me, want.other)
    spin_unlock_irqrestore(k, me)
    if block is None:
        return None
    # Interrupts are on and no lock is held: change the entries.
    result = yield from set_direct_map_valid_noflush(k, block, want is Kind.MAPPED)
    if result is Result.FAILED:
        yield from give_back_failed_block(k, me, block, want)
        return None
    if want is Kind.MAPPED:
        yield from scrub_mapped_block(k, me, block)
    elif Design.unmap_flush:
        yield from flush_unmapped_block(k, me)
    # The flag tells everybody what the block's pages are.
    yield
    set_pageblock_freetype_flags(k, block, want)
    if all(page == first_page(block) for page in block.pages):  # the request was for the whole block
        return first_page(block)
    # The rest goes to the lists of its new kind.
    yield from spin_lock_irqsave(k, me)
    for page in block.pages:
        if page != first_page(block):
            __free_one_page(k, page, want)
    spin_unlock_irqrestore(k, me)
    return first_page(block)


def give_back_failed_block(k: Kernel, me: Task, block: Block, want: Kind) -> Steps:
    """The failure path of __rmqueue_direct_map(); each version has its own."""
    if Design.failure_undo:
        yield from undo_direct_map(k, block, want is Kind.UNMAPPED)
    if Design.undo_flush and want is Kind.MAPPED:
        yield from flush_tlb_kernel_range(k, me)
    kind = want if Design.failure_list is FailureList.WANTED else want.other
    if Design.failure_lock:
        yield from spin_lock_irqsave(k, me)
        free_block(k, block, kind)
        spin_unlock_irqrestore(k, me)
    else:
        yield from free_block_unlocked(k, block, kind)


def free_block(k: Kernel, block: Block, kind: Kind) -> None:
    """__free_one_page() of pageblock order, with the zone lock held."""
    for page in block.pages:
        k.zone.free_list[freetype_idx(kind)].add(page)
        k.page[page].assign(hand=Hand.LISTED, holder=None)
    merge_across_blocks(k, block, kind)


def free_block_unlocked(k: Kernel, block: Block, kind: Kind) -> Steps:
    """__free_one_page() of pageblock order, v1, without the lock: the list is read, and written back later.

    What somebody else did to the list in between is lost, as list_add() loses it between reading head->next
    and writing head->next.
    """
    yield
    seen = frozen(k.zone.free_list[freetype_idx(kind)])
    yield
    k.zone.free_list[freetype_idx(kind)].assign(seen)
    for page in block.pages:
        k.zone.free_list[freetype_idx(kind)].add(page)
        k.page[page].assign(hand=Hand.LISTED, holder=None)
    merge_across_blocks(k, block, kind)


def scrub_mapped_block(k: Kernel, me: Task, block: Block) -> Steps:
    """mm/page_alloc.c, __rmqueue_direct_map(), v4: overwrite the block with zeroes, through the direct map in
    which it has just become present.
    """
    if Design.scrub is Scrub.AFTER_MAP:
        for page in block.pages:
            reached = access(k, me, page, None)
            write_page(k, me, reached, None)
            yield


def flush_unmapped_block(k: Kernel, me: Task) -> Steps:
    """The shootdown of __rmqueue_direct_map(); with the what-if, under the zone lock."""
    if Design.flush_under_lock:
        yield from spin_lock_irqsave(k, me)
        yield from flush_tlb_kernel_range(k, me)
        spin_unlock_irqrestore(k, me)
    else:
        yield from flush_tlb_kernel_range(k, me)
