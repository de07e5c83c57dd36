"""Taking pages out of files."""

from __future__ import annotations

from checker.language import Steps, assumed, operation, when
from model.callers import flush_file_before_free
from model.clear import clear_page_mermap
from model.design import Design, Scrub
from model.filemap import (
    __filemap_remove_folio,
    filemap_free_folio,
    filemap_remove_folio,
    folio_lock_free,
    folio_put,
    folio_unlock,
    free_folio,
    is_without_direct_map,
    release_folio,
    unmap_folio,
)
from model.filemap_get import filemap_invalidate_lock, filemap_lock_folio, may_map
from model.kernel import File, Kernel, Offset, Page, Task
from model.users import Gmem, NoDirectMap, Reclaim, Users


@operation(Task)
def truncate_file(k: Kernel, me: Task, file: File) -> Steps:
    """A file is emptied: mm/truncate.c, truncate_inode_pages_range(), mainline, with the invalidate lock.

    Trigger: no privilege: the last close of a secretmem file, or whatever empties it while it is open.
    """
    when(may_map(k, me, file) and not k.file[file].guest)
    yield from filemap_invalidate_lock(k, me, file)
    yield from truncate_inode_pages_range(k, me, file)
    k.file[file].writer = None


def truncate_inode_pages_range(k: Kernel, me: Task, file: File) -> Steps:
    """mm/truncate.c, truncate_inode_pages_range(), mainline: first the folios that nobody has locked, as a
    batch; then the others one by one.
    """
    for offset in file.offsets:
        yield
        find_lock_entry(k, me, offset)
    for offset in file.offsets:
        if is_in_batch(k, me, offset):
            yield from unmap_folio(k, me, offset)
    if any(is_in_batch(k, me, offset) for offset in file.offsets):
        yield from delete_from_page_cache_batch(k, me, file)
    for offset in file.offsets:
        yield from truncate_inode_folio(k, me, offset)


# atomic: RCU and folio_trylock(); a locked folio stays in its file
def find_lock_entry(k: Kernel, me: Task, offset: Offset) -> None:
    """mm/filemap.c, find_lock_entries(): a reference, and the lock if nobody has it."""
    page = k.i_pages[offset]
    if page is not None and k.page[page].locked_by is None:
        k.page[page].refs += 1
        folio_lock_free(k, me, page)


# atomic: what `me` has locked stays
def is_in_batch(k: Kernel, me: Task, offset: Offset) -> bool:
    """Has `me` the folio of that offset locked?"""
    page = k.i_pages[offset]
    return page is not None and k.page[page].locked_by == me


def delete_from_page_cache_batch(k: Kernel, me: Task, file: File) -> Steps:
    """mm/filemap.c, delete_from_page_cache_batch(), mainline and v4: all of them under the lock of i_pages,
    then the hooks; the fast form flushes once for all.
    """
    yield
    batch = {page for page in Page if is_in(k, me, page, file)}
    for offset in file.offsets:
        page = k.i_pages[offset]  # atomic: within the lock of i_pages
        if page is not None and page in batch:
            __filemap_remove_folio(k, me, page, offset)
    if is_without_direct_map(k, file) and Users.no_direct_map is NoDirectMap.UNMAPPED:
        if Design.scrub is Scrub.BEFORE_FREE:
            for page in Page:
                if page in batch:
                    yield from clear_page_mermap(k, me, page)
        yield from flush_file_before_free(k, me, file.mm)
    for page in Page:
        if page in batch:
            if is_without_direct_map(k, file) and Users.no_direct_map is NoDirectMap.ZAP:
                yield from release_folio(k, me, page, file)
            yield from filemap_free_folio(k, me, page, file)
            folio_unlock(k, page)
            yield from folio_put(k, me, page)


# atomic: what `me` has locked stays
def is_in(k: Kernel, me: Task, page: Page, file: File) -> bool:
    """Is the page in the file, and locked by `me`?"""
    return k.page[page].mapping == file and k.page[page].locked_by == me


def truncate_inode_folio(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/truncate.c, truncate_inode_folio(), mainline: one folio, once whoever has it locked is done."""
    page = yield from filemap_lock_folio(k, me, offset)
    if page is None:
        return
    yield from unmap_folio(k, me, offset)
    yield from filemap_remove_folio(k, me, page, offset)
    folio_unlock(k, page)
    yield from folio_put(k, me, page)


@operation(Task)
def drop_caches(k: Kernel, me: Task, offset: Offset) -> Steps:
    """fs/drop_caches.c, and mm/truncate.c, mapping_try_invalidate(), mainline: a folio that nobody has mapped
    or holds is taken out of its file, whosever it is. Reclaim does the same.

    Trigger: root: echo 1 > /proc/sys/vm/drop_caches, while the owner has the folio unmapped, as after
    munmap() with the file still open. Of a file that alloc_anon_inode() made, which no superblock lists:
    soft offlining, which takes the same way to the page.
    """
    when(Users.reclaim is not Reclaim.SKIPPED or not is_special(k, offset.file))
    if not k.file[offset.file].ordinary:
        assumed("drop_caches or reclaim finds the file: alloc_anon_inode() puts its inode on no list")
    yield
    find_lock_entry(k, me, offset)
    page = k.i_pages[offset]  # atomic: as it was found
    if page is None or k.page[page].locked_by != me:
        return
    yield from mapping_evict_folio(k, me, page, offset)
    folio_unlock(k, page)
    yield from folio_put(k, me, page)


def mapping_evict_folio(k: Kernel, me: Task, page: Page, offset: Offset) -> Steps[bool]:
    """mm/truncate.c, mapping_evict_folio(), and mm/vmscan.c, __remove_mapping(), mainline: who has a folio
    locked takes it out of its file, if nobody else has a reference.
    """
    if Users.reclaim is Reclaim.SKIPPED and is_special(k, offset.file):
        return False
    yield
    if k.page[page].refs != 2:  # atomic: folio_ref_freeze(), in the lock of i_pages: the cache's and ours
        return False
    __filemap_remove_folio(k, me, page, offset)
    if Users.reclaim is Reclaim.HOOKED:
        yield from release_folio(k, me, page, offset.file)
    elif is_without_direct_map(k, offset.file):
        assumed("__remove_mapping() has no hook for AS_NO_DIRECT_MAP: v4's mm/vmscan.c was not found")
    yield from free_folio(k, me, page, offset.file)
    k.page[page].refs -= 1  # atomic: the page cache's reference, of those that are frozen
    return True


def is_special(k: Kernel, file: File) -> bool:
    """Are the pages of the file absent from the direct map, whoever sees to it?"""
    if k.file[file].ordinary:
        return False
    return not k.file[file].guest or Users.gmem is not Gmem.NONE
