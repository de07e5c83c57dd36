"""An unmapping flip publishes its block only after every CPU has flushed."""

from __future__ import annotations

from checker.language import step_invariant
from model.free_list import list_of
from model.freetype import FreeList, Kind
from model.kernel import Block, Cpu, Kernel, Page
from model.tlb import translates


@step_invariant(
    rung="speculative",
    severity="leak",
    says="{page} is published as unmapped while a CPU still has it cached",
)
def flush_before_publish(before: Kernel, after: Kernel) -> bool:
    """When a block turns to unmapped, or an absent page joins the unmapped list, no TLB holds its old entry.

    v2 19/22: entries cleared, shootdown acknowledged, flag set, pages listed; "unmapping requires a TLB
    shootdown".
    """
    return not any(
        (is_flagged(before, after, page.block) or is_listed(before, after, page)) and is_cached(after, page)
        for page in Page
    )


def is_flagged(before: Kernel, after: Kernel, block: Block) -> bool:
    """Does this step turn the block's flag to unmapped?"""
    return before.pageblock[block].flag is Kind.MAPPED and after.pageblock[block].flag is Kind.UNMAPPED


def is_listed(before: Kernel, after: Kernel, page: Page) -> bool:
    """Does this step put the page on the unmapped list?"""
    return (
        list_of(before, page) is not FreeList.UNMOVABLE_UNMAPPED
        and list_of(after, page) is FreeList.UNMOVABLE_UNMAPPED
    )


def is_cached(k: Kernel, page: Page) -> bool:
    """Does some CPU translate its direct-map address although the entry is gone?"""
    return not k.page[page].present and any(translates(k, cpu, page) for cpu in Cpu)
