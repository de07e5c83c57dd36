"""Four CPUs hand out eight pages, in as many steps as anybody reads, with names as long as they get."""

from enum import Enum

from checker.language import Array, Index, Set, Steps, action, invariant, operation, record, state, view, when


class Cpu(Index, size=4): ...


class Block(Index, size=2): ...


class Page(Index, within=Block, size=4): ...


class Hand(Enum):
    ON_THE_FREE_LIST_OF_THE_BLOCK = "listed"
    IN_LIMBO_OF_A_TASK_THAT_WORKS_ON_IT = "limbo"
    HANDED_OUT_TO_AN_UNMAPPED_CALLER = "caller"


@record
class PageState:
    hand: Hand
    holder: Cpu | None
    present_in_the_direct_map: bool = True


@record
class CpuState:
    translation_lookaside_buffer: Set[Page]
    request: Array[Cpu, bool]


@state
class Kernel:
    page: Array[Page, PageState]
    cpu: Array[Cpu, CpuState]
    zone_lock: Cpu | None


@view
def direct_map(k: Kernel, p: Page) -> str | None:
    return "present" if k.page[p].present_in_the_direct_map else None


@view
def in_the_hand_of(k: Kernel, p: Page) -> tuple[Hand, Cpu | None]:
    return (k.page[p].hand, k.page[p].holder)


@view
def what_the_TLB_of_the_CPU_holds(k: Kernel, c: Cpu) -> Set[Page]:
    return k.cpu[c].translation_lookaside_buffer


def spin_lock_irqsave_of_the_zone(k: Kernel, me: Cpu) -> Steps:
    yield
    while k.zone_lock is not None:
        yield
    k.zone_lock = me


def is_next(k: Kernel, me: Cpu, page: Page) -> bool:
    before = all(not k.page[q].present_in_the_direct_map for q in Page if q < page)
    listed = k.page[page].hand is Hand.ON_THE_FREE_LIST_OF_THE_BLOCK
    return before and listed and int(page) % 4 == int(me) and k.zone_lock is None


@operation(Cpu)
def allocate_unmapped_page_with_flush_of_all(k: Kernel, me: Cpu, page: Page) -> Steps:
    when(is_next(k, me, page))
    k.page[page].holder = me
    yield from spin_lock_irqsave_of_the_zone(k, me)
    k.page[page].hand = Hand.IN_LIMBO_OF_A_TASK_THAT_WORKS_ON_IT
    yield
    k.page[page].present_in_the_direct_map = False
    for c in Cpu:
        if c != me and page in k.cpu[c].translation_lookaside_buffer:
            k.cpu[c].request[me] = True
    yield
    while any(k.cpu[c].request[me] for c in Cpu):
        yield
    k.page[page].hand = Hand.HANDED_OUT_TO_AN_UNMAPPED_CALLER
    k.page[page].holder = None
    if page.block == Block(1):
        yield
    yield
    k.zone_lock = None


@action(Cpu)
def speculative_fill_of_the_translation(k: Kernel, me: Cpu, page: Page) -> None:
    """The CPU after the one that has the page, and once."""
    when(k.page[page].present_in_the_direct_map and page not in k.cpu[me].translation_lookaside_buffer)
    when(k.zone_lock is not None and k.page[page].holder == k.zone_lock and int(me) == (int(page) + 1) % 4)
    k.cpu[me].translation_lookaside_buffer.add(page)


@action(Cpu)
def take_interrupt_of_the_shootdown(k: Kernel, me: Cpu, sender: Cpu) -> None:
    when(k.cpu[me].request[sender])
    k.cpu[me].request[sender] = False


@invariant(says="all pages are unmapped and can all be translated")
def no_translation_of_an_unmapped_page_that_was_handed_out(k: Kernel) -> bool:
    """No CPU translates a page that was handed out as unmapped."""
    handed_out = all(k.page[p].hand is Hand.HANDED_OUT_TO_AN_UNMAPPED_CALLER for p in Page)
    translated = all(any(p in k.cpu[c].translation_lookaside_buffer for c in Cpu) for p in Page)
    return not (handed_out and translated and k.zone_lock is None)
