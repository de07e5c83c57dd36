"""How much of everything there is. Each bound says what it scales down."""

from __future__ import annotations

from checker.language import bounds


@bounds
class Bounds:
    """The smallest instances that show the behaviours: one zone, one node, one migratetype (UNMOVABLE)."""

    cpus: int = 2
    tasks: int = 2
    mms: int = 1  # address spaces
    blocks: int = 1  # pageblocks
    pages: int = 2  # per pageblock; stands for 512
    vas: int = 2  # page addresses in each CPU's mermap region, the reserve page included; stands for 512
    slots: int = 2  # mermap allocations per CPU and address space, the reserve slot included; stands for 4
