"""Taking an error back: what was declared broken is used again."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.clear import clear_page_mermap
from model.design import Design
from model.free_list import __free_one_page, hand_over
from model.freetype import Kind
from model.kernel import Context, Hand, Kept, Kernel, Page, Task
from model.locks import lock_hotplug, spin_lock_irqsave, spin_unlock_irqrestore
from model.memory_failure import lock_mf_mutex, unlock_memory_failure
from model.page_alloc import __free_frozen_pages
from model.pageblock import get_pfnblock_freetype
from model.shootdown import flush_tlb_all


def put_page_back_buddy(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/page_alloc.c, put_page_back_buddy(); v1, v4: by the freetype that the block has now."""
    yield from spin_lock_irqsave(k, me, page.block.zone)
    k.page[page].assign(kept=Kept.BY_NOTHING, poisoned=False)
    hand_over(k, page, 0, Hand.LIMBO, me)
    __free_one_page(k, me, page, 0, get_pfnblock_freetype(k, page))
    spin_unlock_irqrestore(k, me, page.block.zone)


@operation(Task)
def unpoison_memory(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/memory-failure.c, unpoison_memory(); v4: refused once there was a real error, and for pages of files
    and of processes. Whether the block is online is asked before the mutex is taken.

    Trigger: root: CONFIG_HWPOISON_INJECT.

    Provoke: echo PFN > /sys/kernel/debug/hwpoison/unpoison-pfn.
    """
    when(k.task[me].context is not Context.IRQ)
    online = not k.pageblock[page.block].removed
    yield from lock_mf_mutex(k, me)
    if Design.poison_locks_hotplug:
        yield from lock_hotplug(k, me)
        online = not k.pageblock[page.block].removed
    if k.page[page].poisoned and not k.hw_memory_failure:
        if not online:
            if Design.unpoison_finds_offline:
                k.page[page].assign(poisoned=False, kept=Kept.BY_NOTHING)
        elif k.page[page].kept is Kept.OFF_THE_LISTS:
            yield from put_page_back_buddy(k, me, page)
        elif not is_shared(k, page):
            yield from unpoison_unlisted(k, me, page)
    unlock_memory_failure(k)


# atomic: a reference that comes later is one to a page without the flag
def is_shared(k: Kernel, page: Page) -> bool:
    """folio_ref_count() above one, folio_mapped() or folio_mapping(): it is of a file or of a process, or has
    an owner beside memory_failure().
    """
    hand = k.page[page].hand
    if hand is Hand.OFFLINE:
        return False
    if k.page[page].kept is Kept.BY_REFERENCE:
        return True
    return hand is not Hand.LIMBO and not is_allocated(k, page)


def unpoison_unlisted(k: Kernel, me: Task, page: Page) -> Steps:
    """The rest of it: what has a reference loses one, as if it was memory_failure()'s; but a page that was
    not dealt with has only its owner's. What has none, because it was freed meanwhile, only loses the flag.
    """
    kept = k.page[page].kept
    k.page[page].assign(poisoned=False, kept=Kept.BY_NOTHING)
    has_reference = kept is Kept.BY_REFERENCE or is_allocated(k, page)
    if Design.unpoison_needs_own:
        has_reference = kept is Kept.BY_REFERENCE
    if has_reference or (Design.unpoison_frees_all and k.page[page].hand is Hand.OFFLINE):
        hand_over(k, page, 0, Hand.LIMBO, me)
        if Design.unpoison_zeroes and k.pageblock[page.block].flag is Kind.UNMAPPED:
            yield from clear_page_mermap(k, me, page)
            yield from flush_tlb_all(k, me)
        yield from __free_frozen_pages(k, me, page, 0)


# atomic: the owner of the page may free it at any time, which is what is wrong
def is_allocated(k: Kernel, page: Page) -> bool:
    """Has somebody the page, and its only reference?"""
    return k.page[page].hand is Hand.KERNEL or k.page[page].hand is Hand.CALLER
