"""Address space isolation: what flips of the restricted tables promise, with and without a flush."""

from __future__ import annotations

import pytest
from searches import search, shortest, slow_but, steps_to

from model.design import Stale
from model.environment import Ceiling

WEAK = "restricted_tables_reach_nothing_sensitive"
STRONG = "unmapped_means_unmapped"


@pytest.mark.parametrize("design", ["asi-2025", "asi-entry"])
def test_without_a_shootdown_what_was_cached_stays_usable(design: str) -> None:
    """A flush on entry does not help: the other CPU need not leave the restricted tables in between."""
    names = (WEAK, STRONG, "flush_before_publish", "no_stale_tlb")
    assert None not in steps_to(names, "asi", design).values()


@pytest.mark.parametrize("scenario", ["asi", "asi-switch"])
@pytest.mark.parametrize("design", slow_but(["asi-flush"], [("asi-flush",), ("asi-mermap",)]))
def test_with_a_shootdown_nothing_is_violated(design: str, scenario: str) -> None:
    outcome = search(scenario, design)
    assert outcome.complete and not outcome.violations and outcome.exercised(WEAK)


def test_a_flush_of_single_addresses_leaves_the_tags_of_other_processes_to_the_next_switch() -> None:
    below = {"ceiling": Ceiling.BELOW}
    outcome = search("asi-switch", "asi-flush", below)
    assert outcome.complete and not outcome.violations
    assert outcome.states > search("asi-switch", "asi-flush").states


@pytest.mark.slow
def test_what_is_zeroed_before_it_is_exposed_is_never_seen() -> None:
    assert shortest("no_residue_strong", "asi", "asi-2025") is None
    assert shortest("no_residue_strong", "asi", "v4") is not None


PROCESSES = [
    ("asi-flush", "no_foreign_residue", False),
    ("asi-mermap", "no_foreign_residue", True),  # it shows a page before it is cleared, as in v4
    ("asi-mermap", STRONG, False),
]


@pytest.mark.parametrize(
    ("design", "name", "found"), slow_but([("asi-mermap", "no_foreign_residue")], PROCESSES)
)
def test_two_processes(design: str, name: str, found: bool) -> None:
    assert (shortest(name, "asi-two-processes", design) is not None) == found


@pytest.mark.slow
def test_the_mermap_of_the_restricted_tables_has_to_be_flushed_too() -> None:
    left = {"stale": Stale.NOBODY}
    assert shortest("no_stale_tlb", "asi-two-processes", "asi-mermap", left) is not None
    assert shortest("no_stale_tlb", "asi-two-processes", "asi-mermap") is None
