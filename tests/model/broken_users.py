"""The users of unmapped memory, each with a mistake that somebody might make: `--set mistake=NAME`."""

from __future__ import annotations

from enum import Enum

from checker.language import Steps, replaces, switch, switches
from model.callers import flush_file_before_free
from model.design import Design
from model.direct_map import Result, set_direct_map_page
from model.filemap import (
    Added,
    __filemap_add_folio,
    filemap_add_folio,
    filemap_undo_folio,
    folio_put,
    folio_restore_direct_map,
    folio_zap_direct_map,
    free_folio,
    is_without_direct_map,
    restore_and_zero,
    zap_pte,
)
from model.guest_memfd import kvm_gmem_clear_folio, kvm_gmem_invalidate_begin
from model.kernel import File, Kernel, Mm, Offset, Page, Task
from model.shootdown import flush_tlb_address
from model.users import NoDirectMap, Users


class Mistake(Enum):
    """What is done wrong."""

    NONE = "nothing"
    HOOK_FLUSHES_NOT = "guest_memfd's free hook does not flush"
    BIT_STAYS = "guest_memfd's free hook restores, and leaves its bit set"
    RESTORES_NOT = "guest_memfd's free hook clears its bit, and does not restore"
    ZAPS_LATE = "a folio is zapped after it was inserted"
    ZAP_FAILS = "a zap that fails is taken for one that worked"
    UNDOES_NOT = "a folio that loses the race is not put back into the direct map"
    ZEROES_NOT = "a folio that leaves its file is not zeroed"
    FLUSHES_NOT = "a folio that leaves its file is not flushed for"
    CLEARS_NOT = "a guest's fault does not clear"
    GUEST_KEEPS = "a punched hole leaves the guest what it has cached"
    PROCESS_KEEPS = "an entry of a process is removed without a flush"
    PUTS_EARLY = "the reference is dropped before the flush"


@switches(extends=Design)
class Broken:
    mistake: Mistake = switch(Mistake.NONE, "what is done wrong")


@replaces(free_folio)
def free_folio_wrongly(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    if Broken.mistake is Mistake.HOOK_FLUSHES_NOT and k.file[file].guest:
        return
    if Broken.mistake is Mistake.BIT_STAYS and k.page[page].private:
        yield from folio_restore_direct_map(k, me, page)
    elif Broken.mistake is Mistake.RESTORES_NOT and k.page[page].private:
        k.page[page].private = False
    elif Broken.mistake is Mistake.ZEROES_NOT and Users.no_direct_map is NoDirectMap.USERS:
        yield from set_direct_map_page(k, me, page, True)
        yield
    else:
        yield from free_folio(k, me, page, file)


@replaces(filemap_add_folio)
def filemap_add_folio_wrongly(k: Kernel, me: Task, page: Page, offset: Offset) -> Steps[Added]:
    if Broken.mistake is not Mistake.ZAPS_LATE or not is_without_direct_map(k, offset.file):
        added = yield from filemap_add_folio(k, me, page, offset)
        return added
    k.page[page].locked_by = me
    added = yield from __filemap_add_folio(k, me, page, offset)
    if added is Added.ADDED:
        yield from folio_zap_direct_map(k, me, page)
    else:
        k.page[page].locked_by = None
    return added


@replaces(folio_zap_direct_map)
def folio_zap_direct_map_wrongly(k: Kernel, me: Task, page: Page) -> Steps[Result]:
    result = yield from folio_zap_direct_map(k, me, page)
    return Result.DONE if Broken.mistake is Mistake.ZAP_FAILS else result


@replaces(filemap_undo_folio)
def filemap_undo_folio_wrongly(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    if Broken.mistake is not Mistake.UNDOES_NOT:
        yield from filemap_undo_folio(k, me, page, file)


@replaces(restore_and_zero)
def restore_and_zero_wrongly(k: Kernel, me: Task, page: Page, file: File) -> Steps:
    if Broken.mistake is Mistake.ZEROES_NOT:
        yield from folio_restore_direct_map(k, me, page)
    else:
        yield from restore_and_zero(k, me, page, file)


@replaces(flush_file_before_free)
def flush_file_before_free_wrongly(k: Kernel, me: Task, maker: Mm) -> Steps:
    if Broken.mistake is not Mistake.FLUSHES_NOT:
        yield from flush_file_before_free(k, me, maker)


@replaces(kvm_gmem_clear_folio)
def kvm_gmem_clear_folio_wrongly(k: Kernel, me: Task, offset: Offset, page: Page) -> Steps[Result]:
    if Broken.mistake is Mistake.CLEARS_NOT:
        k.page[page].uptodate = True
    result = yield from kvm_gmem_clear_folio(k, me, offset, page)
    return result


@replaces(kvm_gmem_invalidate_begin)
def kvm_gmem_invalidate_begin_wrongly(k: Kernel, me: Task, file: File, mm: Mm) -> Steps:
    if Broken.mistake is not Mistake.GUEST_KEEPS:
        yield from kvm_gmem_invalidate_begin(k, me, file, mm)
        return
    yield
    while k.mm[mm].mmu_lock is not None:
        yield
    k.mm[mm].invalidations += 1
    for offset in file.offsets:
        k.mm[mm].spte[offset] = None


@replaces(zap_pte)
def zap_pte_wrongly(k: Kernel, me: Task, mm: Mm, offset: Offset) -> Steps:
    page = k.mm[mm].user_pte[offset]
    if page is None:
        return
    if Broken.mistake is Mistake.PROCESS_KEEPS:
        k.mm[mm].user_pte[offset] = None
        yield from folio_put(k, me, page)
    elif Broken.mistake is Mistake.PUTS_EARLY:
        k.mm[mm].user_pte[offset] = None
        yield from folio_put(k, me, page)
        yield from flush_tlb_address(k, me, mm, offset)
    else:
        yield from zap_pte(k, me, mm, offset)
