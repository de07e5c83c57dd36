"""The gate of reductions on the Linux model: in each small scenario the same answers, from fewer states."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import properties  # noqa: F401  (declares them)
from checker.compiler import compile_program
from checker.compiler.program import Program
from checker.engines import native
from checker.engines.outcome import Limits
from checker.engines.replaying import replay
from checker.language import Scenario, World, model_of
from checker.language.steps import Action, Operation
from model.callers import alloc_raw_page, evict, populate
from model.hardware import SHOOTDOWN, fill_direct, fill_mermap
from model.kernel import Cpu, Kernel, Task

STATES = 100_000  # of a search that is not reduced; what is larger is left out
QUICK = {"mermap-error": [], "flip": [pytest.mark.slow]}
SCENARIOS = [pytest.param(name, marks=marks) for name, marks in QUICK.items()]
SCENARIOS += [
    pytest.param(name, marks=pytest.mark.long) for name in model_of(Kernel).scenarios if name not in QUICK
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_answers(scenario: str) -> None:
    same_answers(World(model_of(Kernel), scenario))


def alike(operations: list[Operation], actions: list[Action], **bounds: int) -> Scenario:
    return Scenario(
        "alike",
        "CPUs that run the same.",
        runs={Task: operations},
        actions=[*actions, *SHOOTDOWN],
        bounds=bounds,
        symmetric=[Cpu, Task],
        listed=False,
    )


@pytest.mark.parametrize(
    "scenario",
    [
        alike([alloc_raw_page, evict], [fill_direct], pages=1),
        pytest.param(alike([populate, evict], [fill_mermap], pages=1), marks=pytest.mark.slow),
        pytest.param(
            alike([alloc_raw_page], [fill_direct], cpus=3, tasks=3, pages=1), marks=pytest.mark.slow
        ),
    ],
    ids=["pages", "mermap", "three"],
)
@pytest.mark.parametrize("preset", ["v4", pytest.param("v2", marks=pytest.mark.slow)])
def test_the_same_answers_of_cpus_that_are_alike(scenario: Scenario, preset: str) -> None:
    program = same_answers(World(model_of(Kernel), scenario, preset=preset))
    assert program.statistics["interchangeable"][0].endswith(" with Cpu")


NOTE = Path(__file__).parent.parent.parent / "docs" / "design" / "symmetry.md"


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["three-cpus", "four-cpus"])
def test_the_figures_of_the_design_note(scenario: str) -> None:
    row = re.search(rf"\| {scenario} \|([\d, ]*)\|([\d, ]*)\|([\d, ]*)\|", NOTE.read_text())
    assert row is not None
    whole, _, both = (int(number.replace(",", "").strip() or 0) for number in row.groups())
    world = World(model_of(Kernel), scenario)
    claims = [world.model.properties["no_stale_tlb"]]
    assert states_of(compile_program(world, claims, reduced=True)) == both
    assert not whole or states_of(compile_program(world, claims)) == whole


def states_of(program: Program) -> int:
    outcome = native.explore(program, None, Limits(keep_going=True))
    assert outcome.complete
    return outcome.states


def same_answers(world: World) -> Program:
    model = world.model
    wanted: list[Any] = [*model.properties.values(), "deadlock"]
    limits = Limits(max_states=STATES, keep_going=True)
    full = native.explore(compile_program(world, wanted), None, limits)
    if not full.complete:
        pytest.skip(f"more than {STATES} states")
    program = compile_program(world, wanted, reduced=True)
    reduced = native.explore(program, None, Limits(keep_going=True))
    assert reduced.complete and reduced.states <= full.states
    assert (
        reduced.violations.keys() == full.violations.keys() and reduced.reached.keys() == full.reached.keys()
    )
    for name in full.conditions.keys() - full.violations.keys():
        assert reduced.exercised(name) == full.exercised(name)
    for name, violation in reduced.violations.items():
        assert replay(world, violation, list(model.properties.values())).agrees
        assert len(violation.events) >= len(full.violations[name].events)
    return program
