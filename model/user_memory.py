"""What processes do with the files that they have mapped."""

from __future__ import annotations

from checker.language import Steps, action, choose, operation, running, when
from model.callers import test_and_clear_stale
from model.design import Design, Stale
from model.filemap import is_without_direct_map, zap_pte
from model.filemap_get import filemap_invalidate_lock, may_map
from model.guest_memfd import kvm_gmem_invalidate_begin, kvm_gmem_invalidate_end
from model.kernel import Contents, Context, Cpu, Kernel, Mm, Offset, Page, Task
from model.shootdown import flush_tlb_all
from model.tlb import is_awake
from model.users import NoDirectMap, Users


@action(Task)
def write_memory(k: Kernel, me: Task, offset: Offset) -> None:
    """A process writes a secret through its own address of the file: by a cached translation, or a walk. What
    it writes to an ordinary file is none.

    Provoke: the process does so, in user mode.
    """
    mm = k.task[me].mm
    cpu = k.task[me].cpu
    when(k.task[me].context is Context.PROCESS and not running(me) and k.cpu[cpu].current == me)
    when(can_reach(k, cpu, mm, offset) and not k.file[offset.file].ordinary)
    page = choose(p for p in Page if reaches(k, cpu, mm, offset, p))
    k.page[page].assign(secret_of=offset.file.mm, contents=Contents.OTHER)


def reaches(k: Kernel, cpu: Cpu, mm: Mm, offset: Offset, page: Page) -> bool:
    """May an access of the process on that CPU reach the page?"""
    return k.mm[mm].user_pte[offset] == page or (mm, offset, page) in k.cpu[cpu].user_tlb


def can_reach(k: Kernel, cpu: Cpu, mm: Mm, offset: Offset) -> bool:
    """Any page?"""
    return any(reaches(k, cpu, mm, offset, page) for page in Page)


@action(Cpu)
def fill_user(k: Kernel, me: Cpu, offset: Offset, page: Page) -> None:
    """Speculation, or an access: cache a translation of a user address of the address space that is loaded.

    Provoke: the process reads its memory on that CPU.
    """
    mm = k.cpu[me].mm
    when(is_awake(k, me) and not k.cpu[me].init_mm)
    when(k.mm[mm].user_pte[offset] == page and (mm, offset, page) not in k.cpu[me].user_tlb)
    k.cpu[me].user_tlb.add((mm, offset, page))


@operation(Task)
def munmap(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/vma.c, do_vmi_munmap(), mainline, and vma_close(), v4: a page of a file is unmapped, and what the
    mermap has left is flushed.

    Trigger: no privilege.
    """
    mm = k.task[me].mm
    when(k.mm[mm].user_pte[offset] is not None and k.task[me].context is Context.PROCESS)
    yield
    yield from zap_pte(k, me, mm, offset)
    yield from vma_close(k, me, offset)


def vma_close(k: Kernel, me: Task, offset: Offset) -> Steps:
    """mm/vma.c, vma_close() of an AS_NO_DIRECT_MAP file; v4's fast form."""
    if not is_without_direct_map(k, offset.file) or Users.no_direct_map is not NoDirectMap.UNMAPPED:
        return
    yield
    if Design.stale is not Stale.PER_FOLIO:
        stale = test_and_clear_stale(k, offset.file.mm)
        if not stale:
            return
    yield from flush_tlb_all(k, me)


@operation(Task)
def share_file(k: Kernel, me: Task, to: Mm) -> Steps:
    """fork(), or SCM_RIGHTS and, of a guest_memfd, kvm_gmem_bind(): another process has the file too.

    Trigger: no privilege for secretmem; whoever may open /dev/kvm for guest_memfd.
    """
    file = k.task[me].mm.file
    when(may_map(k, me, file) and to not in k.file[file].sharers)
    yield from filemap_invalidate_lock(k, me, file)
    k.file[file].sharers.add(to)
    k.file[file].writer = None


@operation(Task)
def close_file(k: Kernel, me: Task) -> Steps:
    """close() by a process that has no VMA of the file, while somebody else has the file; kvm_gmem_release(),
    mainline, takes the pages from its guest. v4 has no hook here.

    Trigger: no privilege for secretmem, and whoever may open /dev/kvm for guest_memfd: a process hands a
    descriptor to another one, and closes its own.
    """
    mm = k.task[me].mm
    when(may_map(k, me, mm.file) and len(k.file[mm.file].sharers) > 1)
    when(all(k.mm[mm].user_pte[offset] is None for offset in mm.file.offsets))
    when(len(k.mm[mm].flush_pending) == 0)
    yield from filemap_invalidate_lock(k, me, mm.file)
    if k.file[mm.file].guest:
        yield from kvm_gmem_invalidate_begin(k, me, mm.file, mm)
        kvm_gmem_invalidate_end(k, mm)
    if Users.release_flushes:
        yield from flush_tlb_all(k, me)
    k.file[mm.file].sharers.discard(mm)
    k.file[mm.file].writer = None
