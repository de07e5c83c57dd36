"""Ways to a page of a file that know nothing of the file: get_user_pages(), and walkers of page frames."""

from __future__ import annotations

from checker.language import Steps, operation, when
from model.access import access
from model.filemap import folio_put
from model.filemap_get import may_map
from model.kernel import Context, Kernel, Mm, Offset, Page, Task
from model.owners import shares
from model.truncate import is_special
from model.users import GupFast, Users


@operation(Task)
def gup_fast(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/gup.c, gup_fast_pte_range(), mainline and v12: with interrupts off the entry is read, a reference
    taken, and the entry read again; then the folio is looked at. What was got is used through the direct map:
    by O_DIRECT, io_uring, vmsplice(), vhost, RDMA. Where that fails, the slow form tries.

    Trigger: no privilege: any of these system calls, on one's own memory.
    """
    when(may_map(k, me, offset.file) and k.task[me].context is Context.PROCESS)
    yield
    k.cpu[k.task[me].cpu].irqs_off = True
    page = yield from gup_fast_pte(k, me, offset)
    k.cpu[k.task[me].cpu].irqs_off = False
    if page is None:
        page = yield from follow_page_pte(k, me, offset)
    if page is not None:
        yield from use_page_of_user(k, me, page)


def gup_fast_pte(k: Kernel, me: Task, offset: Offset) -> Steps[Page | None]:
    """mm/gup.c, gup_fast_pte_range(): the page, referenced, or nothing."""
    mm = k.task[me].mm
    page = k.mm[mm].user_pte[offset]
    yield
    if page is None:
        return None
    got = try_get_folio(k, page)
    if not got:
        return None
    yield
    allowed = not Users.gup_rereads or k.mm[mm].user_pte[offset] == page  # atomic: one load
    if allowed:
        yield
        allowed = gup_fast_folio_allowed(k, page)
    if not allowed:
        yield from folio_put(k, me, page)
        return None
    return page


# atomic: folio_ref_try_add(), one atomic_add_unless()
def try_get_folio(k: Kernel, page: Page) -> bool:
    """mm/gup.c, try_get_folio(): not of a page that is free."""
    if k.page[page].refs == 0:
        return False
    k.page[page].refs += 1
    return True


@operation(Task)
def gup_slow(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/gup.c, get_user_pages(), mainline and v4: the slow form, of ptrace(), process_vm_readv() and core
    dumps.

    Trigger: no privilege: any of these, on one's own memory.
    """
    when(may_map(k, me, offset.file) and k.task[me].context is Context.PROCESS)
    page = yield from follow_page_pte(k, me, offset)
    if page is not None:
        yield from use_page_of_user(k, me, page)


def follow_page_pte(k: Kernel, me: Task, offset: Offset) -> Steps[Page | None]:
    """mm/gup.c, check_vma_flags() and follow_page_pte(), mainline and v4: a VMA of a file without a direct
    map is refused; else a reference is taken under the lock of the page table, which zap_pte() takes too.
    """
    yield
    if Users.gup_looks_at_vma and is_special(k, offset.file):
        return None
    yield
    page = get_mapped_page(k, k.task[me].mm, offset)
    return page


# atomic: within the lock of the page table
def get_mapped_page(k: Kernel, mm: Mm, offset: Offset) -> Page | None:
    """What the entry maps, referenced."""
    page = k.mm[mm].user_pte[offset]
    if page is not None:
        k.page[page].refs += 1
    return page


# atomic: folio->mapping is read once
def gup_fast_folio_allowed(k: Kernel, page: Page) -> bool:
    """mm/gup.c, gup_fast_folio_allowed(), mainline and v12: without a mapping it may have been truncated; of
    a file without a direct map it is refused.
    """
    mapping = k.page[page].mapping
    if mapping is None:
        return Users.gup_fast is GupFast.ALLOWED
    return not is_special(k, mapping)


def use_page_of_user(k: Kernel, me: Task, page: Page) -> Steps:
    """The kernel reads the page on behalf of the process, through the direct map, and drops its reference."""
    yield
    k.gup_used = True
    if not is_of(k, page, k.task[me].mm):
        k.gup_foreign = True
    access(k, me, page, None)
    yield
    yield from folio_put(k, me, page)


# atomic: for the claim only
def is_of(k: Kernel, page: Page, mm: Mm) -> bool:
    """Is the page in a file of the process, or was it until just now? One that is to be added is nobody's."""
    mapping = k.page[page].mapping
    if mapping is None:
        return k.page[page].uptodate
    return shares(k, mapping, mm)


@operation(Task)
def walk_page_frames(k: Kernel, me: Task, page: Page) -> Steps:
    """mm/compaction.c, isolate_migratepages_block(), mm/page_idle.c, page_idle_get_folio(), mainline: a
    reference to whatever page has that number, a look, and the reference is dropped, which may be the last.

    Trigger: no privilege for compaction; root reads /sys/kernel/mm/page_idle/bitmap.
    """
    when(k.page[page].refs > 0)
    k.page[page].refs += 1  # atomic: get_page_unless_zero()
    yield
    yield from folio_put(k, me, page)
