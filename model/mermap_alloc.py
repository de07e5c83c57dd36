"""mermap_alloc() and mermap_put() as a sequence of calls on one CPU: which addresses are handed out.

This is about arithmetic alone: nothing is mapped, and nothing happens in between.  The addresses are words of
so many bits; with few of them every state is visited, with 64 and the kernel's addresses z3 decides
(mermap_alloc_x86.py). `check --load model/mermap_alloc.py --all --design dev`.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from checker.language import (
    Array,
    Index,
    Record,
    Scenario,
    Unsigned,
    Word,
    action,
    bounds,
    initial,
    invariant,
    record,
    state,
    switch,
    switches,
    when,
)
from model.mermap_arithmetic import Posting, cannot_fit, holds_pointer, limit_of, page_align, runs_out

address = Unsigned("bits")
Address = Annotated[Word, address]


class Callers(Enum):
    """Whether the rule of mermap_get_reserved() is kept: nothing else is mapped until its mapping is put."""

    OBEDIENT = "kept"
    CARELESS = "not kept"


@switches(
    presets={
        "dev": {"posting": Posting.DEV},
        "v1": {"posting": Posting.V1},
        "v2": {"posting": Posting.V2},
        "v4": {"posting": Posting.V4},
    },
    default="v2",
)
class AllocatorDesign:
    posting: Posting = switch(Posting.V2, "whose arithmetic")
    callers: Callers = switch(Callers.OBEDIENT, "how it is used")


@bounds
class Region:
    """The region of one CPU."""

    bits: int = 6
    base: int = 16
    page: int = 4
    size: int = 16
    slots: int = 4


class Slot(Index, size="slots"):
    """allocs[] of v1; normal_allocs[] of v2, and after them reserve_alloc."""


@record
class Alloc(Record):
    """struct mermap_alloc."""

    in_use: bool
    reserved: bool  # made by mermap_get_reserved()
    base: Address
    end: Address


@state(bounds=Region, design=AllocatorDesign)
class Allocator:
    """struct mermap_cpu, and the end of what may be cached since the last flush."""

    next_addr: Address
    cached: Address
    slot: Array[Slot, Alloc]


def region_base() -> Word:
    return address(Region.base)


def region_end() -> Word:
    return address(Region.base) + address(Region.size)


def page_size() -> Word:
    return address(Region.page)


@initial
def prepared(a: Allocator) -> None:
    """mermap_mm_prepare() has run."""
    a.next_addr = address(Region.base)
    a.cached = address(Region.base)
    for slot in Slot:
        a.slot[slot].base = address(Region.base)
        a.slot[slot].end = address(Region.base)


def reserve_is_live(a: Allocator) -> bool:
    return any(a.slot[slot].in_use and a.slot[slot].reserved for slot in Slot)


def serves(slot: Slot, reserve: bool) -> bool:
    """May a request of this sort use the slot?"""
    return not AllocatorDesign.posting.own_reserve or (int(slot) == Region.slots - 1) == reserve


def lowest_next(a: Allocator) -> Word:
    """How far down the bump pointer may go: to the end of what is live, as the posting sees it."""
    lowest = region_base()
    for slot in Slot:
        live = a.slot[slot]
        if holds_pointer(AllocatorDesign.posting, live.in_use, live.reserved):
            lowest = max(lowest, live.end)
    return lowest


def end_of_live(a: Allocator) -> Word:
    """The end of what is live and may be cached again right after a flush."""
    end = region_base()
    for slot in Slot:
        if a.slot[slot].in_use:
            end = max(end, a.slot[slot].end)
    return end


def flush_and_rewind(a: Allocator) -> None:
    """__flush_tlb_all(), and the bump pointer goes down."""
    a.cached = end_of_live(a)
    a.next_addr = lowest_next(a)


def free_slot(a: Allocator, reserve: bool) -> Slot | None:
    for slot in Slot:
        if serves(slot, reserve) and not a.slot[slot].in_use:
            return slot
    return None


def mermap_alloc(a: Allocator, size: Word, reserve: bool) -> None:
    """mm/mermap.c, mermap_alloc(): claim `size` bytes, which are whole pages."""
    limit = limit_of(region_end(), page_size(), reserve)
    if runs_out(AllocatorDesign.posting, a.next_addr, size, limit):
        if cannot_fit(lowest_next(a), size, limit):
            return
        flush_and_rewind(a)
    if AllocatorDesign.posting.own_reserve and reserve_is_live(a):
        return  # with a warning
    slot = free_slot(a, reserve)
    if slot is None:
        return
    a.slot[slot].assign(in_use=True, reserved=reserve, base=a.next_addr, end=a.next_addr + size)
    a.next_addr = a.next_addr + size
    a.cached = max(a.cached, a.next_addr)


def permitted(a: Allocator) -> bool:
    return AllocatorDesign.callers is Callers.CARELESS or not reserve_is_live(a)


@action
def mermap_get(a: Allocator, size: Address) -> None:
    """mm/mermap.c, mermap_get(): any size at all; what is larger than a region is refused."""
    when(permitted(a))
    if size > address(Region.size):
        return
    mermap_alloc(a, page_align(size, page_size()), False)


@action
def mermap_get_reserved(a: Allocator) -> None:
    """mm/mermap.c, mermap_get_reserved()."""
    when(permitted(a))
    mermap_alloc(a, page_size(), True)


@action
def mermap_put(a: Allocator, slot: Slot) -> None:
    """mm/mermap.c, mermap_put(): nothing is flushed, and the bump pointer stays."""
    when(a.slot[slot].in_use)
    a.slot[slot].in_use = False
    a.slot[slot].reserved = False


Scenario("few-bits", "one CPU's region of four pages, any calls", state=Allocator)


# ---- claims -------------------------------------------------------------------------------------------


def well_placed(a: Allocator, slot: Slot) -> bool:
    """A live mapping is in the region, a normal one below the last page, and below the bump pointer."""
    live = a.slot[slot]
    limit = region_end() if live.reserved else region_end() - page_size()
    return (
        region_base() <= live.base and live.base <= live.end and live.end <= limit and live.end <= a.next_addr
    )


def apart(a: Allocator, one: Slot, other: Slot) -> bool:
    """Two mappings have no address in common."""
    return a.slot[one].end <= a.slot[other].base or a.slot[other].end <= a.slot[one].base


@invariant(severity="corruption")
def allocator_invariant(a: Allocator) -> bool:
    """The bump pointer is in the region; what is live lies below it, where it may, and apart; of reserve
    mappings there is at most one."""
    return (
        region_base() <= a.next_addr
        and a.next_addr <= region_end()
        and all(well_placed(a, slot) for slot in Slot if a.slot[slot].in_use)
        and all(
            apart(a, one, other)
            for one in Slot
            for other in Slot
            if one < other and a.slot[one].in_use and a.slot[other].in_use
        )
        and all(
            not (a.slot[one].reserved and a.slot[other].reserved)
            for one in Slot
            for other in Slot
            if one < other and a.slot[one].in_use and a.slot[other].in_use
        )
    )


@invariant(severity="corruption")
def clean_frontier(a: Allocator) -> bool:
    """What lies above the bump pointer has not been mapped since the last flush."""
    return a.cached <= a.next_addr


@invariant(severity="lost memory")
def no_empty_mapping(a: Allocator) -> bool:
    """A mapping that was handed out has a page at least: the walker refuses an empty range."""
    return all(a.slot[slot].base < a.slot[slot].end for slot in Slot if a.slot[slot].in_use)


@invariant(severity="fault")
def reserve_is_available(a: Allocator) -> bool:
    """With no reserve mapping live, a page for one fits, now or after a flush."""
    limit = limit_of(region_end(), page_size(), True)
    return reserve_is_live(a) or not cannot_fit(end_of_live(a), page_size(), limit)
