"""What mermap_get() and its callers owe each other."""

from __future__ import annotations

from checker.language import invariant, step_invariant
from model.bounds import Bounds
from model.environment import Hardware
from model.kernel import Cpu, Kernel, Mm, Page, Slot, Va
from model.mermap import is_reserve
from model.tlb import has_cached


@invariant(
    rung="architectural",
    severity="corruption",
    says="two mappings of {mm} on {cpu} have the same address, or an ordinary one has the last page",
)
def live_mappings_are_disjoint(k: Kernel) -> bool:
    """Live mappings of a CPU do not overlap, and ordinary ones leave the last page of its region.

    Comment in mermap_alloc(), v1: "Allocations are in order"; "Keep one page for mermap_get_reserved()."
    """
    return not any(
        overlap(k, mm, cpu, a, b) or takes_last_page(k, mm, cpu, a)
        for mm in Mm
        for cpu in Cpu
        for a in Slot
        for b in Slot
    )


def overlap(k: Kernel, mm: Mm, cpu: Cpu, a: Slot, b: Slot) -> bool:
    """Are both in use, and share an address?"""
    one = k.mm[mm].mermap[cpu].slot[a]
    other = k.mm[mm].mermap[cpu].slot[b]
    if a == b or not one.in_use or not other.in_use:
        return False
    return one.base < other.base + other.size and other.base < one.base + one.size


def takes_last_page(k: Kernel, mm: Mm, cpu: Cpu, slot: Slot) -> bool:
    """Does an ordinary mapping reach into the page that is kept? v1 cannot tell the two sorts apart."""
    mapping = k.mm[mm].mermap[cpu].slot[slot]
    reserve = is_reserve(slot) or not any(is_reserve(each) for each in Slot)
    return mapping.in_use and not reserve and mapping.base + mapping.size >= Bounds.vas


@step_invariant(
    rung="architectural",
    severity="corruption",
    says="the bump pointer of {cpu} in {mm} went back below a live mapping",
)
def rewind_stays_above_live(before: Kernel, after: Kernel) -> bool:
    """The bump pointer never goes back below the end of a live mapping, the reserved one included.

    Comment in mermap_alloc(), v1: what lies above the uppermost live mapping is used again.
    """
    return not any(
        after.mm[mm].mermap[cpu].next_addr < before.mm[mm].mermap[cpu].next_addr
        and is_below_live(after, mm, cpu)
        for mm in Mm
        for cpu in Cpu
    )


def is_below_live(k: Kernel, mm: Mm, cpu: Cpu) -> bool:
    """Does some live mapping end above the bump pointer?"""
    return any(k.mm[mm].mermap[cpu].slot[s].in_use and ends_above(k, mm, cpu, s) for s in Slot)


def ends_above(k: Kernel, mm: Mm, cpu: Cpu, slot: Slot) -> bool:
    """Does the mapping end above the bump pointer?"""
    mapping = k.mm[mm].mermap[cpu].slot[slot]
    return mapping.base + mapping.size > k.mm[mm].mermap[cpu].next_addr


def reserve_was_asked(k: Kernel) -> bool:
    """Was the reserved mapping asked for?"""
    return k.reserve_asked


@invariant(
    witness=reserve_was_asked,
    rung="architectural",
    severity="fault",
    says="mermap_get_reserved() failed",
)
def reserve_is_available(k: Kernel) -> bool:
    """mermap_get_reserved() succeeds where the mermap is prepared and the reserved mapping not in use.

    Its comment, v1 and v2: "This always succeeds."
    """
    return not k.reserve_refused


def something_is_mapped(k: Kernel) -> bool:
    """Is anything mapped in a mermap?"""
    return any(k.mm[mm].pte[va] is not None for mm in Mm for va in Va)


@invariant(
    witness=something_is_mapped,
    rung="architectural",
    severity="corruption",
    says="a mapping was used or put on another CPU than its own",
)
def mapping_is_used_on_its_cpu(k: Kernel) -> bool:
    """A mapping is used and put on the CPU of whose region it is.

    Comment above mermap_get(), v1: "logically local to the current CPU", not enforced by hardware.
    """
    return not k.used_elsewhere


@invariant(
    witness=something_is_mapped,
    rung="latent",
    severity="leak",
    says="{va} of {mm} is mapped globally",
)
def mermap_is_not_global(k: Kernel) -> bool:
    """No entry of the mermap is global: it would serve under every address space.

    arch_mermap_pgprot_allowed(), v1 and v2.
    """
    return not any(va in k.mm[mm].global_pte for mm in Mm for va in Va)


@invariant(
    rung="architectural",
    severity="corruption",
    says="{va} is mapped to {page}, and a CPU has another page cached for it",
)
def break_before_make(k: Kernel) -> bool:
    """Where the architecture demands it (arm64), no CPU has another translation cached of a mapped address.

    Comment in the header of v1: an arm64 implementation needs broadcast invalidation.
    """
    return not Hardware.break_before_make or not any(
        k.mm[mm].pte[va] == page and is_cached_otherwise(k, mm, va, page)
        for mm in Mm
        for va in Va
        for page in Page
    )


def is_cached_otherwise(k: Kernel, mm: Mm, va: Va, page: Page) -> bool:
    """Does any CPU have another page for the address?"""
    return any(other != page and has_cached(k, cpu, mm, va, other) for cpu in Cpu for other in Page)


def some_page_is_marked(k: Kernel) -> bool:
    """Does the checker know of a page that must be flushed for?"""
    return any(k.page[page].mermapped for page in Page)


@invariant(
    witness=some_page_is_marked,
    rung="latent",
    severity="leak",
    says="the checker reports a page that was freed without a flush",
)
def nothing_is_freed_unflushed(k: Kernel) -> bool:
    """The suggested checker finds nothing to report.

    LWN on the LSFMM session, 13 May 2026: Howlett's suggestion of a check in lockdep.
    """
    return not k.unflushed_free
