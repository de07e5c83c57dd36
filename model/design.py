"""The choices in which the posted versions, the proposal and the what-ifs differ."""

from __future__ import annotations

from enum import Enum

from checker.language import switch, switches


class Callers(Enum):
    """How the users of unmapped pages and of the mermap behave."""

    POSTED = "as the callers in the posted patches do"
    OBEDIENT = "every documented rule is kept"
    NO_FLUSH_BEFORE_FREE = "obedient, but pages are freed without the full TLB flush that must come before"
    FOREIGN_PAGE = "obedient, but the mermap is used on memory of another process"
    OTHER_CPU = "obedient, but a mapping is used from another CPU than the one that made it"
    UNPREPARED = "obedient, but the mermap is used unprepared, and its refusal overlooked"
    GLOBAL_MAPPING = "obedient, but a global protection is asked for"
    PUT_ELSEWHERE = "obedient, but a mapping is put on another CPU than the one that made it"
    PREEMPTIBLE_RESERVE = "obedient, but the reserved mapping is used with preemption on"
    NEVER_PUT = "obedient, but a mapping is not put"


class Zeroing(Enum):
    """Who zeroes an unmapped page before its user sees it."""

    ALLOCATOR = "post_alloc_hook, for __GFP_ZERO, through the mermap"
    DIRECT_MAP = "post_alloc_hook, for __GFP_ZERO, through the direct map as for any page"
    PAGE_CACHE = "filemap_add_folio"


class Stale(Enum):
    """Who flushes stale mermap entries before a page goes back to the allocator."""

    NOBODY = "left to the caller, and no caller does"
    PER_MAPPING = "the page cache: a flag per file mapping, test-and-clear, then flush_tlb_all"
    PER_PAGE = "the allocator: a mark on each page that was in a mermap, and flush_tlb_all when it is freed"
    AT_REUSE = "the allocator: the same mark, and flush_tlb_all when the page is allocated again"
    PER_FOLIO = "the page cache: flush_tlb_all for each folio, whatever other removals are under way"


class Scrub(Enum):
    """When an unmapped page's contents are overwritten."""

    NONE = "never"
    AFTER_MAP = "by the flip, through the direct map, once the block is present there again"
    BEFORE_FREE = "by the owner, through the mermap, before the page is given back"


class FlipMode(Enum):
    """The mode from which the flip lets __rmqueue() look for a block of the other kind."""

    NORMAL = "RMQUEUE_NORMAL, which goes on to claiming and stealing"
    CLAIM = "RMQUEUE_CLAIM, which leaves out the request's own list"
    BOTH = "RMQUEUE_NORMAL, and then RMQUEUE_CLAIM"


class Remainder(Enum):
    """How the flip lists the pages that its request does not need."""

    LOOP = "__free_one_page() for each of the halves"
    EXPAND = "expand()"


class IsolateUnmapped(Enum):
    """What set_migratetype_isolate() does with an unmapped block."""

    UNGUARDED = "moves its free pages to (ISOLATE, UNMAPPED), which has no list"
    REFUSED = "-EINVAL"
    MAPPED_FIRST = "a wholly free one is mapped back, one in use is -EBUSY"


class Walker(Enum):
    """Which form of apply_to_page_range() the mermap maps with."""

    EXISTING = "tables that are there, under the lock of the page tables; a missing one counts as success"
    CREATE = "missing tables are made, and no lock is taken"
    FLAGS = "the same, each by a flag of its own"
    FLAGS_LOST = "the flags are lost below the PUD, as in one patch of v4: the lock is taken again"


class DirectMap(Enum):
    """The entries of the direct map at boot, and how they lie to the blocks."""

    PIECES = "a block is several entries, any of which may turn out to be part of a larger one"
    SMALL = "4K entries throughout, as with debug_pagealloc"
    LARGE = "one 2M entry for each block"
    HUGE = "one 1G entry for all blocks"


class FailureList(Enum):
    """The free list on which a failed flip puts its block."""

    WANTED = "the list of the kind that was asked for"
    OLD = "the list the block came from"


@switches(
    presets={
        "v1": {
            "walker": Walker.EXISTING,
            "ldt_checks": False,
            "compact_unmapped": False,
            "index_guard": False,
            "atomic_skips_refill": False,
            "capture_compares_flags": False,
            "watermark_any_kind": False,
            "flip_mode": FlipMode.NORMAL,
            "remainder": Remainder.LOOP,
            "isolate_unmapped": IsolateUnmapped.UNGUARDED,
            "zeroing": Zeroing.ALLOCATOR,
            "stale": Stale.NOBODY,
            "scrub": Scrub.NONE,
            "failure_lock": False,
            "failure_list": FailureList.WANTED,
            "failure_undo": False,
            "merge_compares_flags": False,
            "reserve_slot": False,
            "reserve_global": True,
            "error_unpins": False,
        },
        "v2": {
            "walker": Walker.CREATE,
            "compact_unmapped": False,
            "index_guard": False,
            "atomic_skips_refill": False,
            "capture_compares_flags": False,
            "watermark_any_kind": False,
            "flip_mode": FlipMode.NORMAL,
            "remainder": Remainder.LOOP,
            "isolate_unmapped": IsolateUnmapped.UNGUARDED,
            "zeroing": Zeroing.ALLOCATOR,
            "stale": Stale.NOBODY,
            "scrub": Scrub.NONE,
            "failure_list": FailureList.WANTED,
            "failure_undo": False,
            "error_unpins": False,
        },
        "dev": {
            "walker": Walker.EXISTING,
            "ldt_checks": False,
            "fit_subtracts": True,
            "global_check": False,
            "compact_unmapped": False,
            "index_guard": False,
            "atomic_skips_refill": False,
            "capture_compares_flags": False,
            "watermark_any_kind": False,
            "remainder": Remainder.LOOP,
            "isolate_unmapped": IsolateUnmapped.UNGUARDED,
            "zeroing": Zeroing.ALLOCATOR,
            "stale": Stale.NOBODY,
            "scrub": Scrub.NONE,
            "failure_lock": False,
            "failure_list": FailureList.WANTED,
            "failure_undo": False,
            "merge_compares_flags": False,
            "reserve_slot": False,
            "error_unpins": False,
        },
        "ephmap": {
            "one_mapping": True,
            "flush_at_put": True,
            "walker": Walker.EXISTING,
            "global_check": False,
            "compact_unmapped": False,
            "index_guard": False,
            "atomic_skips_refill": False,
            "capture_compares_flags": False,
            "watermark_any_kind": False,
            "remainder": Remainder.LOOP,
            "isolate_unmapped": IsolateUnmapped.UNGUARDED,
            "zeroing": Zeroing.ALLOCATOR,
            "stale": Stale.NOBODY,
            "scrub": Scrub.NONE,
            "failure_lock": False,
            "failure_list": FailureList.WANTED,
            "failure_undo": False,
            "merge_compares_flags": False,
            "reserve_slot": False,
        },
        "v4": {},
        "proposed": {
            "stale": Stale.PER_FOLIO,
            "scrub": Scrub.BEFORE_FREE,
            "undo_flush": True,
            "error_unmaps": True,
            "hooks_skip_unmapped": True,
            "flip_last": True,
            "contig_undoes_own": True,
            "snapshot_rechecks": True,
            "snapshot_skips_poisoned": True,
            "resume_skips_unmapped": True,
            "repair_leaves_unmapped": True,
            "unpoison_zeroes": True,
            "unpoison_frees_all": True,
            "poison_locks_hotplug": True,
            "flip_marks_blocks": True,
            "putback_splits": True,
            "isolate_unmapped": IsolateUnmapped.MAPPED_FIRST,
            "compact_harder": True,
            "drain_first": True,
            "target_is_mapped": True,
            "flip_any_type": True,
            "flip_keeps_scope": True,
            "fork_resets_mermap": True,
            "publish_last": True,
            "teardown_checks_all": True,
            "rewind_everywhere": True,
            "flip_flushes_all": True,
            "flip_excludes_hotplug": True,
            "image_unmapped_first": True,
        },
    },
    series={"v1": 19, "v2": 22, "v4": 26},
    messages={
        "v1/4": "<20260225-page_alloc-unmapped-v1-4-e8808a03cd66@google.com>",
        "v2/19": "<20260320-page_alloc-unmapped-v2-19-28bf1bd54f41@google.com>",
        "v2/20": "<20260320-page_alloc-unmapped-v2-20-28bf1bd54f41@google.com>",
    },
    default="v4",
)
class Design:
    """v1 is the RFC of February 2026, v2 the series of March, v4 that of August: the default.

    `dev` and `ephmap` are v1 with the mermap as it was before, in a development tree: one before v1, and the
    earliest form, with one mapping per CPU. Their allocators were not read, and are taken to be v1's.

    `proposed` is v4 with these changes. `scrub`: the owner zeroes an unmapped page through its mermap before
    it frees it, so that no flip exposes data and no later mermap user finds any. `stale`: each removal from
    the page cache flushes for its own folio, instead of relying on a flag that another removal may just have
    cleared. `undo_flush`: the undo of a failed map-back is followed by a TLB flush. `error_unmaps`: a
    mermap_get() that fails half-way clears the entries that it has written. `hooks_skip_unmapped`: the
    allocator's debugging and initialising hooks leave unmapped pages alone. `flip_last`: a flip is not tried
    before the second attempt, nor before the lists of all zones, nor where a page has turned up.
    `isolate_unmapped`:
    isolating a wholly free unmapped block maps it back first, as the flip does. `contig_undoes_own`:
    alloc_contig_range() that cannot isolate its range returns, and leaves alone what somebody else has
    isolated.
    `snapshot_rechecks`: once processes are frozen, hibernation is refused if an unmapped page is in use.
    `snapshot_skips_poisoned`: and poisoned pages, in which an unmapped user may have left a secret, are not
    copied.
    `resume_skips_unmapped`: the clearing of free pages after a resume leaves absent ones alone.
    `repair_leaves_unmapped`: clear_mce_nospec() does not map pages of unmapped blocks, nor such as
    memory_failure() could not take out of use, whose block may be in the middle of a flip.
    `unpoison_zeroes`: unpoison_memory() zeroes a page that a user of unmapped memory had before it frees it.
    `unpoison_frees_all`: unpoison_memory() also frees pages that were freed while they were poisoned.
    `poison_locks_hotplug`: memory_failure() and unpoison_memory() keep the page's block from going offline.
    `fork_resets_mermap`: a new address space begins without its parent's mermap.
    `publish_last`: mm->mermap.cpu is set when everything behind it is.
    `teardown_checks_all`: a mapping that was never put is reported, on whatever CPU it is.
    `rewind_everywhere`: on arm64 the flush before addresses are used again is broadcast.
    `flip_flushes_all`: the flip flushes whole TLBs, so that vmalloc addresses that wait for a purge are gone.
    `image_unmapped_first`: pages of the kernel image lose their address there before they are freed.
    `flip_excludes_hotplug`: it is refused while a CPU is brought up, and none is while it runs.
    `flip_marks_blocks`: the flip marks its blocks under the zone lock, and marked blocks are not isolated.
    `putback_splits`: isolated pages are put back block by block, each by the freetype it has by then.
    `compact_harder`: a compaction that did not serve an unmapped request is repeated at the highest priority,
    deferred or not, and whatever reclaim has freed.
    `target_is_mapped`: compaction's free scanner passes over unmapped blocks, and looks again under the lock.
    `drain_first`: a request about to give up drains the per-CPU lists, even where reclaim freed nothing.
    `flip_any_type`: a flip to mapped takes unmapped blocks whatever migratetype is asked for.
    `flip_keeps_scope`: a flip allocates page tables with no more than the request's mask allows.
    """

    unmapped_requests: bool = switch(
        True,
        "v1 17/19, v2 19/22: unmapped requests and the flip exist; v4: which of its 26 patches is not known",
        base=False,
        patches={"v1": 17, "v2": 19},
    )
    callers: Callers = switch(Callers.POSTED, "who keeps which documented rule (not a patch)")
    zeroing: Zeroing = switch(
        Zeroing.PAGE_CACHE,
        "v4: ALLOC_UNMAPPED refuses __GFP_ZERO, filemap_add_folio zeroes; v1 18/19, v2 20/22: the allocator",
        base=Zeroing.DIRECT_MAP,
        patches={"v1": 18, "v2": 20},
    )
    stale: Stale = switch(
        Stale.PER_MAPPING, "v4: AS_MERMAP_STALE and flush_tlb_all; v1, v2: the comment above mermap_get only"
    )
    scrub: Scrub = switch(
        Scrub.AFTER_MAP, "v4: the flip zeroes after mapping; v1, v2 19/22: left out by oversight"
    )
    failure_lock: bool = switch(
        True, "v2 19/22: a failed flip frees its block under the zone lock; v1: without"
    )
    failure_list: FailureList = switch(
        FailureList.OLD, "v4: the old freetype; v1, v2 19/22: the requested one"
    )
    failure_undo: bool = switch(
        True, "v4: a failed flip puts the changed entries back, unchecked; v1, v2 19/22: leaves them"
    )
    undo_flush: bool = switch(False, "proposed: flush_tlb_kernel_range after the undo of a failed map-back")
    merge_compares_flags: bool = switch(
        True, "v2: freetypes_equal compares flags too; v1: the migratetype only"
    )
    index_guard: bool = switch(
        True,
        "v4: __rmqueue_smallest refuses a freetype without a list; v1 does not; assumed for v2, not found",
    )
    atomic_skips_refill: bool = switch(
        True,
        "v4: an atomic request that finds its per-CPU list empty leaves it so, and goes on to the reserve; "
        "v1: the list is refilled for it; assumed for v2, not found",
    )
    capture_compares_flags: bool = switch(
        True, "v4: compaction_capture compares flags too; v1: migratetypes only; assumed for v2, not found"
    )
    watermark_any_kind: bool = switch(
        True,
        "v4: above order 0 a zone passes if pages of any kind are large enough; assumed for v1 and v2: "
        "migratetypes only",
    )
    flip_mode: FlipMode = switch(
        FlipMode.BOTH, "v4: the flip looks from both modes; v1, v2 19/22: from RMQUEUE_NORMAL only"
    )
    remainder: Remainder = switch(Remainder.EXPAND, "v4: expand; v1, v2 19/22: a loop of __free_one_page")
    isolate_unmapped: IsolateUnmapped = switch(
        IsolateUnmapped.REFUSED,
        "v4: set_migratetype_isolate refuses an unmapped block; v1 does not; assumed for v2, not found",
    )
    contig_undoes_own: bool = switch(
        False,
        "proposed: alloc_contig_range returns if its range cannot be isolated; v4, and by assumption v1 and "
        "v2: it undoes whatever isolation it finds there",
    )
    snapshot_rechecks: bool = switch(
        False,
        "proposed: with processes frozen, hibernation is refused if an unmapped page is in use; v1, v2, v4, "
        "as mainline: only an open secretmem file is looked for, and only at the beginning",
    )
    snapshot_skips_poisoned: bool = switch(
        False,
        "proposed: saveable_page refuses a poisoned page; v1, v2, v4, as mainline: it is mapped and copied, "
        "also where an unmapped user left a secret in it",
    )
    resume_skips_unmapped: bool = switch(
        False,
        "proposed: clear_or_poison_free_pages leaves absent pages alone; v1, v2, v4, as mainline: it "
        "overwrites every free page through the direct map",
    )
    repair_leaves_unmapped: bool = switch(
        False,
        "proposed: clear_mce_nospec leaves pages of unmapped blocks, and those still in use, absent; v1, v2, "
        "v4, as mainline: it maps them",
    )
    unpoison_zeroes: bool = switch(
        False,
        "proposed: unpoison_memory zeroes a page of an unmapped block through the mermap before it frees it; "
        "v1, v2, v4, as mainline: it frees it as it is",
    )
    unpoison_frees_all: bool = switch(
        False,
        "proposed: unpoison_memory frees a page that was freed while it was poisoned; v1, v2, v4, as "
        "mainline: such a page only loses the flag",
    )
    poison_locks_hotplug: bool = switch(
        False,
        "proposed: memory_failure and unpoison_memory hold get_online_mems(); v1, v2, v4, as mainline: the "
        "block may go offline after it was seen online",
    )
    putback_splits: bool = switch(
        False,
        "proposed: __putback_isolated_page frees each block by its own freetype; v1, v2, v4, as mainline: "
        "everything by that of the first, though a block of it may have been isolated meanwhile",
    )
    flip_marks_blocks: bool = switch(
        False,
        "proposed: __rmqueue_direct_map marks its blocks under the zone lock until their pages are listed "
        "again, and set_migratetype_isolate answers -EBUSY for them; v1, v2, v4: nothing shows that a block "
        "is in the middle of a flip",
    )
    hooks_skip_unmapped: bool = switch(
        False,
        "proposed: post_alloc_hook and __free_pages_prepare neither initialise, poison nor map unmapped "
        "pages, and a flip poisons what it maps; v4: only init_on_free is skipped; v1, v2: nothing is",
    )
    compact_unmapped: bool = switch(
        True,
        "v4: an unmapped request is compacted for as one of a whole block; v1, v2: as one of its own order, "
        "and so not at all for order 0",
    )
    compact_harder: bool = switch(
        False,
        "proposed: a compaction that did not serve an unmapped request is repeated at the highest priority; "
        "v4: should_compact_retry sees order 0, so that the priority stays and only reclaim counts",
    )
    drain_first: bool = switch(
        False, "proposed: per-CPU lists are drained once before a request gives up, reclaim's progress or not"
    )
    target_is_mapped: bool = switch(
        False,
        "proposed: compaction's free scanner passes over unmapped blocks, and looks again under the lock",
    )
    flip_any_type: bool = switch(
        False,
        "proposed: the flip to mapped takes its block from the one unmapped list whatever migratetype is "
        "asked for, and gives the block that migratetype; v1, v2, v4 look for unmapped blocks of the same",
    )
    flip_keeps_scope: bool = switch(
        False,
        "proposed: a flip for a GFP_NOFS request changes the direct map within memalloc_nofs_save(), so that "
        "page tables are allocated with what the request allows",
    )
    flip_flushes_all: bool = switch(
        False,
        "proposed: __rmqueue_direct_map flushes with flush_tlb_all; v1, v2, v4: flush_tlb_kernel_range of "
        "the direct-map addresses",
    )
    flip_excludes_hotplug: bool = switch(
        False,
        "proposed: __rmqueue_direct_map takes cpus_read_trylock(), and fails without; v1, v2, v4: a CPU that "
        "is being brought up misses the flush",
    )
    image_unmapped_first: bool = switch(
        False,
        "proposed: free_kernel_image_pages takes the address in the kernel image away first, and always; v1, "
        "v2, v4, as mainline: afterwards, and only with page-table isolation",
    )
    walker: Walker = switch(
        Walker.FLAGS,
        "v4: apply_to_page_range by flags, one makes tables, one takes no lock; v2: one for both; v1: only "
        "tables that are there, under their lock",
    )
    fit_subtracts: bool = switch(
        False, "before v1: whether a request fits is tested by an unsigned difference; v1, v2: by a sum"
    )
    one_mapping: bool = switch(
        False, "ephmap: one mapping per CPU and address space, and none in reserve; dev, v1, v2, v4: several"
    )
    flush_at_put: bool = switch(
        False, "ephmap: each put flushes its addresses on this CPU; dev, v1, v2, v4: none does"
    )
    fork_resets_mermap: bool = switch(
        False,
        "proposed: mermap_mm_init clears mm->mermap.cpu; v1, v2: a child keeps its parent's pointer; v4: not "
        "found, assumed as v2",
    )
    publish_last: bool = switch(
        False,
        "proposed: mermap_mm_prepare stores mm->mermap.cpu, with release semantics, when all tables and "
        "pointers are set up; v1, v2: right after it was allocated; v4: not found, assumed as v2",
    )
    teardown_checks_all: bool = switch(
        False,
        "proposed: mermap_mm_teardown looks at each CPU's slots; v1, v2: at its own CPU's, as often as there "
        "are CPUs; v4: not found, assumed as v2",
    )
    ldt_checks: bool = switch(
        True, "v2, v4: modify_ldt fails if the mm-local region cannot be set up; v1: goes on"
    )
    global_check: bool = switch(
        True, "v1, v2, v4: mermap_get refuses a global protection; before v1 nothing does"
    )
    rewind_everywhere: bool = switch(
        False,
        "proposed, on arm64: the flush before addresses are used again is of all CPUs (a comment in v1's "
        "header asks for it); v1, v2, v4: for x86 only, where this CPU's is enough",
    )
    free_is_checked: bool = switch(
        False,
        "suggested on 13 May 2026: a checker in the manner of lockdep reports a page that is freed with a "
        "mermap entry since its last flush",
    )
    reserve_slot: bool = switch(
        True, "v2: mermap_get_reserved has a slot of its own; v1: shares the four slots"
    )
    reserve_global: bool = switch(
        False,
        "v1: the reserved path asks for PAGE_KERNEL, which is global when page-table isolation is off; "
        "v4: a non-global protection; assumed for v2, whose slow path was not read",
    )
    error_unpins: bool = switch(
        True, "v4 restructured it (assumed to be right); v1, v2: migration stays disabled after a map error"
    )
    error_unmaps: bool = switch(
        False,
        "proposed: entries written before a map error are cleared; v1, v2: left; v4: not read, assumed left",
    )

    flip_last: bool = switch(
        False,
        "proposed: a flip is not tried with ALLOC_NOFRAGMENT, and looks once more for a page of the wanted "
        "kind when it has the zone lock",
    )

    # What may happen to the kernel: options and failures, the same for all versions.
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

    # What-ifs: no posted version does these. They show that the properties can fail.
    unmap_flush: bool = switch(True, "what-if when false: an unmapping flip does not flush")
    rewind_flush: bool = switch(
        True, "what-if when false: the mermap reuses addresses without the local flush"
    )
    tables_reach_lazy: bool = switch(
        True, "what-if when false: CPUs that are lazy in an address space keep it while its tables are freed"
    )
    flush_under_lock: bool = switch(
        False, "what-if when true: the flip flushes with the zone lock held and interrupts off"
    )
