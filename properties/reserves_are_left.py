"""The free pages that a zone's watermark keeps are for those who cannot wait for more."""

from __future__ import annotations

from checker.language import running, step_invariant
from model.bounds import Bounds
from model.freetype import Kind
from model.kernel import Hand, Kernel, Page, Task, Zone


@step_invariant(
    rung="architectural",
    severity="lost memory",
    says="{task} takes mapped pages, may not use the reserves, and leaves {zone} fewer than its watermark",
)
def reserves_are_left(before: Kernel, after: Kernel) -> bool:
    """Whoever takes mapped pages off the free lists leaves the zone as many pages as its watermark keeps,
    unless its request may use these.

    mm/page_alloc.c, __zone_watermark_ok(), and the comment in __isolate_free_page(): watermarks are obeyed as
    if what is taken was allocated. Judged where nobody else is at work, as the test is made before the lock
    is taken. Isolation is no such taking: it asks for a range, and no watermark is looked at.
    """
    if Bounds.watermark == 0:
        return True
    return not any(
        after.zone[zone].nr_free < Bounds.watermark
        and takes_from(before, after, task, zone)
        and not before.task[task].attempt.reserves
        for zone in Zone
        for task in Task
    )


def takes_from(before: Kernel, after: Kernel, task: Task, zone: Zone) -> bool:
    """Is it the only task at work, and takes mapped pages of the zone that were to be had?"""
    return not any(other != task and running(other) for other in Task) and any(
        page.block.zone == zone and was_to_be_had(before, page) and gets(after, page, task) for page in Page
    )


def was_to_be_had(k: Kernel, page: Page) -> bool:
    """Was it listed, and would a request that may not sleep have found it?"""
    block = k.pageblock[page.block]
    return k.page[page].hand is Hand.LISTED and block.flag is Kind.MAPPED and not block.isolated


def gets(k: Kernel, page: Page, task: Task) -> bool:
    """Has the task the page in hand, or on a list of its CPU's? Broken pages are good for nobody."""
    if k.page[page].poisoned:
        return False
    if k.page[page].hand is Hand.PCP:
        return k.page[page].pcp == k.task[task].cpu
    return k.page[page].hand is Hand.LIMBO and k.page[page].holder == task
