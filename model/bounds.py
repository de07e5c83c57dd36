"""How much of everything there is. Each bound says what it scales down."""

from __future__ import annotations

from checker.language import bounds


@bounds
class Bounds:
    """The smallest instances that show the behaviours: one zone, one node."""

    cpus: int = 2
    tasks: int = 2  # processes; the last ones may be interrupt handlers
    mms: int = 1  # address spaces
    zones: int = 1  # the zonelist: the first one is preferred
    blocks: int = 1  # pageblocks per zone
    pages: int = 2  # per pageblock, a power of two: 1, 2 or 4; stands for 512
    orders_above: int = 0  # buddy orders above the pageblock's; x86 has one
    watermark: int = 0  # free pages of each zone that ordinary requests leave alone
    reserve: int = 0  # blocks of each zone that atomic requests may reserve; a hundredth of a real zone
    compact_gap: int = 0  # further free pages that compaction wants to see; really twice those of its order
    retries: int = 1  # rounds without progress before a request gives up; stands for 16
    defer_shift: int = 0  # how often failures double the time for which compaction is not tried; stands for 6
    pcp_high: int = 1  # pages of each kind on a CPU's list before they are given back
    pcp_batch: int = 1  # pages that a refill of such a list takes
    vas: int = 2  # page addresses in each CPU's mermap region, the reserve page included; stands for 512
    slots: int = 2  # mermap allocations per CPU and address space, the reserve slot included; stands for 4
    offsets: int = 1  # pages that each file may have
    asids: int = 2  # dynamic address-space identifiers of a CPU, where they are few; stands for 6
