"""The shootdown of shootdown.py, any CPU being an initiator: CPUs and pages are interchangeable.

At most `initiators` shootdowns are under way at a time.
"""

from enum import Enum

from checker.language import Array, Index, Set, action, bounds, invariant, record, state, when


@bounds
class Bounds:
    cpus: int = 2
    pages: int = 2
    initiators: int = 2


class Cpu(Index, size="cpus", symmetric=True):
    """A CPU."""


class Page(Index, size="pages", symmetric=True):
    """A page."""


class Initiators(Index, size="initiators"):
    """How many shootdowns may be under way."""


class Entry(Enum):
    MAPPED = 0
    UNMAPPING = 1
    FREE = 2


class Request(Enum):
    NONE = 0
    SENT = 1
    TAKEN = 2
    ACKED = 3


@record
class Processor:
    tlb: Set[Page]
    interrupts_off: bool
    victim: Page | None  # of the shootdown that this CPU runs
    request: Array[Cpu, Request]


@state(bounds=Bounds)
class Machine:
    entry: Array[Page, Entry]
    cpu: Array[Cpu, Processor]


@action(Cpu)
def fill(m: Machine, me: Cpu, page: Page) -> None:
    when(m.entry[page] is Entry.MAPPED)
    m.cpu[me].tlb.add(page)


@action(Cpu)
def disable_interrupts(m: Machine, me: Cpu) -> None:
    when(not m.cpu[me].interrupts_off and m.cpu[me].victim is None)
    m.cpu[me].interrupts_off = True


@action(Cpu)
def enable_interrupts(m: Machine, me: Cpu) -> None:
    when(m.cpu[me].interrupts_off)
    m.cpu[me].interrupts_off = False


@action(Cpu)
def clear(m: Machine, me: Cpu, page: Page) -> None:
    when(sum(1 for c in Cpu if m.cpu[c].victim is not None) < len(Initiators))
    when(m.cpu[me].victim is None and m.entry[page] is Entry.MAPPED)
    m.entry[page] = Entry.UNMAPPING
    m.cpu[me].victim = page


@action(Cpu)
def send(m: Machine, me: Cpu, target: Cpu) -> None:
    when(m.cpu[me].victim is not None and target != me and m.cpu[me].request[target] is Request.NONE)
    m.cpu[me].request[target] = Request.SENT


@action(Cpu)
def take(m: Machine, me: Cpu, sender: Cpu) -> None:
    when(m.cpu[sender].request[me] is Request.SENT and not m.cpu[me].interrupts_off)
    m.cpu[me].tlb.discard(m.cpu[sender].victim)
    m.cpu[sender].request[me] = Request.TAKEN


@action(Cpu)
def acknowledge(m: Machine, me: Cpu, sender: Cpu) -> None:
    when(m.cpu[sender].request[me] is Request.TAKEN)
    m.cpu[sender].request[me] = Request.ACKED


@action(Cpu)
def finish(m: Machine, me: Cpu) -> None:
    mine = m.cpu[me]
    when(mine.victim is not None and all(mine.request[c] is Request.ACKED for c in Cpu if c != me))
    mine.tlb.discard(mine.victim)
    m.entry[mine.victim] = Entry.FREE
    mine.victim = None
    for c in Cpu:
        mine.request[c] = Request.NONE


@action(Page)
def reuse(m: Machine, page: Page) -> None:
    when(m.entry[page] is Entry.FREE)
    m.entry[page] = Entry.MAPPED


@invariant
def no_stale_tlb(m: Machine) -> bool:
    """No CPU can translate a free page."""
    return not any(m.entry[p] is Entry.FREE and p in m.cpu[c].tlb for c in Cpu for p in Page)
