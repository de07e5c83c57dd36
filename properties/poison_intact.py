"""Page poisoning reports only what has happened."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(
    rung="architectural",
    severity="fault",
    says="page poisoning reports memory corruption",
)
def poison_intact(k: Kernel) -> bool:
    """Nobody writes to a free page, so page poisoning finds its pattern when the page is allocated.

    mm/page_poison.c, check_poison_mem().
    """
    return not (k.poison_checked and k.poison_damaged)
