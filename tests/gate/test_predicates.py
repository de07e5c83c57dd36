"""The gate of reductions for properties that nobody has thought of: drawn over the Linux model's state."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import properties  # noqa: F401  (of the model, so that it is complete)
from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.engines.replaying import replay
from checker.language import World, model_of
from checker.language.properties import Property
from model.kernel import Kernel

from .predicates import Place, classes, places, predicates
from .test_gate import load, numbers

STATES = 50_000  # of a search that is not reduced; what is larger is left out
SCENARIOS = (
    "mermap",
    "flip",
    "flip-failure",
    "two-address-spaces",
    "stale-after-free",
    "pcplists",
    "no-slot",
)
PRESETS = ("v1", "v2", "v4", "proposed")


@pytest.mark.parametrize("examples", numbers(2, 12, 200))
def test_drawn_properties(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data(), st.sampled_from(SCENARIOS), st.sampled_from(PRESETS))
    def run(data: st.DataObject, scenario: str, preset: str) -> None:
        world = World(model_of(Kernel), scenario, preset=preset)
        same_answers(world, *data.draw(predicates(moving(world))))

    run()


def moving(world: World) -> list[Place]:
    """The places that change in this world."""
    constant = set(compile_program(world, []).statistics["constant fields"])
    return [each for each in places(world.state_type) if each.name not in constant]


def same_answers(world: World, kind: str, source: str) -> None:
    named = sorted({(each.__module__, each.__qualname__) for each in classes(world.state_type)})
    lines = [f"from {module} import {name}" for module, name in named]
    lines += ["from model.kernel import Kernel", source.replace("STATE", "Kernel")]
    with tempfile.TemporaryDirectory() as folder:
        claim = Property(load("\n".join(lines), folder).drawn, {}, kind)
        full = searched(world, claim, Limits(max_states=STATES, keep_going=True), reduced=False)
        if full.complete:
            compare(world, claim, full)


def compare(world: World, claim: Any, full: Outcome) -> None:
    reduced = searched(world, claim, Limits(keep_going=True), reduced=True)
    assert reduced.complete and reduced.states <= full.states
    assert reduced.violations.keys() == full.violations.keys()
    assert reduced.reached.keys() == full.reached.keys()
    if not full.violations and not full.reached:
        assert reduced.exercised(claim.name) == full.exercised(claim.name)
    for name, violation in reduced.violations.items():
        assert replay(world, violation, [claim]).agrees
        assert len(violation.events) >= len(full.violations[name].events)


def searched(world: World, claim: Any, limits: Limits, reduced: bool) -> Outcome:
    return native.explore(compile_program(world, [claim], reduced=reduced), None, limits)
