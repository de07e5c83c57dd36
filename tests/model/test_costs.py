"""What populating a guest costs: closed forms, for any number of pages in a block."""

from __future__ import annotations

from fractions import Fraction

import pytest
from searches import MODEL, has_compiler, slow_but

from checker.building import compiled_for
from checker.costs.worst import Worst, worst_of
from checker.engines.costs import collect
from checker.engines.outcome import Limits
from checker.language import World

pytestmark = pytest.mark.skipif(not has_compiler(), reason="no C compiler")

POPULATING, EMPTYING = MODEL.comparisons
FOLIO, UNMAPPED, NEVER = POPULATING.alternatives


def worst(scenario: str, alternative: str, **bounds: int) -> dict[str, Worst]:
    """By name; of pages that are populated, pages that are freed, and shootdowns."""
    return worst_in(World(MODEL, scenario, design=POPULATING.alternatives[alternative], bounds=bounds))


def worst_in(world: World) -> dict[str, Worst]:
    """The same of any world."""
    costs = [MODEL.costs[name] for name in ("pages_populated", "pages_freed", "shootdowns")]
    collected = collect(compiled_for(world, costs), Limits())
    assert collected.graph is not None and not collected.graph.cut
    return dict(zip((each.name for each in costs), worst_of(collected.graph, [[], [], [0]]), strict=True))


FILLED = [(FOLIO, 2, 2), (UNMAPPED, 2, 1), (NEVER, 2, 0), (FOLIO, 4, 4), (UNMAPPED, 4, 1)]


@pytest.mark.parametrize(("alternative", "pages", "expected"), slow_but([(UNMAPPED, 2)], FILLED))
def test_one_for_each_folio_or_for_each_block(alternative: str, pages: int, expected: int) -> None:
    """The guest is as large as a block."""
    found = worst("fill-guest", alternative, pages=pages, offsets=pages)
    assert (found["pages_populated"].run, found["pages_freed"].run) == (pages, 0)
    assert found["shootdowns"].run == expected
    circle = found["shootdowns"].per[0]
    assert circle is not None and circle.ratio == Fraction(expected, pages)
    assert found["shootdowns"].operations == {"kvm_mmu_faultin_pfn_gmem": min(expected, 1)}


@pytest.mark.slow
@pytest.mark.parametrize(("alternative", "ratio"), [(FOLIO, 2), (UNMAPPED, 3), (NEVER, 1)])
def test_what_emptying_costs(alternative: str, ratio: int) -> None:
    """The guest's own tables are flushed with each hole; unmapped allocation then flushes when the stale
    entries of the mermap may be left, and for each folio in its free hook.
    """
    circle = worst("fill-and-empty-guest", alternative, offsets=1)["shootdowns"].per[0]
    assert circle is not None and circle.ratio == ratio


def test_what_was_measured_stands_beside_it() -> None:
    assert set(POPULATING.beside) == {FOLIO, UNMAPPED, NEVER} and not EMPTYING.beside


@pytest.mark.parametrize(
    ("design", "populating", "evicting", "ratio"), [("v2", 1, 0, Fraction(1, 2)), ("v4", 2, 1, Fraction(1))]
)
def test_each_removal_and_each_lost_race_interrupts_all_cpus(
    design: str, populating: int, evicting: int, ratio: Fraction
) -> None:
    """A process can go on with it: v4 pays a shootdown for each page, where v2 pays one for each flip."""
    shootdowns = worst_in(World(MODEL, "stale-after-free", preset=design))["shootdowns"]
    assert (shootdowns.operations["populate"], shootdowns.operations["evict"]) == (populating, evicting)
    circle = shootdowns.per[0]
    assert circle is not None and circle.ratio == ratio
