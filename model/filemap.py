"""The page cache of files that are to be absent from the direct map (AS_NO_DIRECT_MAP)."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps, assumed, choose
from model.access import access, write_page
from model.callers import flush_file_before_free, mapping_set_stale
from model.clear import clear_page_mermap
from model.design import Design, Scrub
from model.direct_map import Result, set_direct_map_page
from model.freetype import Kind, Migratetype
from model.kernel import Context, File, Hand, Kept, Kernel, Mm, Offset, Page, Task
from model.page_alloc import __free_frozen_pages
from model.request import Gfp
from model.shootdown import flush_tlb_address, flush_tlb_all, flush_tlb_kernel_page
from model.slowpath import __alloc_frozen_pages
from model.users import Gmem, GmemFlush, NoDirectMap, Users


class Added(Enum):
    """What filemap_add_folio() returns."""

    ADDED = "0: the folio is in the file, and locked"
    EXISTS = "-EEXIST: another folio is there"
    FAILED = "-ENOMEM, or the error of what had to be done before"


def is_without_direct_map(k: Kernel, file: File) -> bool:
    """mapping_no_direct_map(), AS_NO_DIRECT_MAP: does the page cache see to the direct map?"""
    if Users.no_direct_map is NoDirectMap.USERS or k.file[file].ordinary:
        return False
    return not k.file[file].guest or Users.gmem is not Gmem.NONE


def hold(k: Kernel, me: Task, page: Page) -> None:
    """Only `me` works on the page from now on: it is new, or locked, or removed."""
    if k.page[page].hand is Hand.CACHE:
        k.page[page].hand = Hand.CALLER
    elif k.page[page].hand is Hand.ZAPPED or k.page[page].hand is Hand.KERNEL:
        k.page[page].hand = Hand.ZAPPING
    k.page[page].holder = me


def folio_lock(k: Kernel, me: Task, page: Page) -> Steps:
    """include/linux/pagemap.h, folio_lock(), by somebody who has a reference."""
    yield
    while k.page[page].locked_by is not None:
        yield
    k.page[page].locked_by = me
    if k.page[page].mapping is not None:
        hold(k, me, page)


def folio_lock_free(k: Kernel, me: Task, page: Page) -> None:
    """include/linux/pagemap.h, folio_trylock() of a folio that nobody has locked."""
    k.page[page].locked_by = me
    hold(k, me, page)


def folio_unlock(k: Kernel, page: Page) -> None:
    """mm/filemap.c, folio_unlock(): if the page is in a file, all who have the file get at it."""
    if k.page[page].mapping is not None:
        if k.page[page].hand is Hand.CALLER:
            k.page[page].hand = Hand.CACHE
        elif k.page[page].hand is Hand.ZAPPING:
            k.page[page].hand = Hand.ZAPPED
    k.page[page].locked_by = None


def folio_put(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/swap.c, folio_put(), __folio_put(): whoever drops the last reference frees the page, in whatever
    context that is.
    """
    last = put_testzero(k, me, page)
    if last:
        yield from __free_frozen_pages(k, me, page, 0)


# atomic: atomic_dec_and_test(); whoever drops the last reference is alone with the page
def put_testzero(k: Kernel, me: Task, page: Page) -> bool:
    """include/linux/mm.h, folio_put_testzero()."""
    k.page[page].refs -= 1
    if k.page[page].refs == 0:
        k.page[page].uptodate = False
        return True
    set_aside(k, page)
    if k.page[page].holder == me and k.page[page].mapping is None:
        k.page[page].holder = None
    return False


# atomic: nobody but memory_failure() has it any more
def set_aside(k: Kernel, page: Page) -> None:
    """A page that is in no file and of which only memory_failure() has a reference is out of use for good."""
    if k.page[page].kept is Kept.BY_REFERENCE and k.page[page].mapping is None and k.page[page].refs == 1:
        k.page[page].assign(hand=Hand.OFFLINE, holder=None, refs=0, uptodate=False)


def filemap_alloc_folio(k: Kernel, me: Task, file: File, zero: bool) -> Steps[Page | None]:
    """mm/filemap.c, filemap_alloc_folio(): v4's fast form asks for unmapped pages, which is for nothing in
    a kernel without them.
    """
    fast = Users.no_direct_map is NoDirectMap.UNMAPPED and is_without_direct_map(k, file)
    kind = Kind.UNMAPPED if fast and Users.unmapped_option else Kind.MAPPED
    page = yield from __alloc_frozen_pages(k, me, 0, (Migratetype.UNMOVABLE, kind), Gfp.KERNEL, zero)
    if page is not None:
        k.page[page].assign(refs=1, private=False)  # atomic: nobody else has the page yet
        hold(k, me, page)
    return page


def filemap_add_folio(k: Kernel, me: Task, page: Page, offset: Offset) -> Steps[Added]:
    """mm/filemap.c, filemap_add_folio(); mainline, and v4 with both forms of AS_NO_DIRECT_MAP: what leaves
    the direct map does so before others can find it.
    """
    file = offset.file
    k.page[page].locked_by = me
    if is_without_direct_map(k, file):
        prepared = yield from filemap_prepare_folio(k, me, page, file)
        if prepared is Result.FAILED:
            k.page[page].locked_by = None
            return Added.FAILED
    result = yield from __filemap_add_folio(k, me, page, offset)
    if result is not Added.ADDED:
        if is_without_direct_map(k, file):
            yield from filemap_undo_folio(k, me, page, file)
        k.page[page].locked_by = None
    return result


def __filemap_add_folio(k: Kernel, me: Task, page: Page, offset: Offset) -> Steps[Added]:
    """mm/filemap.c, __filemap_add_folio(), mainline: under the lock of i_pages.

    Provoke: DONE is the ordinary result. For FAILED: failslab (CONFIG_FAILSLAB) with cache-filter on the
    cache radix_tree_node, so that the xarray gets no node.
    """
    yield
    if k.i_pages[offset] is not None:  # atomic: within the lock of i_pages
        return Added.EXISTS
    if Design.no_memory:
        result = choose(Result)
        if result is Result.FAILED:
            return Added.FAILED
    insert_folio(k, page, offset)
    return Added.ADDED


# atomic: within the lock of i_pages
def insert_folio(k: Kernel, page: Page, offset: Offset) -> None:
    """The entry, and the reference that it holds."""
    k.i_pages[offset] = page
    k.page[page].mapping = offset.file
    k.page[page].refs += 1


def filemap_prepare_folio(k: Kernel, me: Task, page: Page, file: File) -> Steps[Result]:
    """filemap_add_folio(), v4: the slow form zeroes and zaps; the fast form clears through the mermap."""
    if Users.no_direct_map is NoDirectMap.ZAP:
        if not k.file[file].guest:
            yield
            zero_through_direct_map(k, me, page)
        result = yield from folio_zap_direct_map(k, me, page)
        return result
    if k.file[file].guest:
        assumed("guest_memfd clears its own folios, as announced on 3 July 2026; v4's filemap.c clears all")
        return Result.DONE
    result = yield from clear_folio(k, me, page, file)
    return result


def clear_folio(k: Kernel, me: Task, page: Page, file: File) -> Steps[Result]:
    """mermap_mm_prepare() for the current process, mermap_clear_folio(), and AS_MERMAP_STALE; v4."""
    yield
    if not Users.clears:
        return Result.DONE
    if k.task[me].context is Context.KTHREAD:
        if Users.add_needs_mm:
            return Result.FAILED
        assumed("a kernel thread adds a folio to such a file: no posted caller does")
        k.accessed = True
        k.kernel_fault = True  # current->mm is NULL
        return Result.FAILED
    yield from clear_page_mermap(k, me, page)
    yield from mapping_set_stale(k, file.mm)
    return Result.DONE


def zero_through_direct_map(k: Kernel, me: Task, page: Page) -> None:
    """clear_highpage(), folio_zero_segment()."""
    reached = access(k, me, page, None)
    write_page(k, me, reached, None)


def filemap_undo_folio(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    """filemap_add_folio(), v4, on an error: as when a folio is removed."""
    if Users.no_direct_map is NoDirectMap.ZAP:
        yield from restore_and_zero(k, me, page, file)
    else:
        yield from flush_file_before_free(k, me, file.mm)


def folio_zap_direct_map(k: Kernel, me: Task, page: Page) -> Steps[Result]:
    """folio_zap_direct_map(), guest_memfd v12 2/16 and v4: one page, flushed whether or not it failed."""
    result = yield from set_direct_map_page(k, me, page, False)
    if Users.zap_flushes:
        yield from flush_tlb_kernel_page(k, me, page)
    return result


def folio_restore_direct_map(k: Kernel, me: Task, page: Page) -> Steps:
    """folio_restore_direct_map(), guest_memfd v12 2/16 and v4: no flush; the entry has been split already, so
    that nothing can fail.
    """
    yield from set_direct_map_page(k, me, page, True)
    yield


def restore_and_zero(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    """filemap_remove_folio(), v4's slow form: back in the direct map, and only then zeroed."""
    yield from folio_restore_direct_map(k, me, page)
    if k.file[file].guest:
        assumed("on the slow stage the page cache zeroes guest_memfd's folios too when they are removed")
    zero_through_direct_map(k, me, page)


# atomic: within the lock of i_pages
def __filemap_remove_folio(k: Kernel, me: Task, page: Page, offset: Offset) -> None:
    """mm/filemap.c, __filemap_remove_folio(), mainline: under the lock of i_pages, by who has it locked."""
    k.i_pages[offset] = None
    k.page[page].mapping = None
    hold(k, me, page)


def filemap_remove_folio(k: Kernel, me: Task, page: Page, offset: Offset) -> Steps:
    """mm/filemap.c, filemap_remove_folio(), mainline and v4."""
    yield
    __filemap_remove_folio(k, me, page, offset)
    yield from release_folio(k, me, page, offset.file)
    yield from filemap_free_folio(k, me, page, offset.file)


def release_folio(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    """filemap_remove_folio(), v4, once the lock of i_pages is dropped."""
    if not is_without_direct_map(k, file):
        return
    if Users.no_direct_map is NoDirectMap.ZAP:
        yield from restore_and_zero(k, me, page, file)
        return
    if Design.scrub is Scrub.BEFORE_FREE:
        yield from clear_page_mermap(k, me, page)
    yield from flush_file_before_free(k, me, file.mm)


def filemap_free_folio(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    """mm/filemap.c, filemap_free_folio(), mainline: the file's free_folio() hook, whoever still has a
    reference, and then the page cache's reference is dropped.
    """
    yield from free_folio(k, me, page, file)
    yield from folio_put(k, me, page)


def free_folio(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    """mapping->a_ops->free_folio(): secretmem_free_folio(), mainline; kvm_gmem_free_folio(), v12, and as
    announced on 3 July 2026.
    """
    if not k.file[file].guest:
        if Users.no_direct_map is NoDirectMap.USERS and not k.file[file].ordinary:
            yield from set_direct_map_page(k, me, page, True)
            yield
            zero_through_direct_map(k, me, page)
        return
    if Users.gmem is Gmem.PRIVATE_BIT and k.page[page].private:
        yield from folio_restore_direct_map(k, me, page)
        k.page[page].private = False
    if Users.gmem_flush is GmemFlush.FREE_HOOK:
        assumed("kvm_gmem_free_folio() flushes all TLBs: it was announced on 3 July 2026, not posted")
        yield from flush_tlb_all(k, me)


def unmap_folio(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/memory.c, unmap_mapping_folio(), mainline: out of every process, each flushed before its reference
    is dropped.
    """
    for mm in Mm:
        if k.mm[mm].user_pte[offset] is not None:  # atomic: within the lock of the page table
            yield from zap_pte(k, me, mm, offset)


def zap_pte(k: Kernel, me: Task, mm: Mm, offset: Offset) -> Steps:
    """mm/memory.c, zap_present_folio_ptes(), and tlb_finish_mmu(), which drops the reference."""
    page = k.mm[mm].user_pte[offset]  # atomic: within the lock of the page table
    if page is None:
        return
    k.mm[mm].user_pte[offset] = None  # atomic: within the lock of the page table
    k.mm[mm].flush_pending.add(me)  # atomic: inc_tlb_flush_pending()
    yield from flush_tlb_address(k, me, mm, offset)
    k.mm[mm].flush_pending.discard(me)  # atomic: dec_tlb_flush_pending()
    yield from folio_put(k, me, page)
