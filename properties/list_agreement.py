"""A free page is on the list that its block's flag names."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel, Kind, freetype_idx


@invariant(
    rung="architectural",
    severity="corruption",
    says="{page} is on the list of {kind} pages, and its block's flag says otherwise",
)
def list_agreement(k: Kernel) -> bool:
    """A page on the free list of a kind lies in a block with the flag of that kind.

    RFC cover letter, 25 February 2026: free pages are indexed by that attribute; checked under DEBUG_VM since
    v1.
    """
    return all(k.flag[page.block] is kind for kind in Kind for page in k.zone.free_list[freetype_idx(kind)])
