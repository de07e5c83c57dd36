"""Page-table walks in two steps: weaker than axiom 9. A flush does not stop a walk that has begun."""

from __future__ import annotations

from checker.language import action, when
from model.environment import Hardware, Walks
from model.kernel import Cpu, Kernel, Page, Va
from model.tlb import cache_direct_map, is_awake


@action(Cpu)
def begin_walk(k: Kernel, me: Cpu, page: Page) -> None:
    """A walk of the direct map reads a present entry.

    Provoke: no processor is known to do it.
    """
    when(Hardware.walks is Walks.TWO_STEP and k.page[page].present and is_awake(k, me))
    when(k.cpu[me].walk is None)
    k.cpu[me].walk = page


@action(Cpu)
def end_walk(k: Kernel, me: Cpu) -> None:
    """What it has read is cached.

    Provoke: no processor is known to do it.
    """
    page = k.cpu[me].walk
    if page is not None:
        cache_direct_map(k, me, page)
        k.cpu[me].walk = None


@action(Cpu)
def begin_mermap_walk(k: Kernel, me: Cpu, va: Va, page: Page) -> None:
    """A walk of the mermap of the loaded address space reads a present entry.

    Provoke: no processor is known to do it.
    """
    mm = k.cpu[me].mm
    when(Hardware.walks is Walks.TWO_STEP and not k.cpu[me].init_mm and k.mm[mm].pte[va] == page)
    when(len(k.cpu[me].walk_mermap) == 0)
    k.cpu[me].walk_mermap.add((mm, va, page))


@action(Cpu)
def end_mermap_walk(k: Kernel, me: Cpu) -> None:
    """What it has read is cached.

    Provoke: no processor is known to do it.
    """
    when(len(k.cpu[me].walk_mermap) > 0)
    k.cpu[me].tlb |= k.cpu[me].walk_mermap
    k.cpu[me].walk_mermap.clear()


WALKS = [begin_walk, end_walk, begin_mermap_walk, end_mermap_walk]
