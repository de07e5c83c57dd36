"""Page tables for the direct map are allocated for the sake of at most one other."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel, Task


@invariant(
    rung="architectural",
    severity="deadlock",
    says="{task} splits a direct-map entry for a page table that it needs to split another",
)
def no_split_within_split(k: Kernel) -> bool:
    """A flip that happens while a page table is allocated for another flip splits nothing itself.

    It maps a block, and a block that is absent has entries of its own: review of v2 19/22, 1 June 2026.
    """
    return not any(k.task[task].splits > 1 for task in Task)
