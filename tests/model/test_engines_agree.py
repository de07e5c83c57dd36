"""On the small scenarios both engines see the same states, transitions, depth and verdicts."""

from __future__ import annotations

import pytest
from searches import MODEL, has_compiler, slow_but

from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.outcome import Limits
from checker.language import World

WORLDS = [
    ("init-on-free", "v2"), ("removal-and-close", "proposed"), ("mermap-two-processes", "v2"),
    ("map-back-failure", "v4"),
]  # fmt: skip
LARGE = [("flip", "v4"), ("flip-failure", "proposed"), ("stale-after-free", "v4")]


@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.parametrize(
    ("scenario", "design"),
    [*slow_but(["init-on-free"], WORLDS), *(pytest.param(*each, marks=pytest.mark.long) for each in LARGE)],
)
def test_engines_agree(scenario: str, design: str) -> None:
    """The python engine tells states apart by the fields that the compiler keeps."""
    world = World(MODEL, scenario, preset=design)
    wanted = [*MODEL.properties.values(), "deadlock"]
    with world:
        program = compile_program(world, wanted)
        compiled = native.explore(program, wanted, Limits())
    plain = python.explore(world, wanted, Limits(), project=program.pack)
    assert (compiled.states, compiled.transitions, compiled.depth) == (
        plain.states,
        plain.transitions,
        plain.depth,
    )
    lengths = [{name: found.depth for name, found in each.violations.items()} for each in (compiled, plain)]
    assert lengths[0] == lengths[1]
