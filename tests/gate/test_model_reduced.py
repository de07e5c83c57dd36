"""The gate of reductions on the Linux model: in each small scenario the same answers, from fewer states."""

from __future__ import annotations

from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits
from checker.engines.replaying import replay
from checker.language import World, model_of
from model.kernel import Kernel

STATES = 100_000  # of a search that is not reduced; what is larger is left out
QUICK = {"mermap-error": [], "flip": [pytest.mark.slow]}
SCENARIOS = [pytest.param(name, marks=marks) for name, marks in QUICK.items()]
SCENARIOS += [
    pytest.param(name, marks=pytest.mark.long) for name in model_of(Kernel).scenarios if name not in QUICK
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_answers(scenario: str) -> None:
    model = model_of(Kernel)
    world = World(model, scenario)
    wanted: list[Any] = [*model.properties.values(), "deadlock"]
    limits = Limits(max_states=STATES, keep_going=True)
    full = native.explore(compile_program(world, wanted), None, limits)
    if not full.complete:
        pytest.skip(f"more than {STATES} states")
    reduced = native.explore(compile_program(world, wanted, reduced=True), None, Limits(keep_going=True))
    assert reduced.complete and reduced.states <= full.states
    assert (
        reduced.violations.keys() == full.violations.keys() and reduced.reached.keys() == full.reached.keys()
    )
    for name in full.conditions.keys() - full.violations.keys():
        assert reduced.exercised(name) == full.exercised(name)
    for name, violation in reduced.violations.items():
        assert replay(world, violation, list(model.properties.values())).agrees
        assert len(violation.events) >= len(full.violations[name].events)
