"""kmap_local_page(), to compare the mermap with: a mapping of one page that follows its task."""

from __future__ import annotations

from checker.language import Steps, action, assumed, choose, operation, when
from model.access import Translation, access, write_page
from model.callers import is_used_by, put_into_cache, take_from_cache
from model.environment import Hardware
from model.kernel import Context, Cpu, Kernel, Page, Task
from model.mermap import migrate_disable
from model.tlb import clear_kmap, is_awake


# atomic: preemption is off, and nobody else writes this CPU's entries
def kmap_local_page(k: Kernel, me: Task, page: Page) -> None:
    """mm/highmem.c, __kmap_local_page_prot(), mainline: where there is no highmem and the fixmap is not
    forced, the direct-map address. Else an entry of this CPU in the kernel's own tables, which all CPUs have.

    A task may nest 16 of them; one is enough here.
    """
    if Hardware.kmap_forced:
        migrate_disable(k, me)
        k.task[me].kmapped = page
        k.cpu[k.task[me].cpu].kmap_pte = page


# atomic: the same
def kunmap_local(k: Kernel, me: Task) -> None:
    """mm/highmem.c, kunmap_local_indexed(), mainline: the entry is cleared, and flushed on this CPU."""
    if Hardware.kmap_forced:
        clear_kmap(k, k.task[me].cpu)
        k.task[me].kmapped = None
        k.task[me].migrate_disabled -= 1


# atomic: one load or store; walking and filling a TLB are part of it
def access_kmap(k: Kernel, me: Task, page: Page) -> Page | None:
    """A load or store at the address that kmap_local_page() has returned: the page that it reaches."""
    if not Hardware.kmap_forced:
        direct = access(k, me, page, None)
        return direct
    k.accessed = True
    cpu = k.task[me].cpu
    walked = k.cpu[cpu].kmap_pte
    if any((cpu, p) in k.cpu[cpu].kmap_tlb for p in Page):
        source = choose(Translation)
        if source is Translation.CACHED:
            cached = choose(p for p in Page if (cpu, p) in k.cpu[cpu].kmap_tlb)
            return cached
    if walked is None:
        k.kernel_fault = True
        return None
    k.cpu[cpu].kmap_tlb.add((cpu, walked))
    return walked


@operation(Task)
def write_file_kmap(k: Kernel, me: Task, page: Page) -> Steps:
    """What write() to memory without a direct map would do with kmap_local_page() in place of the mermap.

    Trigger: nobody: no version has it.
    """
    when(is_used_by(k, page, k.task[me].mm) and k.task[me].context is Context.PROCESS)
    take_from_cache(k, me, page)
    yield
    assumed("write() uses kmap_local_page(): no posted version does")
    kmap_local_page(k, me, page)
    yield
    reached = access_kmap(k, me, page)
    write_page(k, me, reached, k.task[me].mm)
    yield
    kunmap_local(k, me)
    yield
    put_into_cache(k, page)


@action(Cpu)
def fill_kmap(k: Kernel, me: Cpu, owner: Cpu, page: Page) -> None:
    """Speculation: cache another CPU's entry, whatever address space is loaded: all have the kernel's tables.

    Provoke: nothing has to be done for it to be possible. To make it certain, let a module that runs on that
    CPU read the other CPU's fixmap address while it is mapped.
    """
    when(is_awake(k, me) and k.cpu[owner].kmap_pte == page and (owner, page) not in k.cpu[me].kmap_tlb)
    k.cpu[me].kmap_tlb.add((owner, page))
