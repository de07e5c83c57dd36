"""What kind of machine the kernel runs on, and which other series it has. The same for all designs."""

from __future__ import annotations

from enum import Enum

from checker.language import switch, switches
from model.design import Design


class Tags(Enum):
    """How translations of different address spaces are told apart in a TLB."""

    KEPT = "each has a tag for good: there are enough identifiers, and a switch flushes only what is behind"
    GLOBAL = "each has one for good that is the same on all CPUs: no switch flushes, and INVLPGB reaches all"
    NONE = "not at all: each switch flushes what is not global"
    SLOTS = "by one of a few identifiers per CPU, which are given to others in turn"


class Ceiling(Enum):
    """How the flush of a block's addresses relates to tlb_single_page_flush_ceiling."""

    ABOVE = "a block has more pages: the flush empties the TLB, as for the 512 pages of 2 MiB"
    BELOW = "a block has no more pages: only its addresses are flushed"


class Walks(Enum):
    """When a page-table walk takes effect."""

    ATOMIC = "at once"
    TWO_STEP = "it reads the entry, and caches it later, whatever was flushed meanwhile"


class Switching(Enum):
    """When a switch of address spaces takes effect."""

    ATOMIC = "at once"
    TWO_STEP = "it reads the generation, and loads CR3 later; with few identifiers (`tags=slots`)"


@switches(extends=Design)
class Hardware:
    """The first value of each is what the small scenarios have."""

    tags: Tags = switch(
        Tags.KEPT, "environment: PCIDs, and how many\n\nTrigger: the processor, and nopcid at boot"
    )
    ceiling: Ceiling = switch(
        Ceiling.ABOVE,
        "environment: pageblock_order and tlb_single_page_flush_ceiling, both tunable\n\n"
        "Trigger: root: /sys/kernel/debug/x86/tlb_single_page_flush_ceiling, or a small block",
    )
    walks: Walks = switch(Walks.ATOMIC, "weaker hardware: walks in two steps")
    switching: Switching = switch(
        Switching.ATOMIC, "the same kernel, nearer to it: switches of address spaces in two steps"
    )
    pti: bool = switch(
        False,
        "environment: page-table isolation; kernel translations are not global (see fill_tagged)\n\n"
        "Trigger: the processor, and pti= at boot",
    )
    broadcast: bool = switch(
        False,
        "environment: INVLPGB; flushes of other CPUs need no interrupts there, and reach all CPUs\n\n"
        "Trigger: the processor: AMD from Zen 3 on",
    )
    break_before_make: bool = switch(
        False,
        "environment: arm64: no CPU may have a translation cached when an address gets another one\n\n"
        "Trigger: the processor",
    )
    lazy_tlb: bool = switch(
        True,
        "environment: a kernel thread keeps the address space of the task before it\n\n"
        "Trigger: the kernel's version: v4's base may not have it",
    )
    preempt_rt: bool = switch(
        False,
        "environment: PREEMPT_RT: the lock of the page tables may sleep\n\n"
        "Trigger: the kernel's configuration: CONFIG_PREEMPT_RT.",
    )
    kmap_forced: bool = switch(
        True,
        "environment: kmap_local_page maps into the fixmap; false: it returns the direct-map address\n\n"
        "Trigger: CONFIG_DEBUG_KMAP_LOCAL_FORCE_MAP, or a machine with highmem.",
    )
    defer_flushes: bool = switch(
        False, "another series: isolated CPUs in user mode flush kernel ranges when they enter the kernel"
    )
