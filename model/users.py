"""How files came to be without a direct map, and how they are to: who takes their pages out of it."""

from __future__ import annotations

from enum import Enum

from checker.language import switch, switches
from checker.language.patches import presets_of
from model.design import Design, Scrub, Stale, Zeroing


class NoDirectMap(Enum):
    """Who takes the pages of a file out of the direct map."""

    USERS = "secretmem and guest_memfd, each page by itself, once it has it or when it is faulted in"
    ZAP = "filemap_add_folio(), each page by itself; removal puts it back"
    UNMAPPED = "the allocator: filemap_alloc_folio() asks for pages that are absent already"


class Gmem(Enum):
    """What guest_memfd with GUEST_MEMFD_FLAG_NO_DIRECT_MAP does with a new page."""

    NONE = "there is no such flag"
    PRIVATE_BIT = "cleared through the direct map, and zapped when it is faulted in; a bit says that it was"
    DIRECT_MAP = "cleared through the direct map when it is faulted in, as without the flag"
    GFP_ZERO = "allocated with __GFP_ZERO"
    MERMAP = "cleared through the mermap when it is faulted in"


class GmemFlush(Enum):
    """What is flushed when a page of guest_memfd was removed."""

    NONE = "nothing"
    FREE_HOOK = "all TLBs, in kvm_gmem_free_folio()"


class GmemPopulate(Enum):
    """How kvm_gmem_populate() gets the first contents of a confidential guest into a page."""

    REFUSED = "not at all: such guests do not have the flag"
    KMAP = "through kmap_local_page(), which on 64 bits is the direct map"
    MERMAP = "through the mermap"
    FIRMWARE = "by physical addresses"


class Reclaim(Enum):
    """What reclaim, drop_caches, soft offlining and memory_failure() do with a clean folio that no process
    has mapped.
    """

    UNHOOKED = "__remove_mapping() takes it out without the hooks of filemap_remove_folio()"
    HOOKED = "__remove_mapping() has them too"
    SKIPPED = "mapping_evict_folio() leaves folios of files without a direct map alone"


class GupFast(Enum):
    """What gup_fast_folio_allowed() makes of a folio that has no mapping."""

    REFUSED = "it may be secretmem's, just truncated: take the slow path"
    ALLOWED = "it is in no file, so it is nobody's secret"


BEFORE = {
    "unmapped_requests": False,
    "zeroing": Zeroing.DIRECT_MAP,
    "stale": Stale.NOBODY,
    "scrub": Scrub.NONE,
}
ITSELF = {"no_direct_map": NoDirectMap.USERS}
SLOW = {**BEFORE, "no_direct_map": NoDirectMap.ZAP}
MERMAP = {"gmem": Gmem.MERMAP, "gmem_flush": GmemFlush.FREE_HOOK}
REPAIRS = {
    "reclaim": Reclaim.SKIPPED,
    "add_needs_mm": True,
    "release_flushes": True,
    "error_folio_waits": False,
}


@switches(
    extends=Design,
    presets={
        "v1": ITSELF,
        "v2": ITSELF,
        "dev": ITSELF,
        "ephmap": ITSELF,
        "proposed": REPAIRS,
        "gmem-v12": {**BEFORE, **ITSELF, "gmem": Gmem.PRIVATE_BIT},
        "gmem-page-cache": {**SLOW, "gmem": Gmem.DIRECT_MAP},
        "gmem-gfp-zero": {**SLOW, "gmem": Gmem.GFP_ZERO},
        "gmem-x1": SLOW,
        "gmem-x2": {},
        "gmem-x3": MERMAP,
        "gmem-y1": {**SLOW, **MERMAP},
        "gmem-y2": MERMAP,
        "gmem-proposed": {**presets_of(Design)["proposed"], **REPAIRS, **MERMAP},
    },
)
class Users:
    """What of the two plans for guest_memfd was posted, and what is as far as the mail of 3 July 2026 tells.

    `gmem-v12` is v12 of the guest_memfd series, on a kernel without the allocator's. `gmem-page-cache` is
    what was agreed on in its review: the page cache zaps and restores, and guest_memfd is otherwise as
    before. `gmem-gfp-zero` is that with the author's first idea of how pages get zeroed then.

    Approach X: `gmem-x1` is v4's slow stage, with secretmem as its only user; `gmem-x2` is v4; `gmem-x3` adds
    guest_memfd. Approach Y: `gmem-y1` is guest_memfd on the slow stage, with the mermap; `gmem-y2` adds the
    allocator. Both plans end with the same kernel. `gmem-proposed` is `proposed` with guest_memfd.
    """

    no_direct_map: NoDirectMap = switch(
        NoDirectMap.UNMAPPED,
        "v4: ALLOC_UNMAPPED; its slow stage: filemap_add_folio zaps; v1, v2, as mainline: secretmem itself",
        base=NoDirectMap.USERS,
    )
    gmem: Gmem = switch(
        Gmem.NONE, "guest_memfd with a flag to be without a direct map: in none of v1, v2, v4"
    )
    gmem_flush: GmemFlush = switch(
        GmemFlush.NONE, "announced on 3 July 2026: kvm_gmem_free_folio flushes what the mermap has left"
    )
    gmem_populate: GmemPopulate = switch(
        GmemPopulate.REFUSED, "guest_memfd v12: TDX and SNP guests have no such flag; the rest is what-if"
    )
    reclaim: Reclaim = switch(
        Reclaim.UNHOOKED,
        "proposed: mapping_evict_folio() passes over folios of files without a direct map; v4: assumed to "
        "remove them without the page cache's hooks, its mm/vmscan.c was not found",
    )
    add_needs_mm: bool = switch(
        False,
        "proposed: filemap_add_folio fails for a task without an address space; v4: it uses current->mm "
        "unchecked",
    )
    release_flushes: bool = switch(
        False,
        "proposed: closing a descriptor flushes, as closing a VMA does; v4: a process that had folios "
        "cleared without a VMA keeps its entries",
    )
    error_folio_waits: bool = switch(
        True,
        "proposed when false: kvm_gmem_error_folio() tries to get the invalidate lock; mainline, and so each "
        "stage of guest_memfd: it waits for it with the folio locked",
    )
    unmapped_option: bool = switch(
        True,
        "environment: CONFIG_PAGE_ALLOC_UNMAPPED beside CONFIG_MERMAP, by which v4 chooses the fast form\n\n"
        "Trigger: the kernel's configuration: CONFIG_PAGE_ALLOC_UNMAPPED.",
    )
    gup_fast: GupFast = switch(
        GupFast.REFUSED,
        "suggested in 2026: gup_fast takes folios without a mapping; mainline: it refuses them",
    )
    gup_rereads: bool = switch(True, "what-if when false: gup_fast does not read the entry again")
    gup_looks_at_vma: bool = switch(
        True, "what-if when false: check_vma_flags() does not refuse files without a direct map"
    )
    clears: bool = switch(
        True, "what-if when false: nobody clears through the mermap what is added to a file"
    )
    error_puts: bool = switch(
        True, "what-if when false: filemap_grab_folio() that cannot add its folio keeps the reference"
    )
    gmem_retries: bool = switch(
        True, "what-if when false: a guest's fault does not look whether its page was being taken away"
    )
    zap_flushes: bool = switch(
        True, "what-if when false: folio_zap_direct_map() does not flush, as in the measurements of v2"
    )
    gmem_write_locks: bool = switch(
        True,
        "what-if when false: write() to guest_memfd holds a reference to its folio, and not the folio's lock",
    )
