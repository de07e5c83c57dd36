"""secretmem: as it was, and on the page cache's forms of AS_NO_DIRECT_MAP."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.direct_map import Result, set_direct_map_page
from model.filemap import (
    Added,
    __filemap_add_folio,
    filemap_alloc_folio,
    folio_put,
    folio_unlock,
)
from model.filemap_get import (
    filemap_grab_folio,
    filemap_invalidate_lock_shared,
    filemap_lock_folio,
    may_map,
)
from model.kernel import Context, Kernel, Mm, Offset, Page, Task
from model.shootdown import flush_tlb_kernel_page
from model.truncate import truncate_inode_pages_range
from model.users import NoDirectMap, Users


@operation(Task)
def memfd_secret(k: Kernel, me: Task) -> Steps:
    """mm/secretmem.c, memfd_secret() and secretmem_file_create(), mainline and v4: the process makes its
    file, and secretmem_users counts it (secretmem_active()).

    Trigger: no privilege, where secretmem is enabled.
    """
    mm = k.task[me].mm
    when(len(k.file[mm.file].sharers) == 0 and k.task[me].context is Context.PROCESS)
    when(all(k.i_pages[offset] is None for offset in mm.file.offsets))
    yield
    k.file[mm.file].sharers.add(mm)  # atomic: secretmem_users, a counter


@operation(Task)
def secretmem_release(k: Kernel, me: Task) -> Steps:
    """fs/file_table.c, __fput(), mainline: at the last close secretmem_release() counts the file no more, and
    only then its pages are removed, by evict(). The process has unmapped the file before, flushed also where
    somebody else was still to do so (mm_tlb_flush_nested()).

    Trigger: no privilege: the process closes the file, or exits.
    """
    mm = k.task[me].mm
    when(may_map(k, me, mm.file) and len(k.file[mm.file].sharers) == 1)
    when(not k.file[mm.file].guest and not k.file[mm.file].ordinary)
    when(all(k.mm[mm].user_pte[offset] is None for offset in mm.file.offsets))
    when(len(k.mm[mm].flush_pending) == 0)
    yield
    k.file[mm.file].sharers.discard(mm)  # atomic: secretmem_users, a counter
    yield from truncate_inode_pages_range(k, me, mm.file)


@operation(Task)
def secretmem_fault(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/secretmem.c, secretmem_fault(), mainline and v4: a process touches its secret memory where there is
    nothing yet; mm/memory.c, finish_fault(), maps the folio while it is locked.

    Trigger: no privilege: a process that calls memfd_secret() and touches the mapping, within RLIMIT_MEMLOCK.
    """
    when(may_map(k, me, offset.file) and not k.file[offset.file].guest)
    when(not k.file[offset.file].ordinary)
    when(k.mm[k.task[me].mm].user_pte[offset] is None)
    yield from filemap_invalidate_lock_shared(k, me, offset.file)
    if Users.no_direct_map is NoDirectMap.USERS:
        page = yield from secretmem_get_folio(k, me, offset)
    else:
        page = yield from filemap_grab_folio(k, me, offset, False)
        if page is not None:
            k.page[page].uptodate = True
    k.file[offset.file].readers.discard(me)
    if page is not None:
        yield from finish_fault(k, me, offset, page)


def secretmem_get_folio(k: Kernel, me: Task, offset: Offset) -> Steps[Page | None]:
    """secretmem_fault(), mainline: a zeroed page is zapped, added, and only then flushed, still locked."""
    while True:
        page = yield from filemap_lock_folio(k, me, offset)
        if page is not None:
            return page
        page = yield from filemap_alloc_folio(k, me, offset.file, True)
        if page is None:
            return None
        zapped = yield from set_direct_map_page(k, me, page, False)
        if zapped is Result.FAILED:
            yield from folio_put(k, me, page)
            return None
        k.page[page].assign(uptodate=True, locked_by=me)
        added = yield from __filemap_add_folio(k, me, page, offset)
        if added is Added.ADDED:
            yield from flush_tlb_kernel_page(k, me, page)
            return page
        yield from set_direct_map_page(k, me, page, True)
        yield
        k.page[page].locked_by = None
        yield from folio_put(k, me, page)
        if added is Added.FAILED:
            return None


@operation(Task)
def filemap_fault(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/filemap.c, filemap_fault(), mainline: a process touches an ordinary file.

    Trigger: no privilege.
    """
    when(may_map(k, me, offset.file) and k.file[offset.file].ordinary)
    when(k.mm[k.task[me].mm].user_pte[offset] is None)
    yield from filemap_invalidate_lock_shared(k, me, offset.file)
    page = yield from filemap_grab_folio(k, me, offset, True)
    if page is not None:
        k.page[page].uptodate = True
    k.file[offset.file].readers.discard(me)
    if page is not None:
        yield from finish_fault(k, me, offset, page)


def finish_fault(k: Kernel, me: Task, offset: Offset, page: Page) -> Steps:
    """mm/memory.c, __do_fault() and finish_fault(), mainline: no poisoned page is mapped; of any other the
    entry keeps the reference, if it was still empty.
    """
    yield
    if k.page[page].poisoned:  # atomic: one test, whenever the flag is set
        folio_unlock(k, page)
        yield from folio_put(k, me, page)
        return
    mm = k.task[me].mm
    mapped = map_folio(k, mm, offset, page)
    folio_unlock(k, page)
    if not mapped:
        yield from folio_put(k, me, page)


# atomic: within the lock of the page table; the VMA is there as long as mmap_lock is held
def map_folio(k: Kernel, mm: Mm, offset: Offset, page: Page) -> bool:
    """Was the entry still empty?"""
    if k.mm[mm].user_pte[offset] is not None or mm not in k.file[offset.file].sharers:
        return False
    k.mm[mm].user_pte[offset] = page
    return True


@operation(Task)
def read_ahead(k: Kernel, me: Task, offset: Offset) -> Steps:
    """A kernel thread adds a folio to such a file, as readahead by a worker would. No posted caller does.

    Trigger: no posted caller.
    """
    when(k.task[me].context is Context.KTHREAD and Users.no_direct_map is not NoDirectMap.USERS)
    when(k.i_pages[offset] is None)
    page = yield from filemap_grab_folio(k, me, offset, False)
    if page is not None:
        folio_unlock(k, page)
        yield from folio_put(k, me, page)
