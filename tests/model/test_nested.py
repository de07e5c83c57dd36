"""Page tables for a flip come from the memory that is flipped."""

from __future__ import annotations

import pytest
from searches import search


def test_a_nested_flip_splits_nothing() -> None:
    """The claim is decided, in a world where a page table is got by flipping a block back."""
    outcome = search("nested-flip", "v4")
    assert outcome.complete and outcome.exercised("no_split_within_split")
    assert set(outcome.violations) == {"no_residue_strong"}


@pytest.mark.slow
def test_two_who_split_the_same_entry_leave_no_page_behind() -> None:
    outcome = search("two-splits", "v4")
    assert outcome.complete and not outcome.violations


@pytest.mark.slow
@pytest.mark.parametrize(("design", "length"), [("v2", 2), ("v4", 2), ("proposed", None)])
def test_reclaim_for_a_page_table_enters_the_filesystem_of_the_request(
    design: str, length: int | None
) -> None:
    outcome = search("filesystem-lock", design)
    assert outcome.complete
    lengths = {name.partition(":")[0]: found.depth for name, found in outcome.violations.items()}
    assert lengths == ({} if length is None else {"deadlock": length})
