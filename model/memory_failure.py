"""Broken memory: pages are taken off the buddy lists, or away from their users."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps, assumed, choose, operation, when
from model.broken_folio import soft_offline_in_file, take_from_file
from model.callers import flush_before_free
from model.contig import migrate_page
from model.design import Design
from model.direct_map import set_direct_map_page
from model.free_list import (
    __add_to_free_list,
    account_freepages,
    buddy_of,
    del_page_from_free_list,
    hand_over,
)
from model.freetype import Freetype, Kind
from model.kernel import Context, Hand, Kept, Kernel, Order, Page, Task, Zone
from model.locks import lock_hotplug, spin_lock_irqsave, spin_unlock_irqrestore, unlock_hotplug
from model.page_alloc import free_deferred
from model.pageblock import get_pfnblock_freetype, max_page_order
from model.pcp import drain_all_pages, zone_pcp_disable, zone_pcp_enable
from model.shootdown import flush_tlb_kernel_range


class Found(Enum):
    """What get_hwpoison_page() makes of a page."""

    FREE = "0: it is free"
    IN_USE = "1: it is on an LRU; there is a reference to it now"
    UNHANDLABLE = "-EIO"


class Handled(Enum):
    """How an attempt to deal with a broken page went."""

    RECOVERED = "it is out of use"
    IGNORED = "it stays where it is, poisoned"
    RACED = "it was free, and is no longer"


def break_down_buddy_pages(k: Kernel, me: Task, head: Page, target: Page, high: Order, ft: Freetype) -> None:
    """mm/page_alloc.c, break_down_buddy_pages(); v1, v4: all of a buddy but one page is listed again."""
    start = head
    for down in range(max_page_order()):
        order = max_page_order() - 1 - down
        if order < high:
            other = start + (1 << order)
            if other <= target:
                other = start
                start = start + (1 << order)
            __add_to_free_list(k, me, other, order, ft)
            account_freepages(k, me, other.block.zone, 1 << order, ft)


def take_page_off_buddy(k: Kernel, me: Task, page: Page) -> Steps[bool]:
    """mm/page_alloc.c, take_page_off_buddy(); v1, v4: by the freetype of the buddy's first block."""
    yield from spin_lock_irqsave(k, me, page.block.zone)
    buddy = buddy_of(k, page)
    if buddy is not None:
        order = k.page[buddy].order
        ft = get_pfnblock_freetype(k, buddy)
        del_page_from_free_list(k, me, buddy, order, ft)
        break_down_buddy_pages(k, me, buddy, page, order, ft)
        hand_over(k, page, 0, Hand.OFFLINE, None)
        k.page[page].kept = Kept.OFF_THE_LISTS
    spin_unlock_irqrestore(k, me, page.block.zone)
    return buddy is not None


def lock_mf_mutex(k: Kernel, me: Task) -> Steps:
    """mutex_lock(&mf_mutex)."""
    yield
    while k.mf_mutex is not None:
        yield
    k.mf_mutex = me


def get_hwpoison_page(k: Kernel, me: Task, page: Page) -> Steps[Found]:
    """mm/memory-failure.c, get_hwpoison_page(); v4: per-CPU lists are emptied first. A page that is neither
    on a buddy list nor on an LRU, as in the middle of a flip, is looked at three times, and not handled.
    Proposed: it is waited for, and listed if it was freed by somebody who may not wait for a lock.
    """
    yield from zone_pcp_disable(k, me, page.block.zone)
    yield
    while Design.failure_waits and is_on_its_way(k, page):
        yield
        while is_in_hand(k, page):
            yield
        if is_left(k, page):
            yield from list_what_is_left(k, me, page.block.zone)
    zone_pcp_enable(k, page.block.zone)
    hand = k.page[page].hand
    if hand is Hand.LISTED:
        return Found.FREE
    if k.page[page].mapping is not None:  # atomic: the same as the next
        k.page[page].refs += 1  # atomic: folio_try_get()
        return Found.IN_USE
    return Found.IN_USE if hand is Hand.LRU or hand is Hand.CACHE else Found.UNHANDLABLE


# atomic: of a page that changes hands at this moment either answer is right
def is_on_its_way(k: Kernel, page: Page) -> bool:
    """Is it being taken or freed?"""
    return is_in_hand(k, page) or is_left(k, page)


# atomic: the same
def is_in_hand(k: Kernel, page: Page) -> bool:
    """Does somebody work on it, who will be done?"""
    return k.page[page].hand is Hand.LIMBO and not k.page[page].deferred


# atomic: the same
def is_left(k: Kernel, page: Page) -> bool:
    """Was it freed by somebody who may not wait for the zone lock? While per-CPU lists are disabled no other
    pages stay there.
    """
    return k.page[page].hand is Hand.PCP or k.page[page].deferred


def list_what_is_left(k: Kernel, me: Task, zone: Zone) -> Steps:
    """Proposed: zone->trylock_free_pages, and per-CPU lists, emptied again."""
    yield from spin_lock_irqsave(k, me, zone)
    free_deferred(k, me, zone)
    spin_unlock_irqrestore(k, me, zone)
    yield from drain_all_pages(k, me, zone)


def memory_failure(k: Kernel, me: Task, page: Page, simulated: bool) -> Steps[bool]:
    """mm/memory-failure.c, memory_failure(); v4: once more if a free page was allocated in between. True: 0,
    the page was dealt with.
    """
    yield from lock_mf_mutex(k, me)
    k.hw_memory_failure = k.hw_memory_failure or not simulated
    if Design.poison_locks_hotplug:
        yield from lock_hotplug(k, me)
    if k.page[page].poisoned or k.pageblock[page.block].removed:
        unlock_memory_failure(k)
        return False
    k.page[page].poisoned = True
    result = yield from handle_page(k, me, page)
    again = True
    while result is Handled.RACED and again:
        again = Design.failure_waits
        k.page[page].poisoned = False
        yield
        k.page[page].poisoned = True
        result = yield from handle_page(k, me, page)
    unlock_memory_failure(k)
    return result is Handled.RECOVERED


def unlock_memory_failure(k: Kernel) -> None:
    """mutex_unlock(&mf_mutex), and the hotplug lock if it was taken."""
    if Design.poison_locks_hotplug:
        unlock_hotplug(k)
    k.mf_mutex = None


def handle_page(k: Kernel, me: Task, page: Page) -> Steps[Handled]:
    """One attempt of it."""
    found = yield from get_hwpoison_page(k, me, page)
    if found is Found.FREE:
        taken = yield from take_page_off_buddy(k, me, page)
        return Handled.RECOVERED if taken else Handled.RACED
    if found is Found.IN_USE and k.page[page].refs > 0:  # atomic: the reference that it has got
        removed = yield from take_from_file(k, me, page)
        return Handled.RECOVERED if removed else Handled.IGNORED
    if found is Found.IN_USE:
        handled = yield from take_from_user(k, me, page)
        return handled
    return Handled.IGNORED


def take_from_user(k: Kernel, me: Task, page: Page) -> Steps[Handled]:
    """The same of a page whose file is not modelled: unmapped from its process, which is killed, and
    removed from the LRU and from its file. mapping_evict_folio() may fail; the reference is kept even so.

    Provoke: `False` where the page has another reference, so that it cannot be removed: hold one, for example
    with an I/O that is under way.
    """
    was_unmapped = k.page[page].hand is Hand.CACHE
    k.page[page].kept = Kept.BY_REFERENCE
    evicted = choose(True, False)
    if not evicted:
        return Handled.IGNORED
    hand_over(k, page, 0, Hand.OFFLINE, None)
    if was_unmapped:
        assumed("removal from an AS_NO_DIRECT_MAP file for memory_failure() flushes as any other does")
        yield from flush_before_free(k, me)
    return Handled.RECOVERED


@operation(Task)
def machine_check(k: Kernel, me: Task, page: Page) -> Steps:
    """arch/x86/kernel/cpu/mce/core.c, kill_me_maybe(), mainline: real errors, handled by the task's work.

    Trigger: nobody on purpose: an uncorrected memory error. For tests root has EINJ
    (/sys/kernel/debug/apei/einj) and mce-inject.

    Provoke: EINJ with an uncorrectable error at the page's physical address, then a read of it.
    """
    when(k.task[me].context is not Context.IRQ)
    handled = yield from memory_failure(k, me, page, False)
    if handled:
        yield from set_mce_nospec(k, me, page)


def set_mce_nospec(k: Kernel, me: Task, page: Page) -> Steps:
    """arch/x86/mm/pat/set_memory.c, set_mce_nospec(), mainline: one page leaves the direct map, and all TLBs.
    In an entry that is absent as a whole nothing changes.
    """
    if k.page[page].present:
        hand_over(k, page, 0, Hand.LIMBO, me)
        yield from set_direct_map_page(k, me, page, False)
        yield from flush_tlb_kernel_range(k, me, page, 0)
        hand_over(k, page, 0, Hand.OFFLINE, None)


@operation(Task)
def clear_mce_nospec(k: Kernel, me: Task, page: Page) -> Steps:
    """arch/x86/mm/pat/set_memory.c, clear_mce_nospec(), mainline: a repaired page is back in the direct map,
    out of whatever entry it is part of.

    Trigger: a driver that repairs memory; in mainline only that of persistent memory does, after a
    clear-poison command.
    """
    assumed("somebody repairs ordinary memory: in mainline only the pmem driver calls clear_mce_nospec()")
    when(k.task[me].context is not Context.IRQ and k.page[page].poisoned and k.hw_memory_failure)
    if Design.repair_leaves_unmapped and may_be_unmapped(k, page):
        return
    yield from set_direct_map_page(k, me, page, True)


def may_be_unmapped(k: Kernel, page: Page) -> bool:
    """Proposed: is its block unmapped, or, as nothing keeps the page from being free, perhaps about to be?"""
    return k.pageblock[page.block].flag is Kind.UNMAPPED or k.page[page].kept is Kept.BY_NOTHING


@operation(Task)
def inject_memory_failure(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/hwpoison-inject.c, hwpoison_inject(), mainline: errors that can be taken back.

    Trigger: root: CONFIG_HWPOISON_INJECT, or madvise(MADV_HWPOISON) with CAP_SYS_ADMIN.

    Provoke: echo PFN > /sys/kernel/debug/hwpoison/corrupt-pfn.
    """
    when(k.task[me].context is not Context.IRQ)
    yield from memory_failure(k, me, page, True)


@operation(Task)
def soft_offline_page(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/memory-failure.c, soft_offline_page(); v4: a free page is taken off, a movable one migrated away,
    one of a file evicted if nobody has it mapped. Once more if a free page was allocated in between.

    Trigger: root: /sys/devices/system/memory/soft_offline_page, or madvise(MADV_SOFT_OFFLINE) with
    CAP_SYS_ADMIN; rasdaemon does it where corrected errors pile up.

    Provoke: echo ADDRESS > /sys/devices/system/memory/soft_offline_page.
    """
    when(k.task[me].context is not Context.IRQ)
    yield from lock_mf_mutex(k, me)
    if not k.page[page].poisoned and not k.pageblock[page.block].removed:
        again = yield from soft_offline_once(k, me, page)
        if again:
            yield from soft_offline_once(k, me, page)
    k.mf_mutex = None


def soft_offline_once(k: Kernel, me: Task, page: Page) -> Steps[bool]:
    """The rest of it; True: the page was free, and is no longer."""
    yield from lock_hotplug(k, me)
    found = yield from get_hwpoison_page(k, me, page)
    unlock_hotplug(k)
    if found is Found.FREE:
        taken = yield from __page_handle_poison(k, me, page)
        k.page[page].poisoned = k.page[page].poisoned or taken
        return not taken
    if found is Found.IN_USE and k.page[page].refs > 0:  # atomic: the reference that it has got
        yield from soft_offline_in_file(k, me, page)
    elif found is Found.IN_USE and k.page[page].hand is Hand.LRU:
        migrated = yield from migrate_page(k, me, page)
        if migrated:
            k.page[page].assign(poisoned=True, kept=Kept.BY_REFERENCE)
            hand_over(k, page, 0, Hand.OFFLINE, None)
    return False


def __page_handle_poison(k: Kernel, me: Task, page: Page) -> Steps[bool]:
    """mm/memory-failure.c, __page_handle_poison(), mainline: what was freed in between may be on a per-CPU
    list, and is drained from there.
    """
    yield from drain_all_pages(k, me, page.block.zone)
    taken = yield from take_page_off_buddy(k, me, page)
    return taken
