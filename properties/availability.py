"""A request fails only where memory is short.

When it fails is when it says so, or calls the OOM killer: what it could have had is judged at that step, and
only where nobody else is at work, whose pages in hand may be what was missing."""

from __future__ import annotations

from checker.language import running, step_invariant
from model.bounds import Bounds
from model.freetype import Kind
from model.kernel import Block, Hand, Kernel, Page, Task, Zone
from model.pageblock import pageblock_order
from model.reclaim import is_reclaimable


@step_invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} wants an unmapped page and gives up, and a block could have been emptied for it",
)
def unmapped_request_is_served(before: Kernel, after: Kernel) -> bool:
    """An unmapped request that may sleep does not fail while reclaim and migration could make a block free,
    and the zone could do without it.

    Review of v2 19/22, 1 June 2026: for order 0 neither reclaim nor compaction is aimed at a whole block.
    """
    return not any(
        gives_up(before, after, task, Kind.UNMAPPED)
        and any(could_be_emptied(before, block) for block in Block)
        for task in Task
    )


@step_invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} wants a mapped page and gives up, and a free block could have been mapped for it",
)
def mapped_request_is_served(before: Kernel, after: Kernel) -> bool:
    """A mapped request that may sleep does not fail while a block lies free and unmapped.

    RFC cover letter, 25 February 2026: unmapped blocks are converted back when mapped pages run out.
    """
    return not any(
        gives_up(before, after, task, Kind.MAPPED)
        and after.task[task].attempt.order <= pageblock_order()
        and any(is_free_unmapped(before, block) for block in Block)
        for task in Task
    )


@step_invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} gives up, and what it lacks is on per-CPU lists",
)
def cached_pages_are_used(before: Kernel, after: Kernel) -> bool:
    """No request that may sleep fails while pages on per-CPU lists are all that keeps a block from it.

    Comment in __alloc_pages_direct_reclaim(), mainline: a request may have failed because pages are pinned on
    the per-CPU lists, so they are drained.
    """
    return not any(
        may_sleep_and_gives_up(before, after, task)
        and any(is_pinned_by_lists(before, block) for block in Block)
        for task in Task
    )


@step_invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} has reclaimed three times for nothing, and compaction could have helped",
)
def reclaim_terminates(before: Kernel, after: Kernel) -> bool:
    """No unmapped request goes on to reclaim, time after time, while all that it needs is that pages move.

    Review of v2 19/22, 1 June 2026: such a request "will reclaim on and on". Three rounds in which compaction
    moved nothing stand for that.
    """
    return not any(
        before.task[task].attempt.laps < after.task[task].attempt.laps
        and any(could_be_emptied(before, block) for block in Block)
        and after.task[task].attempt.laps == 3
        for task in Task
    )


@step_invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} may not sleep and gives up, and the free memory above the watermark is all unmapped",
    scenarios=["all-free-is-unmapped"],
)
def atomic_request_is_served(before: Kernel, after: Kernel) -> bool:
    """A mapped request that may not sleep does not fail while more pages are free than the watermark keeps
    for such requests.

    Watermarks are there for that (mm/page_alloc.c, __zone_watermark_ok()); but unmapped pages count, and only
    requests that may sleep flip. No posted version claims it, and no small change repairs it.
    """
    return not any(
        before.task[task].attempt.gave_up is None
        and after.task[task].attempt.gave_up is Kind.MAPPED
        and after.task[task].attempt.order == 0
        and not after.task[task].attempt.patient
        and any(before.zone[zone].nr_free > Bounds.watermark for zone in Zone)
        for task in Task
    )


def gives_up(before: Kernel, after: Kernel, task: Task, kind: Kind) -> bool:
    """Does its request for a page of that kind fail in this step, although it may sleep?"""
    return may_sleep_and_gives_up(before, after, task) and after.task[task].attempt.gave_up is kind


def may_sleep_and_gives_up(before: Kernel, after: Kernel, task: Task) -> bool:
    """Does its request fail in this step, although it may sleep?"""
    return (
        before.task[task].attempt.gave_up is None
        and after.task[task].attempt.gave_up is not None
        and after.task[task].attempt.patient
        and not any(other != task and running(other) for other in Task)
    )


def could_be_emptied(k: Kernel, block: Block) -> bool:
    """Mapped, and all of it free, or reclaimable, or movable to free pages of other mapped blocks, and more
    than what the watermark keeps?
    """
    if k.pageblock[block].flag is Kind.UNMAPPED or k.pageblock[block].isolated:
        return False
    if not all(k.page[page].hand is Hand.LISTED or k.page[page].hand is Hand.LRU for page in block.pages):
        return False
    stay = sum(1 for page in block.pages if k.page[page].unevictable)
    taken = len(block.pages) if Bounds.watermark > 0 else 0
    return stay <= free_mapped_pages_outside(k, block) and is_enough_left(k, block.zone, taken)


def free_mapped_pages_outside(k: Kernel, block: Block) -> int:
    """How many free pages do the other mapped blocks of its zone have?"""
    return sum(
        1
        for page in Page
        if page.block != block
        and page.block.zone == block.zone
        and k.page[page].hand is Hand.LISTED
        and k.pageblock[page.block].flag is Kind.MAPPED
    )


def is_enough_left(k: Kernel, zone: Zone, taken: int) -> bool:
    """Would the zone be above its watermark if everything in it was reclaimed, and so many pages taken?"""
    available = sum(
        1
        for page in Page
        if page.block.zone == zone and (k.page[page].hand is Hand.LISTED or is_reclaimable(k, page))
    )
    return available > Bounds.watermark + taken


def is_free_unmapped(k: Kernel, block: Block) -> bool:
    """Is it unmapped and all of it on the free lists, and its zone above the watermark?"""
    return (
        k.pageblock[block].flag is Kind.UNMAPPED
        and all(k.page[page].hand is Hand.LISTED for page in block.pages)
        and is_enough_left(k, block.zone, 0)
    )


def is_pinned_by_lists(k: Kernel, block: Block) -> bool:
    """Is all of it free, and some of it on per-CPU lists?"""
    return all(
        k.page[page].hand is Hand.LISTED or k.page[page].hand is Hand.PCP for page in block.pages
    ) and any(k.page[page].hand is Hand.PCP for page in block.pages)
