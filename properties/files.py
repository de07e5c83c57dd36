"""Files without a direct map: what is promised to those who use them."""

from __future__ import annotations

from checker.language import invariant, running
from model.kernel import Cpu, Hand, Kernel, Mm, Offset, Page, Task
from model.owners import belongs_to, is_users, may_read
from model.tlb import is_awake, is_usable_later, translates
from model.truncate import is_special


def is_in_cache(k: Kernel, page: Page) -> bool:
    """Is it in a file that is to be absent from the direct map?"""
    mapping = k.page[page].mapping
    if mapping is None:
        return False
    return is_special(k, mapping)


def is_exposed(k: Kernel, page: Page) -> bool:
    """Can the direct map reach it, now or by a cached entry?"""
    return k.page[page].present or any(translates(k, cpu, page) for cpu in Cpu)


@invariant(
    rung="speculative",
    severity="speculative leak",
    says="{page} is in a file without a direct map, and the direct map reaches it",
)
def file_pages_stay_out_of_direct_map_strong(k: Kernel) -> bool:
    """From its insertion into such a file to its removal, no direct-map entry of a page exists, in no table
    and no TLB.

    On guest_memfd v12 10/16, May and July 2026: "for folios in such a mapping, the direct map is invalid for
    the entire time the folio resides in the page cache". secretmem by itself flushes after the insertion, and
    guest_memfd v12 zaps after it, so that with them only the weaker form below can hold.
    """
    return not any(is_exposed(k, page) for page in Page if is_in_cache(k, page))


@invariant(
    rung="speculative",
    severity="leak",
    says="{page} is mapped from a file without a direct map, and the direct map reaches it",
)
def file_pages_stay_out_of_direct_map(k: Kernel) -> bool:
    """While a process or a guest has a page of such a file in its tables, the direct map does not reach it.

    mm/secretmem.c, mainline: the folio is locked until its entry is flushed, so that nobody writes a secret
    into it before. guest_memfd v12 10/16: zapped before it is mapped.
    """
    return not any(is_exposed(k, page) for page in Page if is_in_cache(k, page) and is_mapped(k, page))


def is_mapped(k: Kernel, page: Page) -> bool:
    """Has a process or a guest it in its tables?"""
    return any(k.mm[mm].user_pte[o] == page or k.mm[mm].spte[o] == page for mm in Mm for o in Offset)


@invariant(
    rung="user",
    severity="leak",
    says="{mm} can read {page}, which holds somebody else's secret",
)
def contents_are_own_or_zero(k: Kernel) -> bool:
    """What a process or its guest has in its tables holds zeroes, or its own data, or that of a file that it
    has.

    RFC cover letter, 25 February 2026; in v4 filemap_add_folio() zeroes whatever it adds.
    """
    return not any(
        (k.mm[mm].user_pte[offset] == page or k.mm[mm].spte[offset] == page) and not may_read(k, page, mm)
        for mm in Mm
        for offset in Offset
        for page in Page
    )


@invariant(
    rung="latent",
    severity="leak",
    says="{cpu} can still reach {page} through an address of {mm}, whose it is not",
)
def only_owners_reach_pages(k: Kernel) -> bool:
    """No CPU can use, now or later, a translation of a process or a guest to a page that is not theirs.

    mm/memory.c, tlb_finish_mmu(), and virt/kvm/kvm_main.c: the flush comes before the page can be freed.
    """
    return not any(
        is_reached(k, cpu, mm, offset, page) and not belongs_to(k, page, mm)
        for cpu in Cpu
        for mm in Mm
        for offset in Offset
        for page in Page
    )


def is_reached(k: Kernel, cpu: Cpu, mm: Mm, offset: Offset, page: Page) -> bool:
    """Through the process's tables, or its guest's, as they are cached?"""
    if not is_awake(k, cpu):
        return False
    if (mm, offset, page) in k.cpu[cpu].guest_tlb:
        return True
    return (mm, offset, page) in k.cpu[cpu].user_tlb and is_usable_later(k, cpu, mm)


@invariant(
    rung="architectural",
    severity="corruption",
    says="{page} is free, and something of the file that it was in is left",
)
def free_pages_are_in_no_file(k: Kernel) -> bool:
    """A page in nobody's hands is in no file, in no table, referenced by nobody, and has no bit of a file's.

    What filemap_add_folio() undoes on an error, and folio_put() relies on: a failed operation leaves nothing.
    """
    return not any(is_left(k, page) for page in Page if is_free(k, page))


def is_free(k: Kernel, page: Page) -> bool:
    """On a list, or on its way there? A page that is copied into an image is not."""
    hand = k.page[page].hand
    if hand is Hand.LIMBO:
        return k.snapshotting is None
    return hand is Hand.LISTED or hand is Hand.PCP


def is_left(k: Kernel, page: Page) -> bool:
    """Is anything of a file left?"""
    return (
        k.page[page].mapping is not None
        or k.page[page].refs > 0
        or k.page[page].private
        or k.page[page].uptodate
        or any(k.i_pages[offset] == page for offset in Offset)
        or is_mapped(k, page)
    )


@invariant(
    rung="architectural",
    severity="lost memory",
    says="{page} is held by {k.page[page].holder}, which is not at work",
)
def file_operations_end_clean(k: Kernel) -> bool:
    """Who has returned, with or without an error, has no folio locked, none in hand, and no reference."""
    return not any(is_abandoned(k, page) for page in Page if is_users(k, page))


def is_abandoned(k: Kernel, page: Page) -> bool:
    """Is it locked by a task that does nothing, or in no file, and had by nobody who does anything?"""
    locked_by = k.page[page].locked_by
    if locked_by is not None:
        return not running(locked_by)
    if k.page[page].mapping is not None:
        return False
    if k.page[page].refs > 0:
        return not is_mapped(k, page) and not any(running(task) for task in Task)
    return is_at_rest_in(k, page)


def is_at_rest_in(k: Kernel, page: Page) -> bool:
    """Does the one who has it do nothing?"""
    holder: Task | None = k.page[page].holder
    return k.page[page].hand is Hand.ZAPPING and (holder is None or not running(holder))


@invariant(
    rung="architectural",
    severity="leak",
    says="get_user_pages() gave out a page that is not of the process that asked",
)
def gup_gets_own_pages(k: Kernel) -> bool:
    """What get_user_pages() hands out, and the kernel then reads or writes, is the asking process's.

    mm/gup.c, mainline: the page is pinned first, and then it is checked that the entry has not changed.
    """
    return not (k.gup_used and k.gup_foreign)
