"""A page is unmapped, perhaps flushed, and freed, while the other CPUs may fill their TLBs at any time."""

from __future__ import annotations

import enum

from checker.language import (
    Array,
    Index,
    Scenario,
    Set,
    Steps,
    action,
    assumed,
    bounds,
    initial,
    invariant,
    operation,
    reachable,
    record,
    state,
    step_invariant,
    switch,
    switches,
    view,
)


class Callers(enum.Enum):
    POSTED = "posted"
    OBEDIENT = "obedient"


@bounds
class Bounds:
    cpus: int = 2
    pages: int = 1


@switches(presets={"broken": {}, "repaired": {"flush_first": True}}, default="broken")
class Design:
    """How a page is unmapped."""

    flush_first: bool = switch(False, "flush every TLB before the page is freed")
    callers: Callers = switch(Callers.POSTED, "whether callers unmap what they free")


class Cpu(Index, size="cpus"):
    pass


class Page(Index, size="pages"):
    pass


@record
class Frame:
    free: bool
    mapped: bool


@state(bounds=Bounds, design=Design)
class Kernel:
    page: Array[Page, Frame]
    tlb: Array[Cpu, Set[Page]]


@initial
def boot(k: Kernel) -> None:
    for page in Page:
        k.page[page].mapped = True


def flush_tlb_all(k: Kernel, page: Page) -> None:
    for cpu in Cpu:
        k.tlb[cpu].discard(page)


@operation(Cpu)
def free_page(k: Kernel, me: Cpu, page: Page) -> Steps:
    """Unmap a page and give it back."""
    if k.page[page].free:
        return
    k.page[page].mapped = False
    yield
    k.page[page].mapped = False  # somebody may have taken it meanwhile
    if Design.flush_first:
        flush_tlb_all(k, page)
    k.page[page].free = True


@operation(Cpu)
def take_page(k: Kernel, me: Cpu, page: Page) -> Steps:
    """Take a free page and map it."""
    yield
    if k.page[page].free:
        assumed("mapping a page is one step")
        flush_tlb_all(k, page)
        k.page[page].free = False
        k.page[page].mapped = True


@action(Cpu)
def fill_tlb(k: Kernel, me: Cpu, page: Page) -> None:
    """Speculation fills the TLB while the page is mapped."""
    if k.page[page].mapped:
        k.tlb[me].add(page)


@invariant(severity="corruption", says="{page} was freed while {cpu} can still translate it")
def no_stale_tlb(k: Kernel) -> bool:
    """No CPU translates a page that is free."""
    return not any(k.page[page].free and page in k.tlb[cpu] for page in Page for cpu in Cpu)


@invariant
def all_is_well(k: Kernel) -> bool:
    """A free page is never mapped."""
    return all(not (k.page[page].free and k.page[page].mapped) for page in Page)


@invariant
def never_asked(k: Kernel) -> bool:
    """Says nothing: what it is about does not happen."""
    return not any(k.page[page].free for page in Page if not Design.flush_first and Design.flush_first)


@step_invariant
def freed_when_unmapped(before: Kernel, after: Kernel) -> bool:
    """A page that becomes free is unmapped by then."""
    return all(
        before.page[page].free or not after.page[page].free or not after.page[page].mapped for page in Page
    )


@reachable
def a_page_is_free(k: Kernel) -> bool:
    """Some page can become free."""
    return any(k.page[page].free for page in Page)


Scenario("free-only", "pages are only freed", runs={Cpu: [free_page]})
Scenario("free-and-take", "pages are freed and taken again", runs={Cpu: [free_page, take_page]})
Scenario(
    "larger",
    "the same with more of everything",
    runs={Cpu: [free_page, take_page]},
    bounds={"cpus": 3, "pages": 2},
    default=False,
)


@view
def page_frame(k: Kernel, page: Page) -> tuple[str, str | None]:
    """Whether somebody has it, and its translation."""
    return ("free" if k.page[page].free else "in use", "mapped" if k.page[page].mapped else None)


@view
def tlb(k: Kernel, cpu: Cpu) -> object:
    """Chips."""
    return k.tlb[cpu]
