"""What may happen to the kernel: options and failures, the same for all versions."""

from __future__ import annotations

from dataclasses import dataclass

from checker.language import switch
from model.choices import DirectMap


@dataclass(frozen=True)
class ConfigurationSwitches:
    """Part of Design."""

    no_memory: bool = switch(
        True,
        "environment: a page-table allocation may fail while a large direct-map entry is split\n\n"
        "Trigger: no privilege, but rare: an order-0 GFP_KERNEL allocation fails only for a victim of the "
        "OOM killer, or by fault injection.\n\n"
        "Provoke: fail_page_alloc (CONFIG_FAIL_PAGE_ALLOC) with min-order=0 and ignore-gfp-wait=N, and "
        "require-start and require-end around split_large_page(); so only that allocation fails.",
    )
    direct_map: DirectMap = switch(
        DirectMap.PIECES,
        "environment: how the direct map is built; on x86 with blocks of 2 MiB large or huge. In pieces, "
        "a failure may come after some of the block's entries have changed\n\n"
        "Trigger: the kernel's configuration and the machine: on x86, CONFIG_X86_DIRECT_GBPAGES and no "
        "debug_pagealloc for 1G entries, nogbpages for 2M ones; a request of order 10 spans two 2M "
        "entries.\n\n"
        "Provoke: boot with nogbpages, or with debug_pagealloc=on for 4K entries.",
    )
    split_allocates: bool = switch(
        False,
        "environment: splitting a direct-map entry takes its page-table page from these pages; false: "
        "from elsewhere\n\n"
        "Trigger: any x86 machine with a direct map of 1G entries: the first flips split them.\n\n"
        "Provoke: boot with enough memory that the blocks are under 1G entries, and without nogbpages; "
        "DirectMap1G in /proc/meminfo shows what is left.",
    )
    slow_path: bool = switch(
        False,
        "environment: requests that may sleep reclaim and compact; false: they give up at once\n\n"
        "Trigger: no privilege: a process that uses up memory.\n\n"
        "Provoke: boot with mem=2G, say, and let stress-ng --vm take the rest; numactl --membind keeps it "
        "to one node.",
    )
    unmapped_by_secretmem: bool = switch(
        True,
        "environment: the unmapped users are secretmem files; false: others, such as guest_memfd\n\n"
        "Trigger: no privilege: whoever may use memfd_secret().",
    )
    pcplists: bool = switch(
        False,
        "environment: order-0 requests go through the per-CPU lists; false where they are too high\n\n"
        "Trigger: the usual configuration.\n\n"
        "Provoke: free and allocate on one CPU (taskset), and set vm.percpu_pagelist_high_fraction=8 for "
        "long lists; /proc/zoneinfo shows their lengths.",
    )
    nofragment: bool = switch(
        False,
        "environment: the first attempt has ALLOC_NOFRAGMENT, as on zones that defrag_mode protects\n\n"
        "Trigger: root: sysctl vm.defrag_mode=1; elsewhere zones that have ALLOC_NOFRAGMENT by default.\n\n"
        "Provoke: sysctl vm.defrag_mode=1.",
    )
    init_on_alloc: bool = switch(
        False,
        "environment: booted with init_on_alloc=1\n\n"
        "Trigger: the administrator: init_on_alloc=1, which distributions set by "
        "CONFIG_INIT_ON_ALLOC_DEFAULT_ON.\n\n"
        "Provoke: boot with init_on_alloc=1.",
    )
    page_poisoning: bool = switch(
        False,
        "environment: booted with page_poison=1\n\n"
        "Trigger: the administrator: CONFIG_PAGE_POISONING and page_poison=1.\n\n"
        "Provoke: boot with page_poison=1.",
    )
    debug_pagealloc: bool = switch(
        False,
        "environment: booted with debug_pagealloc=on, which maps pages when they are allocated\n\n"
        "Trigger: the administrator: CONFIG_DEBUG_PAGEALLOC and debug_pagealloc=on, which debugging "
        "kernels have.\n\n"
        "Provoke: boot with debug_pagealloc=on.",
    )
    unexpected_errors: bool = switch(
        False,
        "environment: mapping a block back may fail too (WARN_ONCE in v2 19/22)\n\n"
        "Trigger: nobody that is known: setting an entry splits nothing.\n\n"
        "Provoke: a kretprobe on set_direct_map_valid_noflush() that returns an error, by way of "
        "fail_function or a module.",
    )
    map_errors: bool = switch(
        False,
        "environment: the page-table walker of mermap_get may report an error\n\n"
        "Trigger: nobody that is known: mermap_mm_prepare() has allocated the tables.\n\n"
        "Provoke: a kretprobe on the walker that mermap_get() calls, which returns -ENOMEM.",
    )
    init_on_free: bool = switch(
        False,
        "environment: booted with init_on_free=1\n\n"
        "Trigger: the administrator: init_on_free=1 or CONFIG_INIT_ON_FREE_DEFAULT_ON.\n\n"
        "Provoke: boot with init_on_free=1.",
    )
