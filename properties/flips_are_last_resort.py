"""A flip is the most expensive way to a page, and taken last."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Kernel


@invariant(
    rung="architectural",
    severity="cost",
    says="a block was flipped while a page of the wanted kind was free",
)
def flips_are_last_resort(k: Kernel) -> bool:
    """When a flip takes its block, no list of the wanted kind has a page that would do, stealing included.

    v2 19/22: flips rank below stealing, as they cost a shootdown or the clearing of a whole block.
    """
    return not (k.flipped and k.flipped_early)


@invariant(
    rung="architectural",
    severity="cost",
    says="a block of one zone was flipped while another zone had a page of the wanted kind",
    scenarios=["two-zones"],
)
def flips_come_after_other_zones(k: Kernel) -> bool:
    """When a flip takes its block, no other zone's list of the wanted kind has a page that would do.

    v2 19/22: flips rank below every way of getting a page that is there. Judged where one task is at work, as
    another could free a page too late.
    """
    return not (k.flipped and k.flipped_before_zone)
