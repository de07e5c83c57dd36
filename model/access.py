"""The one way to the contents of a page: through some translation that the CPU may use."""

from __future__ import annotations

from enum import Enum

from checker.language import choose
from model.asi_designs import Asi
from model.kernel import Contents, Hand, Kernel, Mm, Page, Task, Va
from model.tlb import cache_direct_map, direct_map_is_cached


class Translation(Enum):
    """Where the CPU gets a translation from when an access needs one."""

    CACHED = "from its TLB"
    WALKED = "from the page tables"


# atomic: one load or store; walking and filling a TLB are part of it
def access(k: Kernel, me: Task, page: Page, via: Va | None) -> Page | None:
    """A load or store at the page's direct-map address, or at a mermap address: the page that it reaches,
    None for a kernel fault.

    Any usable cached translation may serve, or a walk (hardware axioms 1, 4 and 5). A walk caches what it
    finds.
    """
    k.accessed = True
    if via is None:
        direct = access_direct_map(k, me, page)
        return direct
    k.accessed_mermap = True
    reached = access_mermap(k, me, via)
    if reached is not None and reached != page:
        k.misdirected = True
    return reached


def access_direct_map(k: Kernel, me: Task, page: Page) -> Page | None:
    """The translation is the identity, whether cached or walked; only its presence can be wrong."""
    cpu = k.task[me].cpu
    if Asi.asi and not k.cpu[cpu].restricted:
        return page
    if k.page[page].present:
        cache_direct_map(k, cpu, page)
        return page
    if direct_map_is_cached(k, cpu, page):
        source = choose(Translation)
        if source is Translation.CACHED:
            return page
    if Asi.asi:
        k.cpu[cpu].restricted = False  # the page fault ends in asi_exit(), and the access is made again
        return page
    k.kernel_fault = True
    return None


def access_mermap(k: Kernel, me: Task, va: Va) -> Page | None:
    """The address space is the one of the task, whose entries are the usable ones."""
    if va.cpu != k.task[me].cpu:
        k.used_elsewhere = True
    mm = k.task[me].mm
    tlb = k.cpu[k.task[me].cpu].tlb
    walked = k.mm[mm].pte[va]
    if any((mm, va, page) in tlb for page in Page):
        source = choose(Translation)
        if source is Translation.CACHED:
            cached = choose(p for p in Page if (mm, va, p) in tlb)
            return cached
    if walked is None:
        k.kernel_fault = True
        return None
    tlb.add((mm, va, walked))
    return walked


# atomic: one store: the bytes of a page are one here
def write_page(k: Kernel, me: Task, reached: Page | None, secret_of: Mm | None) -> None:
    """Overwrite the page that an access reached: with zeroes, or with a secret of an address space."""
    if reached is None:
        return
    if not in_my_hands(k, me, reached):
        k.foreign_write = True
    k.page[reached].secret_of = secret_of
    k.page[reached].contents = Contents.ZERO


# atomic: one store: the bytes of a page are one here
def write_contents(k: Kernel, me: Task, reached: Page | None, contents: Contents) -> None:
    """Overwrite the page that an access reached with something that is neither zeroes nor a secret."""
    write_page(k, me, reached, None)
    if reached is not None:
        k.page[reached].contents = contents


def in_my_hands(k: Kernel, me: Task, page: Page) -> bool:
    """May `me` write this page? It holds the page, or the page is in use by its process."""
    holder = k.page[page].holder
    if holder is None:
        return False
    return holder == me or (k.page[page].hand is Hand.CACHE and k.task[holder].mm == k.task[me].mm)
