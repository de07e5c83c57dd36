"""A free page is on the list that its block's flag names."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel, Kind, freetype_idx


@invariant(
    rung="architectural", severity="corruption", says="a free page is on the wrong list for its block's flag"
)
def list_agreement(k: Kernel) -> bool:
    """A page on the free list of a kind lies in a block with the flag of that kind.

    Notes on the allocator, S1 and S16; SEED-0, "index free pages by that attribute"; the checks under
    DEBUG_VM.
    """
    return all(k.flag[page.block] is kind for kind in Kind for page in k.zone.free_list[freetype_idx(kind)])
