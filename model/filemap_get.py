"""Finding and making folios in the page cache, and the lock that keeps removal away from faults."""

from __future__ import annotations

from checker.language import Steps
from model.filemap import Added, filemap_add_folio, filemap_alloc_folio, folio_lock, folio_put, folio_unlock
from model.kernel import Context, File, Kernel, Offset, Page, Task
from model.users import Users


def may_map(k: Kernel, me: Task, file: File) -> bool:
    """Has its process a descriptor of the file, or a mapping?"""
    return k.task[me].mm in k.file[file].sharers and k.task[me].context is not Context.IRQ


def filemap_invalidate_lock_shared(k: Kernel, me: Task, file: File) -> Steps:
    """include/linux/fs.h, filemap_invalidate_lock_shared()."""
    yield
    while k.file[file].writer is not None:
        yield
    k.file[file].readers.add(me)


def filemap_invalidate_lock(k: Kernel, me: Task, file: File) -> Steps:
    """include/linux/fs.h, filemap_invalidate_lock()."""
    yield
    while k.file[file].writer is not None or len(k.file[file].readers) > 0:
        yield
    k.file[file].writer = me


# atomic: RCU; the entry is read again once the reference was taken
def filemap_get_folio(k: Kernel, offset: Offset) -> Page | None:
    """mm/filemap.c, filemap_get_entry(): the folio, referenced."""
    page = k.i_pages[offset]
    if page is not None:
        k.page[page].refs += 1
    return page


def filemap_lock_folio(k: Kernel, me: Task, offset: Offset) -> Steps[Page | None]:
    """mm/filemap.c, filemap_lock_folio(), mainline: referenced and locked, if it is still there by then."""
    while True:
        yield
        page = filemap_get_folio(k, offset)
        if page is None:
            return None
        yield from folio_lock(k, me, page)
        if k.i_pages[offset] == page:  # atomic: folio->mapping, under the folio's lock
            return page
        folio_unlock(k, page)
        yield from folio_put(k, me, page)


def filemap_grab_folio(k: Kernel, me: Task, offset: Offset, zero: bool) -> Steps[Page | None]:
    """mm/filemap.c, filemap_grab_folio(), mainline: the folio that is there, or a new one, locked."""
    while True:
        page = yield from filemap_lock_folio(k, me, offset)
        if page is not None:
            return page
        page = yield from filemap_alloc_folio(k, me, offset.file, zero)
        if page is None:
            return None
        added = yield from filemap_add_folio(k, me, page, offset)
        if added is Added.ADDED:
            return page
        if added is Added.EXISTS or Users.error_puts:
            yield from folio_put(k, me, page)
        if added is Added.FAILED:
            return None
