"""What the CPUs have cached, what of it they can still use, and what the flushes remove."""

from __future__ import annotations

from model.asi_designs import Asi
from model.design import Design
from model.environment import Hardware, Tags
from model.kernel import Asid, Cpu, Kernel, Mm, Offset, Order, Page, Task, Va
from model.pageblock import is_in
from model.processor import Flush, Hotplug


def is_awake(k: Kernel, cpu: Cpu) -> bool:
    """Does it execute anything, and so use and fill its TLB, whether it counts as online or not?"""
    return k.cpu[cpu].hotplug is not Hotplug.DEAD


def is_loaded(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """Does the CPU's CR3 point to that address space?"""
    return k.cpu[cpu].mm == mm and not k.cpu[cpu].init_mm


def is_usable_later(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """Are its entries usable on the CPU now, or can they become so without being flushed?"""
    if is_loaded(k, cpu, mm):
        return True
    if Hardware.tags is Tags.NONE or k.mm[mm].gone:
        return False
    if Hardware.tags is Tags.GLOBAL:
        return True  # no switch to it looks at invalidate_other
    if k.cpu[cpu].invalidate_other or is_flushed_by_switch(k, cpu, mm):
        return False
    if Hardware.tags is Tags.KEPT:
        return True
    return any(k.cpu[cpu].asid[a].mm == mm and not k.cpu[cpu].asid[a].behind for a in Asid)


def is_flushed_by_switch(k: Kernel, cpu: Cpu, mm: Mm) -> bool:
    """Is the CPU about to load that address space, and to flush its identifier?"""
    return k.cpu[cpu].switch_flushes and any(
        k.cpu[cpu].switching == task and k.task[task].mm == mm for task in Task
    )


def translates(k: Kernel, cpu: Cpu, page: Page) -> bool:
    """Can the CPU reach the page by a cached translation of an address other than its owner's mermap?"""
    return has_own_address(k, cpu, page) or any(has_kmapped(k, cpu, owner, page) for owner in Cpu)


def has_own_address(k: Kernel, cpu: Cpu, page: Page) -> bool:
    """Is that address the page's only: in the direct map, the kernel image, or of vmalloc()?"""
    if not is_awake(k, cpu):
        return False
    if page in k.cpu[cpu].direct_tlb or page in k.cpu[cpu].alias_tlb or page in k.cpu[cpu].image_tlb:
        return True
    return any((mm, page) in k.cpu[cpu].tagged_tlb and is_usable_later(k, cpu, mm) for mm in Mm)


def has_kmapped(k: Kernel, cpu: Cpu, owner: Cpu, page: Page) -> bool:
    """Is it that of the owner's entry of kmap_local_page(), which all CPUs have?"""
    return is_awake(k, cpu) and (owner, page) in k.cpu[cpu].kmap_tlb


def has_cached(k: Kernel, cpu: Cpu, mm: Mm, va: Va, page: Page) -> bool:
    """Can the CPU reach the page by a cached translation of that mermap address, now or later, be it in user
    mode?
    """
    if not is_awake(k, cpu) or not is_usable_later(k, cpu, mm):
        return False
    return (mm, va, page) in k.cpu[cpu].tlb or (mm, va, page) in k.cpu[cpu].user_mode_tlb


def direct_map_is_tagged() -> bool:
    """Are its translations cached by the tag of the address space that is loaded? With page-table isolation,
    and in restricted tables: what is global would serve under those of every process.
    """
    return Hardware.pti or Asi.asi


def direct_map_is_cached(k: Kernel, cpu: Cpu, page: Page) -> bool:
    """May an access to the page's direct-map address use a cached translation now?"""
    if direct_map_is_tagged():
        return (k.cpu[cpu].mm, page) in k.cpu[cpu].tagged_tlb
    return page in k.cpu[cpu].direct_tlb


def cache_direct_map(k: Kernel, cpu: Cpu, page: Page) -> None:
    """The direct-map translation of a page is global, unless it is tagged."""
    if direct_map_is_tagged():
        k.cpu[cpu].tagged_tlb.add((k.cpu[cpu].mm, page))
    else:
        k.cpu[cpu].direct_tlb.add(page)


# atomic: one instruction
def __flush_tlb_all(k: Kernel, cpu: Cpu) -> None:
    """arch/x86/mm/tlb.c, __flush_tlb_all(): empty this CPU's TLB (axiom 6)."""
    k.cpu[cpu].direct_tlb.clear()
    k.cpu[cpu].tlb.clear()
    k.cpu[cpu].user_mode_tlb.clear()
    k.cpu[cpu].tables_tlb.clear()
    k.cpu[cpu].tagged_tlb.clear()
    k.cpu[cpu].alias_tlb.clear()
    k.cpu[cpu].user_tlb.clear()
    k.cpu[cpu].image_tlb.clear()
    k.cpu[cpu].kmap_tlb.clear()


def clear_kmap(k: Kernel, cpu: Cpu) -> None:
    """The CPU's entry, and its address in its own TLB: arch_kmap_local_post_unmap()."""
    k.cpu[cpu].kmap_pte = None
    for page in Page:
        k.cpu[cpu].kmap_tlb.discard((cpu, page))


def flush_tag(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """A CR3 write that does not keep the tag's translations, or INVPCID of it: all but global ones go.

    Those of user mode's tag go before the next return to user mode (user_pcid_flush_mask); until then nothing
    can use them, so that they may as well go now.
    """
    for region in Cpu:
        k.cpu[cpu].tables_tlb.discard((mm, region))
    for page in Page:
        k.cpu[cpu].tagged_tlb.discard((mm, page))
        for va in Va:
            k.cpu[cpu].tlb.discard((mm, va, page))
            k.cpu[cpu].user_mode_tlb.discard((mm, va, page))
        for offset in Offset:
            k.cpu[cpu].user_tlb.discard((mm, offset, page))


def flush_guest(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """arch/x86/kvm, kvm_flush_remote_tlbs(): a CPU that runs the guest leaves it, and INVEPT before it enters
    again.
    """
    for page in Page:
        for offset in Offset:
            k.cpu[cpu].guest_tlb.discard((mm, offset, page))


def flush_pages(k: Kernel, cpu: Cpu, head: Page, order: Order) -> None:
    """arch/x86/mm/tlb.c, flush_tlb_one_kernel(): the direct-map addresses of some pages, and no others.

    INVLPG removes global translations and those of the loaded tag; where they are tagged the other tags are
    left to the next switch. INVLPGB removes those of all tags.
    """
    mm = k.cpu[cpu].mm
    for page in Page:
        if is_in(page, head, order):
            k.cpu[cpu].direct_tlb.discard(page)
            for tag in Mm:
                if tag == mm or Hardware.broadcast:
                    k.cpu[cpu].tagged_tlb.discard((tag, page))
    if direct_map_is_tagged() and not Hardware.broadcast:
        k.cpu[cpu].invalidate_other = True


def by_broadcast(asked: Flush) -> bool:
    """Is it done by INVLPGB, so that no code runs on the other CPUs? For one address space only if it has a
    global identifier.
    """
    if Hardware.tags is Tags.GLOBAL and (asked is Flush.ADDRESS or asked is Flush.TABLES):
        return True
    return Hardware.broadcast and (asked is Flush.ALL or asked is Flush.PAGES)


# atomic: interrupts are off in a handler, and what is flushed is absent, so that it stays away
def flush_as_asked(k: Kernel, cpu: Cpu, sender: Cpu) -> None:
    """What the handler of a request does."""
    asked = k.cpu[sender].asked
    if asked is Flush.PAGES:
        flush_pages(k, cpu, k.cpu[sender].asked_page, k.cpu[sender].asked_order)
    elif asked is Flush.GUEST:
        flush_guest(k, cpu, k.cpu[sender].asked_mm)
    elif asked is Flush.ADDRESS:
        flush_address(k, cpu, k.cpu[sender].asked_mm, k.cpu[sender].asked_offset)
    elif asked is Flush.TABLES and by_broadcast(asked):
        flush_tag(k, cpu, k.cpu[sender].asked_mm)
    elif asked is Flush.TABLES:
        flush_mm(k, cpu, k.cpu[sender].asked_mm)
    else:
        __flush_tlb_all(k, cpu)


def flush_address(k: Kernel, cpu: Cpu, mm: Mm, offset: Offset) -> None:
    """arch/x86/mm/tlb.c, flush_tlb_func() for a range of one page: INVLPG, which leaves the addresses of the
    mermap alone; where another address space is loaded, or a CPU is lazy in it, as flush_mm(). By INVLPGB
    wherever it is cached.
    """
    if not by_broadcast(Flush.ADDRESS) and (not is_loaded(k, cpu, mm) or k.cpu[cpu].lazy):
        flush_mm(k, cpu, mm)
        return
    for page in Page:
        k.cpu[cpu].user_tlb.discard((mm, offset, page))
    catch_up(k, cpu, mm)


def flush_mm(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """arch/x86/mm/tlb.c, flush_tlb_func() for one address space: where another one is loaded, nothing is
    flushed, as its generation sees to that later; a lazy CPU leaves it; one that is up to date does nothing.
    """
    if not is_loaded(k, cpu, mm):
        return
    if k.cpu[cpu].lazy:
        k.cpu[cpu].init_mm = True
        flush_tag(k, cpu, mm)  # its generation is behind, so that none is used again: they may as well go now
        k.cpu[cpu].lazy = False
        k.cpu[cpu].behind = False
        return
    flush_if_behind(k, cpu, mm)


def flush_if_behind(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """The loaded address space: its translations go, unless the CPU's generation is that of it."""
    is_behind = k.cpu[cpu].behind
    if Hardware.tags is Tags.SLOTS:
        is_behind = any(k.cpu[cpu].asid[a].mm == mm and k.cpu[cpu].asid[a].behind for a in Asid)
    if is_behind:
        flush_tag(k, cpu, mm)
        catch_up(k, cpu, mm)


# atomic: its context number is not in use
def forget(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """The CPU has nothing of an address space that is made: ctx_id is never used again, here it is."""
    flush_tag(k, cpu, mm)
    for asid in Asid:
        if k.cpu[cpu].asid[asid].mm == mm:
            k.cpu[cpu].asid[asid].assign(mm=None, behind=False)


# atomic: one counter, the generation
def fall_behind(k: Kernel, mm: Mm) -> None:
    """inc_mm_tlb_gen(): on no CPU may translations from before be used after the next switch.

    Where each has its tag for good, they are as good as gone where it is not loaded. Global identifiers have
    no generations.
    """
    if not Design.generations:
        return
    for cpu in Cpu:
        if Hardware.tags is Tags.SLOTS:
            mark_slot(k, cpu, mm, True)
        elif is_loaded(k, cpu, mm):
            k.cpu[cpu].behind = Hardware.tags is not Tags.GLOBAL
        elif Hardware.tags is Tags.KEPT:
            flush_tag(k, cpu, mm)


def catch_up(k: Kernel, cpu: Cpu, mm: Mm) -> None:
    """The CPU's generation is that of the address space."""
    if Hardware.tags is Tags.SLOTS:
        mark_slot(k, cpu, mm, False)
    k.cpu[cpu].behind = False


def mark_slot(k: Kernel, cpu: Cpu, mm: Mm, behind: bool) -> None:
    """The generation that stands with the identifier which the address space has there, if it has one."""
    for asid in Asid:
        if k.cpu[cpu].asid[asid].mm == mm:
            k.cpu[cpu].asid[asid].behind = behind
