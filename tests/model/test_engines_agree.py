"""On the small scenarios both engines see the same states, transitions, depth and verdicts."""

from __future__ import annotations

import pytest
from searches import has_compiler, search

SMALL = [
    ("flip", "v4"), ("flip-failure", "proposed"), ("stale-after-free", "v4"), ("init-on-free", "v2"),
    ("map-back-failure", "v4"), ("removal-and-close", "proposed"), ("mermap-two-processes", "v2"),
]  # fmt: skip


@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.parametrize(("scenario", "design"), SMALL)
def test_engines_agree(scenario: str, design: str) -> None:
    native, python = (search(scenario, design, engine=engine) for engine in ("native", "python"))
    assert (native.states, native.transitions, native.depth) == (
        python.states,
        python.transitions,
        python.depth,
    )
    lengths = [{name: found.depth for name, found in each.violations.items()} for each in (native, python)]
    assert lengths[0] == lengths[1]
