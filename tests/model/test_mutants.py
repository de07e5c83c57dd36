"""No step of the flip, of the free path and of isolation is missed by nobody.

In the scenarios that are named here, under the proposal: there every claim holds, so that each can notice.
"""

from __future__ import annotations

import pytest
from searches import MODEL, has_compiler

from checker.mutation.functions import Chosen
from checker.mutation.running import Mutation
from checker.mutation.verdicts import Fate
from checker.request import Request, wanted_properties

pytestmark = pytest.mark.skipif(not has_compiler(), reason="no C compiler")


def mutation_of(functions: tuple[str, ...], scenarios: tuple[str, ...], *properties: str) -> Mutation:
    request = Request(properties, not properties, design="proposed", scenarios=scenarios)
    mutation = Mutation(request, MODEL, wanted_properties(request, MODEL), Chosen(functions, False, False))
    mutation.go(None)
    assert not mutation.unable and not mutation.stopped
    return mutation


@pytest.mark.slow
@pytest.mark.parametrize(
    ("functions", "scenarios"),
    [
        (("__rmqueue_direct_map", "flip_blocks", "take_blocks", "give_back"), ("flip", "flip-failure")),
    ],
)
def test_nothing_survives_without_a_reason(functions: tuple[str, ...], scenarios: tuple[str, ...]) -> None:
    mutation = mutation_of(functions, scenarios)
    records = mutation.records.values()
    assert [each.mutant for each in records if each.fate is Fate.NOTICED]
    assert not [(each.mutant.place, each.mutant.change) for each in records if each.fate is Fate.SURVIVED]
    assert not [(each.mutant.place, each.mutant.change) for each in records if each.fate is Fate.INCOMPLETE]
    assert not [(each.mutant.place, each.mutant.change) for each in records if each.stale]


@pytest.mark.parametrize(
    ("name", "function", "scenario"),
    [
        ("no-lock-stays-held", "free_one_page", "flip"),
        ("context-is-restored", "on_each_cpu", "flip"),
        ("free-pages-are-handed-out", "__rmqueue", "mixed-buddies"),
        ("buddies-are-merged", "__free_one_page", "mixed-buddies"),
        ("isolation-lasts", "set_migratetype_isolate", "contig-race"),
        ("free-blocks-can-be-isolated", "isolate_block", "contig-race"),
    ],
)
def test_a_step_is_there_for_it(name: str, function: str, scenario: str) -> None:
    """No posted version breaks some of these claims, so that a missing step must."""
    mutation = mutation_of((function,), (scenario,), name)
    assert any(notice.name == name for each in mutation.records.values() for notice in each.found)
