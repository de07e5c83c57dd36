"""The TLB shootdown of shootdown.py with frame numbers in page-table entries and TLBs.

It has the same reachable states, spread over as many bits as the bound `frames` asks for: with 1, 31 and
4095 frames a state of the benchmark's sizes takes one, two and four 64-bit words, all of which vary.

A page is mapped (its entry is present), unmapping (the entry was cleared and a shootdown is under way) or
free. Hardware fills a TLB from a present entry whenever it likes. An initiator clears the entry, sends one
request to every other CPU, waits for all acknowledgements, flushes its own TLB and frees the page. A CPU
takes a request only with its interrupts on.
"""

from enum import Enum
from typing import Annotated

from checker.language import Array, Index, Range, action, bounds, initial, invariant, record, state, when


@bounds
class Bounds:
    cpus: int = 2
    pages: int = 2
    initiators: int = 2  # the first CPUs, which unmap pages
    frames: int = 1


class Cpu(Index, size="cpus"):
    """A CPU."""


class Page(Index, size="pages"):
    """A page."""


class Initiator(Index, size="initiators"):
    """A CPU that unmaps pages: initiator i is CPU i."""


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
class Translation:
    """A page-table entry."""

    use: Entry
    frame: Annotated[int, Range(0, "frames")]  # where a mapped page lies, or 0


@record
class Processor:
    tlb: Array[Page, Annotated[int, Range(0, "frames")]]  # the frame each page is translated to, or 0
    interrupts_off: bool


@record
class Shootdown:
    busy: bool
    victim: Page
    request: Array[Cpu, Request]


@state(bounds=Bounds)
class Machine:
    entry: Array[Page, Translation]
    cpu: Array[Cpu, Processor]
    shootdown: Array[Initiator, Shootdown]


def frame_of(page: Page) -> int:
    """Any frame but 0, no two pages alike when there are enough."""
    return Bounds.frames - int(page) % Bounds.frames


@initial
def map_every_page(m: Machine) -> None:
    for p in Page:
        m.entry[p].frame = frame_of(p)


def working(m: Machine, me: Cpu) -> bool:
    """Does this CPU run a shootdown of its own?"""
    return any(m.shootdown[i].busy for i in Initiator if int(i) == int(me))


@action(Cpu)
def fill(m: Machine, me: Cpu, page: Page) -> None:
    when(m.entry[page].use is Entry.MAPPED)
    m.cpu[me].tlb[page] = m.entry[page].frame


@action(Cpu)
def disable_interrupts(m: Machine, me: Cpu) -> None:
    when(not m.cpu[me].interrupts_off and not working(m, me))
    m.cpu[me].interrupts_off = True


@action(Cpu)
def enable_interrupts(m: Machine, me: Cpu) -> None:
    when(m.cpu[me].interrupts_off and not working(m, me))
    m.cpu[me].interrupts_off = False


@action(Initiator)
def map_page(m: Machine, me: Initiator, page: Page) -> None:
    when(not m.shootdown[me].busy and m.entry[page].use is Entry.FREE)
    m.entry[page].use = Entry.MAPPED
    m.entry[page].frame = frame_of(page)


@action(Initiator)
def clear(m: Machine, me: Initiator, page: Page) -> None:
    when(not m.shootdown[me].busy and m.entry[page].use is Entry.MAPPED)
    m.entry[page].use = Entry.UNMAPPING
    m.entry[page].frame = 0
    m.shootdown[me].busy = True
    m.shootdown[me].victim = page


@action(Initiator)
def send(m: Machine, me: Initiator, target: Cpu) -> None:
    job = m.shootdown[me]
    when(job.busy and int(target) != int(me) and job.request[target] is Request.NONE)
    job.request[target] = Request.SENT


@action(Cpu)
def take(m: Machine, me: Cpu, sender: Initiator) -> None:
    job = m.shootdown[sender]
    when(job.request[me] is Request.SENT and not m.cpu[me].interrupts_off)
    m.cpu[me].tlb[job.victim] = 0
    job.request[me] = Request.TAKEN


@action(Cpu)
def acknowledge(m: Machine, me: Cpu, sender: Initiator) -> None:
    job = m.shootdown[sender]
    when(job.request[me] is Request.TAKEN)
    job.request[me] = Request.ACKED


@action(Initiator)
def finish(m: Machine, me: Initiator) -> None:
    job = m.shootdown[me]
    when(job.busy and all(job.request[c] is Request.ACKED for c in Cpu if int(c) != int(me)))
    m.cpu[Cpu(int(me))].tlb[job.victim] = 0
    m.entry[job.victim].use = Entry.FREE
    job.busy = False
    job.victim = Page(0)
    for c in Cpu:
        job.request[c] = Request.NONE


@invariant
def no_stale_tlb(m: Machine) -> bool:
    """No CPU can translate a free page."""
    return not any(m.entry[p].use is Entry.FREE and m.cpu[c].tlb[p] != 0 for c in Cpu for p in Page)
