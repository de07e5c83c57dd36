"""Per-CPU page lists, for order 0, one for each migratetype and kind."""

from __future__ import annotations

from checker.language import Steps, choose
from model.bounds import Bounds
from model.environment import Hardware
from model.free_list import __free_one_page
from model.freetype import FreeList, Freetype, Migratetype, freetype_idx, freetype_with_migrate
from model.kernel import Cpu, Hand, Kernel, Page, Task, Zone
from model.locks import spin_lock_irqsave, spin_trylock_irqsave, spin_unlock_irqrestore
from model.pageblock import get_pfnblock_freetype
from model.request import AllocFlags
from model.rmqueue import __rmqueue


def pcp_spin_trylock(k: Kernel, me: Task, zone: Zone) -> bool:
    """mm/page_alloc.c, pcp_spin_trylock(): pins the task to its CPU; an interrupt on top fails. With
    PREEMPT_RT it is a lock that sleeps, and preemption stays on.
    """
    cpu = k.task[me].cpu
    if k.zone[zone].pcp_lock[cpu] is not None:
        return False
    k.zone[zone].pcp_lock[cpu] = me
    if not Hardware.preempt_rt:
        k.cpu[cpu].preempt_count += 1
    return True


def pcp_spin_unlock(k: Kernel, me: Task, zone: Zone) -> None:
    """mm/page_alloc.c, pcp_spin_unlock()."""
    k.zone[zone].pcp_lock[k.task[me].cpu] = None
    if not Hardware.preempt_rt:
        k.cpu[k.task[me].cpu].preempt_count -= 1


def is_cached(k: Kernel, page: Page, zone: Zone, cpu: Cpu) -> bool:
    """Is the page on a list of this CPU's?"""
    return k.page[page].hand is Hand.PCP and k.page[page].pcp == cpu and page.block.zone == zone


def is_on_pcplist(k: Kernel, page: Page, zone: Zone, cpu: Cpu, pindex: FreeList) -> bool:
    """Is the page on that one?"""
    return is_cached(k, page, zone, cpu) and k.page[page].list is pindex


def use_pcplists(k: Kernel, me: Task, zone: Zone, cpu: Cpu) -> None:
    """lockdep_assert_held(&pcp->lock)."""
    k.lists_used = True
    if k.zone[zone].pcp_lock[cpu] != me:
        k.lists_unlocked = True


def has_pcplist(pindex: FreeList) -> bool:
    """MIGRATE_PCPTYPES, and the bank of the unmapped ones: pcp->lists[] has no more."""
    return pindex is FreeList.UNMOVABLE or pindex is FreeList.MOVABLE or pindex is FreeList.UNMOVABLE_UNMAPPED


def add_to_pcplist(k: Kernel, me: Task, page: Page, cpu: Cpu, pindex: FreeList) -> None:
    """list_add() to a list of this CPU's, under its lock."""
    use_pcplists(k, me, page.block.zone, cpu)
    if not has_pcplist(pindex):
        k.index_misused = True
    k.page[page].assign(hand=Hand.PCP, holder=None, list=pindex, pcp=cpu)


def del_from_pcplist(k: Kernel, me: Task, page: Page, cpu: Cpu) -> None:
    """list_del(): the page is in the limbo of `me`."""
    use_pcplists(k, me, page.block.zone, cpu)
    k.page[page].assign(hand=Hand.LIMBO, holder=me, list=None, pcp=None)


def rmqueue_pcplist(k: Kernel, me: Task, zone: Zone, ft: Freetype, flags: AllocFlags) -> Steps[Page | None]:
    """mm/page_alloc.c, rmqueue_pcplist() and __rmqueue_pcplist(); v1, v4: a refill never flips. (Only above
    order 0, of which there are no lists here, does an atomic request leave an empty one so.)
    """
    yield
    locked = pcp_spin_trylock(k, me, zone)
    if not locked:
        return None
    cpu = k.task[me].cpu
    pindex = freetype_idx(ft)
    empty = not any(is_on_pcplist(k, page, zone, cpu, pindex) for page in Page)
    if empty:
        yield from rmqueue_bulk(k, me, zone, cpu, ft, flags)
    found = any(is_on_pcplist(k, page, zone, cpu, pindex) for page in Page)
    if not found:
        pcp_spin_unlock(k, me, zone)
        return None
    page = choose(p for p in Page if is_on_pcplist(k, p, zone, cpu, pindex))
    del_from_pcplist(k, me, page, cpu)
    pcp_spin_unlock(k, me, zone)
    return page


def rmqueue_bulk(k: Kernel, me: Task, zone: Zone, cpu: Cpu, ft: Freetype, flags: AllocFlags) -> Steps:
    """mm/page_alloc.c, rmqueue_bulk(): up to a batch of pages, under the zone lock, if it can be had."""
    if flags is AllocFlags.NOLOCK:
        yield
        locked = spin_trylock_irqsave(k, me, zone)
        if not locked:
            return
    else:
        yield from spin_lock_irqsave(k, me, zone)
    for _nr in range(Bounds.pcp_batch):
        page = __rmqueue(k, me, zone, 0, ft, flags)
        if page is not None:
            add_to_pcplist(k, me, page, cpu, freetype_idx(ft))
    spin_unlock_irqrestore(k, me, zone)


def free_frozen_page_commit(
    k: Kernel, me: Task, zone: Zone, page: Page, ft: Freetype, trylock: bool
) -> Steps:
    """mm/page_alloc.c, free_frozen_page_commit(), v1 and v4, with the lock held: over `high`, give back; but
    whoever may wait for no lock leaves the list too long.
    """
    cpu = k.task[me].cpu
    add_to_pcplist(k, me, page, cpu, freetype_idx(ft))
    high = 0 if k.zone[zone].pcp_disabled_by is not None else Bounds.pcp_high
    if not trylock and sum(1 for other in Page if is_cached(k, other, zone, cpu)) > high:
        yield from free_pcppages_bulk(k, me, zone, cpu)
    pcp_spin_unlock(k, me, zone)


def free_pcppages_bulk(k: Kernel, me: Task, zone: Zone, cpu: Cpu) -> Steps:
    """mm/page_alloc.c, free_pcppages_bulk(): here the whole list; each page's freetype is read again under
    the zone lock.
    """
    yield from spin_lock_irqsave(k, me, zone)
    for page in Page:
        if is_cached(k, page, zone, cpu):
            del_from_pcplist(k, me, page, cpu)
            __free_one_page(k, me, page, 0, get_pfnblock_freetype(k, page))
    spin_unlock_irqrestore(k, me, zone)


def drain_pages_zone(k: Kernel, me: Task, zone: Zone, cpu: Cpu) -> Steps:
    """mm/page_alloc.c, drain_pages_zone(): the lists of one CPU, whose lock is free."""
    k.zone[zone].pcp_lock[cpu] = me
    yield from free_pcppages_bulk(k, me, zone, cpu)
    k.zone[zone].pcp_lock[cpu] = None


def drain_all_pages(k: Kernel, me: Task, zone: Zone) -> Steps:
    """mm/page_alloc.c, drain_all_pages(): every CPU's lists, by a worker there; here each as soon as its lock
    is free.
    """
    for cpu in Cpu:
        yield
        while k.zone[zone].pcp_lock[cpu] is not None:
            yield
        yield from drain_pages_zone(k, me, zone, cpu)


def zone_pcp_disable(k: Kernel, me: Task, zone: Zone) -> Steps:
    """mm/page_alloc.c, zone_pcp_disable(): from now on what is freed to a per-CPU list goes on at once."""
    yield
    while k.zone[zone].pcp_disabled_by is not None:
        yield
    k.zone[zone].pcp_disabled_by = me
    yield from drain_all_pages(k, me, zone)


def zone_pcp_enable(k: Kernel, zone: Zone) -> None:
    """mm/page_alloc.c, zone_pcp_enable()."""
    k.zone[zone].pcp_disabled_by = None


def pcp_freetype(ft: Freetype) -> Freetype:
    """mm/page_alloc.c, __free_frozen_pages(), v1 and v4: reserved pages go on the list of movable ones, with
    the same flags.
    """
    if ft[0] is Migratetype.HIGHATOMIC:
        return freetype_with_migrate(ft, Migratetype.MOVABLE)
    return ft
