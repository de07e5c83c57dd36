"""The choices in which the posted versions, the proposal and the what-ifs differ."""

from __future__ import annotations

from checker.language import switches
from model.choices import Callers as Callers
from model.choices import DirectMap as DirectMap
from model.choices import FailureList as FailureList
from model.choices import FlipMode as FlipMode
from model.choices import IsolateUnmapped as IsolateUnmapped
from model.choices import Remainder as Remainder
from model.choices import Scrub as Scrub
from model.choices import Stale as Stale
from model.choices import Walker as Walker
from model.choices import Zeroing as Zeroing
from model.presets import MESSAGES, PRESETS
from model.switches.allocator import AllocatorSwitches
from model.switches.broken_memory import BrokenMemorySwitches
from model.switches.configuration import ConfigurationSwitches
from model.switches.flip import FlipSwitches
from model.switches.mermap import MermapSwitches
from model.switches.users import UserSwitches
from model.switches.what_ifs import WhatIfSwitches


@switches(
    presets=PRESETS,
    series={"v1": 19, "v2": 22, "v4": 26},
    messages=MESSAGES,
    default="v4",
)
class Design(
    WhatIfSwitches,
    ConfigurationSwitches,
    MermapSwitches,
    BrokenMemorySwitches,
    AllocatorSwitches,
    FlipSwitches,
    UserSwitches,
):
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
    `unpoison_finds_offline`: an error in a block that is offline can be taken back, so that it may come back.
    `unpoison_needs_own`: unpoison_memory() drops no reference but memory_failure()'s.
    `failure_waits`: memory_failure() waits for a page that is being flipped, taken or freed, and lists it
    if whoever freed it could not.
    `free_spares_poisoned`: of several pages that are freed together the poisoned ones stay off the lists.
    `temporary_mm`: where no mermap is ready, as in exit(), a page is zeroed in a temporary address space.
    `publish_last`: mm->mermap.cpu is set when everything behind it is.
    `rewind_everywhere`: on arm64 the flush before addresses are used again is broadcast.
    `flip_flushes_all`: the flip flushes whole TLBs, so that vmalloc addresses that wait for a purge are gone.
    `image_unmapped_first`: pages of the kernel image lose their address there before they are freed.
    `flip_excludes_hotplug`: it is refused while a CPU is brought up, and none is while it runs.
    `flip_marks_blocks`: the flip marks its blocks under the zone lock, and marked blocks are not isolated.
    `flip_keeps_reserve`: a flip takes no blocks to unmap that the zone's watermark needs.
    `putback_splits`: isolated pages are put back block by block, each by the freetype it has by then.
    `compact_harder`: a compaction that did not serve an unmapped request is repeated at the highest priority,
    deferred or not, and whatever reclaim has freed.
    `target_is_mapped`: compaction's free scanner passes over unmapped blocks, and looks again under the lock.
    `drain_first`: a request about to give up drains the per-CPU lists, even where reclaim freed nothing.
    `flip_any_type`: a flip to mapped takes unmapped blocks whatever migratetype is asked for.
    `flip_keeps_scope`: a flip allocates page tables with no more than the request's mask allows.

    Two claims no small change repairs, so that `proposed` violates them too. atomic_request_is_served: a
    request that may not sleep cannot wait for a flip, which waits for other CPUs; a stock of mapped blocks
    would have to be kept for it. no_ping_pong: not to flip the last free block because it was flipped before
    would deny a request that it can serve.
    """
