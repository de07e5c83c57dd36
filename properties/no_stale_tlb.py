"""No translation outlives the right to use it."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Cpu, Frame, Hand, Kernel, Kind, Mm, Page, Va


@invariant(
    rung="latent",
    severity="leak",
    says="a CPU can still translate a page that was freed or changed hands, by an entry from before",
)
def no_stale_tlb(k: Kernel) -> bool:
    """No CPU translates a page that is free and unmapped, or that now belongs to somebody else, by an entry
    from before.

    Direct map: at rest, a page whose entry is gone is in no TLB (notes on the allocator, S3 and S8; v2 19/22,
    "unmapping
    requires a TLB shootdown"). Mermap: an entry of an address space leads only to pages of that address space
    (notes
    on the mermap, S8 and S9; comment above mermap_get(), v1).
    """
    return not any(
        is_stale_direct(k, cpu, page) or any(is_stale_mermap(k, cpu, mm, page) for mm in Mm)
        for cpu in Cpu
        for page in Page
    )


def is_stale_direct(k: Kernel, cpu: Cpu, page: Page) -> bool:
    """Is it translated through a direct-map entry that is gone, while nobody is busy removing it?"""
    return page in k.cpu[cpu].direct_tlb and not k.page[page].present and k.page[page].at_rest


def is_stale_mermap(k: Kernel, cpu: Cpu, mm: Mm, page: Page) -> bool:
    """Is it translated by an entry of an address space that has no right to it any more?"""
    return is_out_of_reach(k, k.page[page], page, mm) and any((mm, va, page) in k.cpu[cpu].tlb for va in Va)


def is_out_of_reach(k: Kernel, frame: Frame, page: Page, mm: Mm) -> bool:
    """Free and unmapped, or belonging to somebody else than that address space."""
    if frame.hand is Hand.LISTED:
        return k.flag[page.block] is Kind.UNMAPPED
    holder = frame.holder
    if frame.hand is Hand.CALLER or frame.hand is Hand.CACHE:
        return holder is not None and k.task[holder].mm != mm
    return frame.hand is Hand.KERNEL
