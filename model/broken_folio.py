"""Broken memory in a file: what memory_failure() and soft offlining do to a folio of somebody's file."""

from __future__ import annotations

from checker.language import Steps
from model.filemap import folio_lock, folio_put, folio_unlock, set_aside, unmap_folio
from model.filemap_get import filemap_invalidate_lock_shared
from model.guest_memfd import kvm_gmem_invalidate_begin, kvm_gmem_invalidate_end
from model.kernel import Kept, Kernel, Mm, Offset, Page, Task
from model.truncate import mapping_evict_folio
from model.users import Users


# atomic: who asks has the folio locked, or takes what it finds now
def offset_of(k: Kernel, page: Page) -> Offset | None:
    """folio->mapping and folio->index."""
    for offset in Offset:
        if k.i_pages[offset] == page:
            return offset
    return None


def take_from_file(k: Kernel, me: Task, page: Page) -> Steps[bool]:
    """mm/memory-failure.c, memory_failure() from folio_lock() on, and me_pagecache_clean(), mainline: out of
    every process, which are killed, and out of its file. The reference is kept, whether that worked or not.
    """
    yield from folio_lock(k, me, page)
    k.page[page].kept = Kept.BY_REFERENCE
    removed = False
    offset = offset_of(k, page)
    if offset is not None:  # else it was truncated meanwhile
        yield from unmap_folio(k, me, offset)
        removed = yield from truncate_error_folio(k, me, page, offset)
    folio_unlock(k, page)
    set_aside(k, page)
    return removed


def truncate_error_folio(k: Kernel, me: Task, page: Page, offset: Offset) -> Steps[bool]:
    """mm/memory-failure.c, truncate_error_folio(), mainline: secretmem has no error_remove_folio(), so that
    the folio is evicted as by reclaim.
    """
    if k.file[offset.file].guest:
        yield from kvm_gmem_error_folio(k, me, offset)
        return False
    removed = yield from mapping_evict_folio(k, me, page, offset)
    return removed


def kvm_gmem_error_folio(k: Kernel, me: Task, offset: Offset) -> Steps:
    """virt/kvm/guest_memfd.c, kvm_gmem_error_folio(), mainline: the guests lose the page, which stays in the
    file. The invalidate lock is taken with the folio locked; truncation takes them the other way round.
    """
    file = offset.file
    if Users.error_folio_waits:
        yield from filemap_invalidate_lock_shared(k, me, file)
    else:
        yield
        if k.file[file].writer is not None:
            return
        k.file[file].readers.add(me)  # atomic: a trylock
    for mm in Mm:
        if mm in k.file[file].sharers:
            yield from kvm_gmem_invalidate_begin(k, me, file, mm)
            kvm_gmem_invalidate_end(k, mm)
    k.file[file].readers.discard(me)


def soft_offline_in_file(k: Kernel, me: Task, page: Page) -> Steps[bool]:
    """mm/memory-failure.c, soft_offline_in_use_page(), mainline: a folio that nobody has mapped is evicted;
    otherwise it stays, as secretmem and guest_memfd refuse migration.
    """
    yield from folio_lock(k, me, page)
    offset = offset_of(k, page)
    removed = False
    if offset is not None:
        removed = yield from mapping_evict_folio(k, me, page, offset)
    folio_unlock(k, page)
    if not removed:
        yield from folio_put(k, me, page)
        return False
    k.page[page].assign(poisoned=True, kept=Kept.BY_REFERENCE)
    set_aside(k, page)
    return True
