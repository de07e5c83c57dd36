"""Pages of the kernel image, which have an address there besides the one in the direct map."""

from __future__ import annotations

from checker.language import Steps, action, operation, when
from model.design import Design
from model.environment import Hardware
from model.kernel import Cpu, Hand, Kernel, Page, Task
from model.page_alloc import __free_frozen_pages
from model.shootdown import flush_tlb_kernel_range
from model.tlb import is_awake


@operation(Task)
def free_kernel_image_pages(k: Kernel, me: Task, page: Page) -> Steps:
    """arch/x86/mm/init.c, free_kernel_image_pages(), mainline: what only booting needed is freed, and with
    page-table isolation its address in the high kernel image is taken away afterwards.

    The flip does not look for such addresses: set_direct_map_valid_noflush() changes no alias.

    Trigger: every boot, before the first program is started: free_initmem(), and the gaps around the text.
    """
    when(k.page[page].image and k.page[page].hand is Hand.KERNEL and k.page[page].holder == me)
    if Design.image_unmapped_first:
        yield from set_memory_np_noalias(k, me, page)
    yield from __free_frozen_pages(k, me, page, 0)
    if Hardware.pti and not Design.image_unmapped_first:
        yield
        yield from set_memory_np_noalias(k, me, page)


def set_memory_np_noalias(k: Kernel, me: Task, page: Page) -> Steps:
    """arch/x86/mm/pat/set_memory.c, set_memory_np_noalias(), mainline: that address only, and a flush."""
    k.page[page].image = False
    yield from flush_tlb_kernel_range(k, me, page, 0)


@action(Cpu)
def fill_image(k: Kernel, me: Cpu, page: Page) -> None:
    """Speculation: cache the translation of a page's address in the kernel image (axiom 2).

    Provoke: nothing has to be done for it to be possible. To make it certain, let a module that runs on that
    CPU read the address, between __init_begin and __init_end, with copy_from_kernel_nofault().
    """
    when(k.page[page].image and is_awake(k, me) and page not in k.cpu[me].image_tlb)
    k.cpu[me].image_tlb.add(page)
