"""A flip is the most expensive way to a page, taken last, and not again and again."""

from __future__ import annotations

from checker.language import invariant
from model.kernel import Block, Kernel


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


@invariant(
    rung="architectural",
    severity="cost",
    says="a block went back and forth between the kinds",
    scenarios=["ping-pong"],
)
def no_ping_pong(k: Kernel) -> bool:
    """No block is flipped there, back, and there again, whatever the demand.

    v2 19/22: each flip costs a shootdown, or the clearing of a block. No version promises it near exhaustion,
    where the only free block is wanted in turn: not to flip would deny what unmapped_request_is_served and
    mapped_request_is_served promise. The form that can be kept is flips_are_last_resort.
    """
    return not any(k.pageblock[block].flips == 3 for block in Block)
