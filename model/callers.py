"""Who uses unmapped pages: a process's memory without a direct map."""

from __future__ import annotations

from typing import Annotated

from checker.language import Range, Steps, assumed, choose, operation, when
from model.access import access, write_page
from model.broken_rules import map_once_more, put_mapping
from model.clear import clear_page_mermap
from model.design import Callers, Design, Scrub, Stale, Zeroing
from model.freetype import Kind, Migratetype
from model.kernel import Context, Hand, Kernel, Mm, Page, Task
from model.kernel_callers import spin_lock_of_caller, spin_unlock_of_caller
from model.mermap import mapped_at, mermap_get, mermap_put
from model.page_alloc import __free_frozen_pages
from model.pageblock import max_page_order
from model.request import Gfp
from model.shootdown import flush_and_unmark
from model.slowpath import __alloc_frozen_pages


@operation(Task)
def alloc_raw_page(k: Kernel, me: Task, gfp: Gfp) -> Steps:
    """A user inside mm/ that takes an unmapped page as it is, and lets its process put a secret there;
    mm/tests/page_alloc_kunit.c.

    Trigger: no privilege: a process that calls memfd_secret() and touches the mapping, where secretmem is
    enabled and takes its pages this way; RLIMIT_MEMLOCK bounds how many. The KUnit test of the page allocator
    does the same.
    """
    when(gfp is not Gfp.NOFS)
    spin_lock_of_caller(k, me, gfp)
    page = yield from __alloc_frozen_pages(k, me, 0, (Migratetype.UNMOVABLE, Kind.UNMAPPED), gfp, False)
    spin_unlock_of_caller(k, me, gfp)
    if page is not None:
        use_page(k, me, page)


@operation(Task)
def alloc_raw_blocks(k: Kernel, me: Task) -> Steps:
    """An unmapped request of the largest order, given back at once; mm/tests/page_alloc_kunit.c.

    Trigger: nobody: the posted users ask for single pages. A large folio without a direct map would do it.
    """
    ft = (Migratetype.UNMOVABLE, Kind.UNMAPPED)
    page = yield from __alloc_frozen_pages(k, me, max_page_order(), ft, Gfp.KERNEL, False)
    if page is not None:
        yield
        yield from __free_frozen_pages(k, me, page, max_page_order())


@operation(Task)
def populate(k: Kernel, me: Task) -> Steps:
    """A process touches its memory without a direct map (secretmem, guest_memfd): a zeroed page appears and
    is given a secret. Before that filemap_add_folio() has called mermap_mm_prepare() (v4), which is an
    operation of its own here.

    Trigger: no privilege: a process that calls memfd_secret() and touches the mapping, within RLIMIT_MEMLOCK;
    for guest_memfd, whoever may open /dev/kvm.
    """
    when(not k.mm[k.task[me].mm].unprepared)
    zero = Design.zeroing is not Zeroing.PAGE_CACHE
    ft = (Migratetype.UNMOVABLE, Kind.UNMAPPED)
    page = yield from __alloc_frozen_pages(k, me, 0, ft, Gfp.KERNEL, zero)
    if page is None:
        return
    if Design.zeroing is Zeroing.PAGE_CACHE:
        yield from filemap_add_folio(k, me, page)
    else:
        use_page(k, me, page)


def filemap_add_folio(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/filemap.c, filemap_add_folio() for AS_NO_DIRECT_MAP with the mermap; v4.

    Provoke: let two threads touch the same page of the file at the same time, each pinned to a CPU (taskset):
    one of them finds the other's folio. `True` is the ordinary case.
    """
    yield
    yield from clear_page_mermap(k, me, page)
    yield from note_stale(k, me)
    inserted = choose(True, False)  # another folio may have got there first
    if inserted:
        use_page(k, me, page)
    else:
        yield from flush_before_free(k, me)
        yield from __free_frozen_pages(k, me, page, 0)


def note_stale(k: Kernel, me: Task) -> Steps:
    """set_bit(AS_MERMAP_STALE), v4: the mermap may have left entries for pages of this file behind."""
    yield from mapping_set_stale(k, k.task[me].mm)


def mapping_set_stale(k: Kernel, maker: Mm) -> Steps:
    """The same for the file that some process has made."""
    if Design.stale is Stale.PER_MAPPING:
        yield
        k.mm[maker].mermap_stale = True
        yield


def use_page(k: Kernel, me: Task, page: Page) -> None:
    """The page is inserted, and the process writes a secret through its own, user mapping."""
    put_into_cache(k, page)
    k.page[page].secret_of = k.task[me].mm


@operation(Task)
def evict(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/filemap.c, filemap_remove_folio() (v4), or the last put of the page (v1, v2): a page of one's
    process is given back.

    Trigger: no privilege: the process that owns the file unmaps and closes it, or exits.
    """
    when(is_used_by(k, page, k.task[me].mm))
    take_from_cache(k, me, page)
    yield
    yield from remove_page(k, me, page)


def remove_page(k: Kernel, me: Task, page: Page) -> Steps:
    """What the removal of a page comes to once nobody else gets at it."""
    if Design.scrub is Scrub.BEFORE_FREE:
        yield from clear_page_mermap(k, me, page)
    yield from flush_before_free(k, me)
    yield from __free_frozen_pages(k, me, page, 0)


@operation(Task)
def exit_files(k: Kernel, me: Task, page: Page) -> Steps:
    """kernel/exit.c, do_exit(), mainline: exit_mm() comes before exit_files(), so that the last close of a
    file gives its pages back where current->mm is NULL. (The tables of its region go elsewhere: exit_mm.)

    Trigger: no privilege: a process ends with such a file open.
    """
    when(is_used_by(k, page, k.task[me].mm) and k.task[me].context is Context.PROCESS)
    take_from_cache(k, me, page)
    k.task[me].context = Context.KTHREAD
    yield
    yield from remove_page(k, me, page)


@operation(Task)
def drop_last_reference(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/swap.c, folio_put() of a reference that outlived the page's removal from its file, in whatever
    context: no flush here, and the process that owned the page need not be around.

    Trigger: no privilege for the removal; who holds the other reference is a scanner of page frames, such as
    compaction, or root who reads /sys/kernel/mm/page_idle/bitmap.
    """
    when(k.page[page].hand is Hand.CALLER and k.page[page].holder is None)
    k.page[page].holder = me
    yield from __free_frozen_pages(k, me, page, 0)


@operation(Task)
def remove_referenced(k: Kernel, me: Task, page: Page) -> Steps:
    """filemap_remove_folio() of a page to which somebody else has taken a reference, a page-table walker or a
    scanner of page frames: all of a removal but the last put.

    Trigger: no privilege for the removal; somebody else must hold a reference just then, such as compaction,
    or root who reads /sys/kernel/mm/page_idle/bitmap.
    """
    when(is_used_by(k, page, k.task[me].mm))
    take_from_cache(k, me, page)
    yield
    if Design.scrub is Scrub.BEFORE_FREE:
        yield from clear_page_mermap(k, me, page)
    yield from flush_before_free(k, me)
    k.page[page].holder = None


def is_used_by(k: Kernel, page: Page, mm: Mm) -> bool:
    """Is the page in use by a process of that address space?"""
    holder = k.page[page].holder
    if holder is None:
        return False
    return k.page[page].hand is Hand.CACHE and k.task[holder].mm == mm


def take_from_cache(k: Kernel, me: Task, page: Page) -> None:
    """Delete it from the page cache, or lock it: from now on only `me` gets at it."""
    k.page[page].hand = Hand.CALLER
    k.page[page].holder = me


def put_into_cache(k: Kernel, page: Page) -> None:
    """Insert it, or unlock it: from now on its whole process gets at it."""
    k.page[page].hand = Hand.CACHE


def flush_before_free(k: Kernel, me: Task) -> Steps:
    """The caller's duty (comment above mermap_get(), v1): a full TLB flush before a page that was mapped
    there is freed.

    Hold: a kprobe on __filemap_remove_folio() or on free_frozen_pages(), with a handler that delays on
    that CPU.
    """
    yield from flush_file_before_free(k, me, k.task[me].mm)


def flush_file_before_free(k: Kernel, me: Task, maker: Mm) -> Steps:
    """The same where the page was in the file that some process has made."""
    if Design.callers is Callers.NO_FLUSH_BEFORE_FREE:
        return
    if Design.callers is Callers.POSTED:
        if Design.stale is Stale.NOBODY:
            return
        if Design.stale is Stale.PER_PAGE or Design.stale is Stale.AT_REUSE:
            return  # the allocator sees to it
        if Design.stale is Stale.PER_MAPPING:
            yield
            if not test_and_clear_stale(k, maker):
                return
    yield from flush_and_unmark(k, me)


# atomic: an atomic exchange
def test_and_clear_stale(k: Kernel, mm: Mm) -> bool:
    """test_and_clear_bit(AS_MERMAP_STALE), v4: an atomic exchange."""
    was = k.mm[mm].mermap_stale
    k.mm[mm].mermap_stale = False
    return was


@operation(Task)
def close_mapping(k: Kernel, me: Task) -> Steps:
    """mm/vma.c, vma_close() of an AS_NO_DIRECT_MAP file mapping; v4.

    Trigger: no privilege: another thread of the process unmaps the file.
    """
    when(Design.stale is Stale.PER_MAPPING)
    yield
    if test_and_clear_stale(k, k.task[me].mm):
        yield from flush_and_unmark(k, me)


@operation(Task)
def write_file(k: Kernel, me: Task, page: Page, size: Annotated[int, Range(1, 2)]) -> Steps:
    """write() to memory without a direct map (guest_memfd): `size` locked pages are filled through the
    mermap. Planned; no posted version has it.

    Trigger: whoever may open /dev/kvm and has a guest_memfd without a direct map; the write() path is not
    posted yet.
    """
    when(all(may_write(k, me, p) for p in Page if is_in_range(p, page, size)))
    when(int(page) + size <= len(Page))
    for p in Page:
        if is_in_range(p, page, size) and Design.callers is not Callers.FOREIGN_PAGE:
            take_from_cache(k, me, p)
    yield
    assumed("write() to guest_memfd goes through the mermap: it was announced on 3 July 2026, not posted")
    slot = yield from mermap_get(k, me, page, size, False)
    if slot is None and Design.callers is Callers.UNPREPARED:
        k.accessed = True
        k.kernel_fault = True
    if slot is not None and Design.callers is not Callers.NEVER_PUT:
        cpu = k.task[me].cpu
        if Design.callers is Callers.OTHER_CPU:
            k.task[me].migrate_disabled -= 1
        for nr in range(2):
            if nr < size:
                yield
                reached = access(k, me, page + nr, mapped_at(k, me, cpu, slot, nr))
                write_page(k, me, reached, k.task[me].mm)
        if Design.callers is Callers.PUT_ELSEWHERE:
            k.task[me].migrate_disabled -= 1
        yield
        if Design.callers is Callers.OTHER_CPU or Design.callers is Callers.PUT_ELSEWHERE:
            k.task[me].migrate_disabled += 1
        yield from put_mapping(k, me, cpu, slot)
        yield
    yield from note_stale(k, me)
    for p in Page:
        if is_in_range(p, page, size) and Design.callers is not Callers.FOREIGN_PAGE:
            put_into_cache(k, p)


@operation(Task)
def write_reserved(k: Kernel, me: Task, page: Page) -> Steps:
    """The same for one page where nothing may fail: through the reserved mapping, with preemption off.

    Trigger: nobody yet: no posted version has such a caller.
    """
    when(is_used_by(k, page, k.task[me].mm))
    take_from_cache(k, me, page)
    yield
    assumed("somebody outside the allocator uses the reserved mapping: no posted version has it")
    cpu = k.task[me].cpu
    atomic = Design.callers is not Callers.PREEMPTIBLE_RESERVE
    if atomic:
        k.cpu[cpu].preempt_count += 1
    slot = yield from mermap_get(k, me, page, 1, True)
    if slot is not None:
        reached = access(k, me, page, mapped_at(k, me, cpu, slot, 0))
        write_page(k, me, reached, k.task[me].mm)
        yield
        if Design.callers is Callers.NESTED_RESERVE:
            yield from map_once_more(k, me, page, cpu)
        yield from mermap_put(k, me, k.task[me].mm, cpu, slot)
    if atomic:
        k.cpu[cpu].preempt_count -= 1
    yield from note_stale(k, me)
    put_into_cache(k, page)


def may_write(k: Kernel, me: Task, page: Page) -> bool:
    """The documented rule: only memory of the current process goes into the mermap."""
    if Design.callers is Callers.FOREIGN_PAGE:
        return k.page[page].hand is Hand.CACHE
    return is_used_by(k, page, k.task[me].mm)


def is_in_range(page: Page, first: Page, size: int) -> bool:
    """Is it one of the `size` pages from `first` on?"""
    return first <= page and int(page) < int(first) + size
