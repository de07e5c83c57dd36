"""On the small scenarios z3 finds every violation of at most 8 steps that the native engine finds, in as many
steps, and no other; or it says that it is too deep.
"""

from __future__ import annotations

import pytest
from searches import MODEL, applies, has_compiler, slow_but

from checker.compiler import compile_program
from checker.engines import native, python, symbolic
from checker.engines.outcome import DEPTH, Limits
from checker.language import World
from checker.language.properties import Property

STEPS = 8
WORLDS = [
    ("ldt", "v1"), ("prepare", "v1"), ("prepare", "v2"), ("prepare", "v4"), ("prepare", "proposed"),
    ("kmap-local", "v4"), ("kmap-local", "proposed"), ("kmap-local-preempted", "v4"),
    ("fork", "v1"), ("fork", "v2"),
]  # fmt: skip
QUICK = ["ldt"]
NOTHING = [("prepare", "proposed")]  # what v1 breaks there, it does not


@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.parametrize(("scenario", "design"), slow_but(QUICK, WORLDS))
def test_it_finds_the_same(scenario: str, design: str) -> None:
    """Each world is asked of the properties that are violated so soon: with the others its slice is large."""
    world = World(MODEL, scenario, preset=design)
    asked = [found for found in MODEL.properties.values() if applies(found, scenario)]
    with world:
        compiled = native.explore(compile_program(world, asked), None, Limits(max_depth=STEPS + 1))
    lengths = {name: len(found.events) for name, found in compiled.violations.items()}
    wanted = [found for found in asked if found.name in lengths]
    expected = {found.name: lengths[found.name] for found in wanted}
    assert bool(expected) == ((scenario, design) not in NOTHING)
    wanted = wanted or _broken_by_v1(scenario)
    solved = symbolic.explore(world, wanted, Limits(max_depth=STEPS + 1, seconds=3600))
    assert solved.ended in (None, DEPTH)
    assert {name: len(found.events) for name, found in solved.violations.items()} == expected
    for found in solved.violations.values():
        assert python.replay(world, found, wanted).agrees


def _broken_by_v1(scenario: str) -> list[Property]:
    asked = [found for found in MODEL.properties.values() if applies(found, scenario)]
    with World(MODEL, scenario, preset="v1") as world:
        found = native.explore(compile_program(world, asked), None, Limits(max_depth=STEPS + 1))
    return [each for each in asked if each.name in found.violations]


@pytest.mark.slow
def test_one_that_is_too_deep_says_so() -> None:
    world = World(MODEL, "compaction-target", preset="v4")
    solved = symbolic.explore(world, [MODEL.properties["no_stale_tlb"]], Limits(seconds=1))
    assert solved.ended is not None and solved.ended.startswith(symbolic.TOO_DEEP)
    assert not solved.complete and not solved.violations and not solved.proved
