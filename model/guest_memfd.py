"""guest_memfd without a direct map: faults of its process and of its guest, writes, holes."""

from __future__ import annotations

from checker.language import Steps, action, assumed, choose, operation, running, when
from model.access import access, write_page
from model.callers import mapping_set_stale
from model.direct_map import Result
from model.filemap import (
    clear_folio,
    folio_put,
    folio_unlock,
    folio_zap_direct_map,
    zero_through_direct_map,
)
from model.filemap_get import (
    filemap_grab_folio,
    filemap_invalidate_lock,
    filemap_invalidate_lock_shared,
    may_map,
)
from model.kernel import Contents, Cpu, File, Kernel, Mm, Offset, Page, Task
from model.mermap import mapped_at, mermap_get, mermap_put
from model.secretmem import finish_fault
from model.shootdown import kvm_flush_remote_tlbs
from model.tlb import is_awake
from model.truncate import truncate_inode_pages_range
from model.users import Gmem, GmemPopulate, Users


def has_flag(k: Kernel, me: Task, file: File) -> bool:
    """Has its process the file, and is it a guest_memfd with GUEST_MEMFD_FLAG_NO_DIRECT_MAP?"""
    return may_map(k, me, file) and k.file[file].guest and Users.gmem is not Gmem.NONE


def kvm_gmem_get_folio(k: Kernel, me: Task, offset: Offset) -> Steps[Page | None]:
    """virt/kvm/guest_memfd.c, kvm_gmem_get_folio(), mainline: locked, and up to the caller to clear."""
    page = yield from filemap_grab_folio(k, me, offset, Users.gmem is Gmem.GFP_ZERO)
    return page


def kvm_gmem_clear_folio(k: Kernel, me: Task, offset: Offset, page: Page) -> Steps[Result]:
    """kvm_gmem_get_pfn() and kvm_gmem_fault_user_mapping(), mainline: a poisoned folio is refused, and one
    that is not up to date cleared; v12: and zapped, unless its bit says that it was; as announced on 3 July
    2026: through the mermap.
    """
    if k.page[page].poisoned:  # atomic: one test, whenever the flag is set
        return Result.FAILED
    if not k.page[page].uptodate:
        if Users.gmem is Gmem.MERMAP:
            assumed("guest_memfd clears through the mermap: it was announced on 3 July 2026, not posted")
            result = yield from clear_folio(k, me, page, offset.file)
            if result is Result.FAILED:
                return Result.FAILED
        elif Users.gmem is not Gmem.GFP_ZERO:
            yield
            zero_through_direct_map(k, me, page)
        k.page[page].uptodate = True
    if Users.gmem is Gmem.PRIVATE_BIT and not k.page[page].private:
        result = yield from folio_zap_direct_map(k, me, page)
        if result is Result.FAILED:
            return Result.FAILED
        k.page[page].private = True
    return Result.DONE


@operation(Task)
def kvm_gmem_fault_user_mapping(k: Kernel, me: Task, offset: Offset) -> Steps:
    """virt/kvm/guest_memfd.c, kvm_gmem_fault_user_mapping(), mainline, v12: the process that runs the guest
    touches the file, to fill it by copying, for example.

    Trigger: whoever may open /dev/kvm.
    """
    when(has_flag(k, me, offset.file) and k.mm[k.task[me].mm].user_pte[offset] is None)
    page = yield from kvm_gmem_get_folio(k, me, offset)
    if page is None:
        return
    result = yield from kvm_gmem_clear_folio(k, me, offset, page)
    if result is Result.FAILED:
        folio_unlock(k, page)
        yield from folio_put(k, me, page)
        return
    yield from finish_fault(k, me, offset, page)


@operation(Task)
def kvm_mmu_faultin_pfn_gmem(k: Kernel, me: Task, offset: Offset) -> Steps:
    """arch/x86/kvm/mmu/mmu.c, kvm_mmu_faultin_pfn_gmem() and kvm_tdp_page_fault(), mainline: the guest
    touches memory that it has not mapped. Its tables have no reference to the page, so that the fault is made
    again if pages were taken away since it began.

    Trigger: any guest, by touching its memory.
    """
    mm = k.task[me].mm
    when(has_flag(k, me, offset.file) and k.mm[mm].spte[offset] is None)
    k.task[me].mmu_changed = False
    page = yield from kvm_gmem_get_folio(k, me, offset)
    if page is None:
        return
    result = yield from kvm_gmem_clear_folio(k, me, offset, page)
    folio_unlock(k, page)
    if result is Result.DONE:
        yield
        while k.mm[mm].mmu_lock is not None:
            yield
        map_gfn(k, me, offset, page)
    k.task[me].mmu_changed = False
    yield
    yield from folio_put(k, me, page)


# atomic: within mmu_lock
def map_gfn(k: Kernel, me: Task, offset: Offset, page: Page) -> None:
    """arch/x86/kvm/mmu/mmu.c, is_page_fault_stale() and kvm_tdp_mmu_map()."""
    mm = k.task[me].mm
    changed = k.task[me].mmu_changed or k.mm[mm].invalidations > 0
    if not (Users.gmem_retries and changed) and k.mm[mm].spte[offset] is None:
        k.mm[mm].spte[offset] = page


@action(Task)
def write_guest(k: Kernel, me: Task, offset: Offset) -> None:
    """The guest writes a secret, by a cached translation or a walk.

    Provoke: the guest does so.
    """
    mm = k.task[me].mm
    cpu = k.task[me].cpu
    when(not running(me) and k.cpu[cpu].current == me)
    when(any(guest_reaches(k, cpu, mm, offset, page) for page in Page))
    page = choose(p for p in Page if guest_reaches(k, cpu, mm, offset, p))
    k.page[page].assign(secret_of=offset.file.mm, contents=Contents.OTHER)


def guest_reaches(k: Kernel, cpu: Cpu, mm: Mm, offset: Offset, page: Page) -> bool:
    """May an access of the guest on that CPU reach the page?"""
    return k.mm[mm].spte[offset] == page or (mm, offset, page) in k.cpu[cpu].guest_tlb


@action(Cpu)
def fill_guest(k: Kernel, me: Cpu, offset: Offset, page: Page) -> None:
    """The CPU caches what its guest's second-level tables say.

    Provoke: the guest touches that memory on that CPU.
    """
    mm = k.cpu[me].mm
    when(is_awake(k, me) and k.mm[mm].spte[offset] == page)
    when((mm, offset, page) not in k.cpu[me].guest_tlb)
    k.cpu[me].guest_tlb.add((mm, offset, page))


@operation(Task)
def kvm_gmem_punch_hole(k: Kernel, me: Task, file: File) -> Steps:
    """virt/kvm/guest_memfd.c, kvm_gmem_punch_hole(), mainline: the guests lose the pages, and are flushed
    with mmu_lock held; then the pages leave the file.

    Trigger: whoever may open /dev/kvm: fallocate(FALLOC_FL_PUNCH_HOLE), as for a balloon.
    """
    when(has_flag(k, me, file))
    yield from filemap_invalidate_lock(k, me, file)
    for mm in Mm:
        if mm in k.file[file].sharers:
            yield from kvm_gmem_invalidate_begin(k, me, file, mm)
    yield from truncate_inode_pages_range(k, me, file)
    for mm in Mm:
        if mm in k.file[file].sharers:
            yield
            kvm_gmem_invalidate_end(k, mm)
    k.file[file].writer = None


def kvm_gmem_invalidate_begin(k: Kernel, me: Task, file: File, mm: Mm) -> Steps:
    """__kvm_gmem_invalidate_begin(), mainline, for one guest that has the file."""
    yield
    while k.mm[mm].mmu_lock is not None:
        yield
    k.mm[mm].mmu_lock = me
    k.mm[mm].invalidations += 1
    found = any(k.mm[mm].spte[offset] is not None for offset in file.offsets)
    for offset in file.offsets:
        k.mm[mm].spte[offset] = None
    if found:
        yield from kvm_flush_remote_tlbs(k, me, mm)
    k.mm[mm].mmu_lock = None


# atomic: within mmu_lock
def kvm_gmem_invalidate_end(k: Kernel, mm: Mm) -> None:
    """__kvm_gmem_invalidate_end(), kvm_mmu_invalidate_end(), mainline: the sequence number goes on."""
    k.mm[mm].invalidations -= 1
    for task in Task:
        if k.task[task].mm == mm and running(task, kvm_mmu_faultin_pfn_gmem):
            k.task[task].mmu_changed = True


@operation(Task)
def kvm_gmem_allocate(k: Kernel, me: Task, offset: Offset) -> Steps:
    """virt/kvm/guest_memfd.c, kvm_gmem_allocate(), mainline: a folio is put into the file, uncleared.

    Trigger: whoever may open /dev/kvm: fallocate().
    """
    when(has_flag(k, me, offset.file) and k.i_pages[offset] is None)
    yield from filemap_invalidate_lock_shared(k, me, offset.file)
    page = yield from kvm_gmem_get_folio(k, me, offset)
    if page is not None:
        folio_unlock(k, page)
        yield from folio_put(k, me, page)
    k.file[offset.file].readers.discard(me)


@operation(Task)
def kvm_gmem_write(k: Kernel, me: Task, offset: Offset) -> Steps:
    """write() to a guest_memfd, announced on 3 July 2026: a whole page is copied in through the mermap.

    Trigger: whoever may open /dev/kvm.
    """
    when(has_flag(k, me, offset.file) and Users.gmem is Gmem.MERMAP)
    assumed("write() to guest_memfd goes through the mermap: it was announced on 3 July 2026, not posted")
    page = yield from kvm_gmem_get_folio(k, me, offset)
    if page is None:
        return
    if not Users.gmem_write_locks:
        folio_unlock(k, page)
    copied = yield from copy_through_mermap(k, me, page, offset.file)
    if copied:
        k.page[page].uptodate = True
    if Users.gmem_write_locks:
        folio_unlock(k, page)
    yield from folio_put(k, me, page)


def copy_through_mermap(k: Kernel, me: Task, page: Page, file: File) -> Steps[bool]:
    """mermap_get(), a copy of the process's own data, mermap_put(); without room it fails."""
    yield
    slot = yield from mermap_get(k, me, page, 1, False)
    if slot is None:
        return False
    cpu = k.task[me].cpu
    reached = access(k, me, page, mapped_at(k, me, cpu, slot, 0))
    write_page(k, me, reached, file.mm)
    yield
    yield from mermap_put(k, me, k.task[me].mm, cpu, slot)
    yield from mapping_set_stale(k, file.mm)
    return True


@operation(Task)
def kvm_gmem_populate(k: Kernel, me: Task, offset: Offset) -> Steps:
    """virt/kvm/guest_memfd.c, kvm_gmem_populate(), mainline: the first contents of a confidential guest are
    copied to a page that is not locked, with the invalidate lock held.

    Trigger: whoever may open /dev/kvm and starts a TDX or SNP guest; with GUEST_MEMFD_FLAG_NO_DIRECT_MAP
    nobody, as such guests are refused it.
    """
    when(has_flag(k, me, offset.file) and Users.gmem_populate is not GmemPopulate.REFUSED)
    assumed("TDX and SNP guests may have a guest_memfd without a direct map: v12 does not allow it")
    yield from filemap_invalidate_lock(k, me, offset.file)
    page = yield from kvm_gmem_get_folio(k, me, offset)
    if page is not None:
        folio_unlock(k, page)
        yield
        if Users.gmem_populate is GmemPopulate.MERMAP:
            yield from copy_through_mermap(k, me, page, offset.file)
        elif Users.gmem_populate is GmemPopulate.KMAP:
            reached = access(k, me, page, None)
            write_page(k, me, reached, offset.file.mm)
        else:
            k.page[page].assign(secret_of=offset.file.mm, contents=Contents.OTHER)
        k.page[page].uptodate = True
        yield from folio_put(k, me, page)
    k.file[offset.file].writer = None
