"""What is counted: shootdowns and their interrupts, and clearing, for pages that are handed out or freed."""

from __future__ import annotations

from checker.language import Comparison, cost
from checker.language.patches import presets_of
from model.kernel import Contents, Cpu, Hand, Kernel, Page
from model.processor import Request
from model.users import Users


def is_in_use(k: Kernel, page: Page) -> bool:
    """Has somebody the page who asked the allocator for it?"""
    hand = k.page[page].hand
    if hand is Hand.KERNEL or hand is Hand.LRU or hand is Hand.CALLER:
        return True
    return hand is Hand.CACHE or hand is Hand.ZAPPING or hand is Hand.ZAPPED


def is_zero(k: Kernel, page: Page) -> bool:
    return k.page[page].secret_of is None and k.page[page].contents is Contents.ZERO


@cost
def pages_populated(before: Kernel, after: Kernel) -> int:
    """Pages that the allocator hands to who asked for them."""
    return sum(1 for page in Page if is_in_use(after, page) and not is_in_use(before, page))


@cost
def pages_freed(before: Kernel, after: Kernel) -> int:
    """Pages that are given back to the allocator."""
    return sum(1 for page in Page if is_in_use(before, page) and not is_in_use(after, page))


@cost(per=[pages_populated, pages_freed])
def shootdowns(before: Kernel, after: Kernel) -> int:
    """Flushes that other CPUs are asked to take part in."""
    return sum(1 for cpu in Cpu if before.cpu[cpu].asker is None and after.cpu[cpu].asker is not None)


@cost(per=[pages_populated, pages_freed])
def requests_sent(before: Kernel, after: Kernel) -> int:
    """Requests to flush that one CPU makes of another: an IPI each, unless the hardware broadcasts them."""
    return sum(
        1
        for cpu in Cpu
        for target in Cpu
        if before.cpu[cpu].request[target] is Request.NONE and after.cpu[cpu].request[target] is Request.SENT
    )


@cost(per=[pages_populated, pages_freed])
def cpus_interrupted(before: Kernel, after: Kernel) -> int:
    """Requests that a CPU interrupts its work for."""
    return sum(
        1
        for cpu in Cpu
        for target in Cpu
        if before.cpu[cpu].request[target] is Request.SENT
        and after.cpu[cpu].request[target] is not Request.SENT
    )


@cost(per=[pages_populated, pages_freed])
def pages_cleared(before: Kernel, after: Kernel) -> int:
    """Pages that are overwritten with zeroes, and were not zero before."""
    return sum(1 for page in Page if is_zero(after, page) and not is_zero(before, page))


PRESETS = presets_of(Users)
DESIGNS = {
    "one shootdown per folio": PRESETS["gmem-v12"],
    "unmapped allocation": PRESETS["gmem-y2"],
    "never flush": {**PRESETS["gmem-v12"], "zap_flushes": False},
}

Comparison(
    "Populating a guest",
    source="cover letter of v2, Performance: a guest of Firecracker is filled by write() on Sapphire Rapids; "
    "here it touches its memory, a block has as many pages as the guest, and no page is measured",
    alternatives=DESIGNS,
    beside={
        "one shootdown per folio": "1.04 s",
        "unmapped allocation": "313 ms",
        "never flush": "326 ms",
    },
    scenarios=["fill-guest", "fill-guest-by-two"],
    state=Kernel,
)
Comparison(
    "Populating a guest and taking its memory away",
    source="the free hook of unmapped allocation flushes for each folio, as announced on 3 July 2026",
    alternatives=DESIGNS,
    scenarios=["fill-and-empty-guest"],
    state=Kernel,
)
