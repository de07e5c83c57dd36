"""Flushes of one address space: generations, CPUs that are lazy or switching, global identifiers; and each
part of them left out.
"""

from __future__ import annotations

import pytest
from searches import search

from model.environment import Tags
from model.users import NoDirectMap

ALWAYS = {"file_pages_stay_out_of_direct_map_strong"}  # secretmem's own, before a page is taken out
REACHED = "only_owners_reach_pages"


@pytest.mark.parametrize("scenario", ["unmap-and-switch", "unmap-while-switching", "global-tags"])
def test_they_are_enough(scenario: str) -> None:
    outcome = search(scenario, "v4")
    assert outcome.complete and set(outcome.violations) == ALWAYS
    assert outcome.exercised(REACHED)


@pytest.mark.parametrize(
    ("scenario", "switch", "steps"),
    [
        ("unmap-and-switch", "generations", 24),
        ("unmap-while-switching", "switching_is_asked", 27),
    ],
)
def test_a_part_that_is_left_out_is_noticed(scenario: str, switch: str, steps: int) -> None:
    outcome = search(scenario, "v4", {switch: False})
    assert len(outcome.violations[REACHED].events) == steps


@pytest.mark.slow
def test_a_lazy_cpu_is_flushed_before_its_process_runs_there_again() -> None:
    """Until then it can reach what was unmapped: speculatively, as nothing of the process runs."""
    outcome = search("unmap-and-lazy", "v4")
    assert outcome.complete and set(outcome.violations) == {*ALWAYS, "no_residue_strong", REACHED}
    for switches in ({"lazy_tlb": False}, {"no_direct_map": NoDirectMap.UNMAPPED}):
        outcome = search("unmap-and-lazy", "v4", switches)
        assert outcome.complete and REACHED not in outcome.violations


@pytest.mark.parametrize("tags", list(Tags))
def test_however_tags_are_given_out(tags: Tags) -> None:
    outcome = search("unmap-and-switch", "v4", {"tags": tags, "broadcast": tags is Tags.GLOBAL})
    assert outcome.complete and set(outcome.violations) == ALWAYS
