"""How memory is drawn in the page of a trace: frames under their blocks, free lists, TLBs, mermap regions."""

from __future__ import annotations

from checker.language import view
from model.freetype import FreeList
from model.indexes import Block, Cpu, Mm, Page, Va
from model.kernel import Frame, Kernel


@view
def pageblock(k: Kernel, block: Block) -> tuple[object, ...]:
    """The pageblock's bits."""
    found = k.pageblock[block]
    return (found.flag, found.migratetype, "isolated" if found.isolated else None)


@view
def page_frame(k: Kernel, page: Page) -> tuple[object, ...]:
    """In whose hands it is."""
    return (k.page[page].hand, k.page[page].holder)


@view
def contents(k: Kernel, page: Page) -> object:
    """What is in it, a secret first of all."""
    frame = k.page[page]
    return frame.contents if frame.secret_of is None else f"secret of {frame.secret_of!r}"


@view
def direct_map(k: Kernel, page: Page) -> str | None:
    return "present" if k.page[page].present else None


@view
def vmalloc_alias(k: Kernel, page: Page) -> str | None:
    return "present" if k.page[page].alias else None


@view
def kernel_image(k: Kernel, page: Page) -> str | None:
    """Its address in the high kernel image."""
    return "present" if k.page[page].image else None


@view
def free_list(k: Kernel, which: FreeList) -> set[str]:
    """Its buddies by their first pages."""
    return {
        _buddy(k.page[page], page) for page in Page if k.page[page].list is which and k.page[page].pcp is None
    }


def _buddy(head: Frame, page: Page) -> str:
    return f"{page!r} order {head.order}"


@view
def per_cpu_list(k: Kernel, cpu: Cpu) -> set[Page]:
    return {page for page in Page if k.page[page].pcp == cpu}


@view
def mermap_of(k: Kernel, mm: Mm, va: Va) -> Page | None:
    """The region of each CPU: which page its addresses lead to."""
    return k.mm[mm].pte[va]


@view
def tlb_of_direct_map(k: Kernel, cpu: Cpu) -> set[str]:
    """Entries without an address space are global."""
    tagged = {f"{page!r} in {mm!r}" for mm, page in k.cpu[cpu].tagged_tlb}
    return {repr(page) for page in k.cpu[cpu].direct_tlb} | tagged


@view
def tlb_of_mermap(k: Kernel, cpu: Cpu) -> set[str]:
    return {f"{mm!r} {va!r}: {page!r}" for mm, va, page in k.cpu[cpu].tlb}


@view
def tlb_of_alias(k: Kernel, cpu: Cpu) -> set[Page]:
    return set(k.cpu[cpu].alias_tlb)
