"""The gate of reductions on the Linux model: in each small scenario the same answers, from fewer states."""

from __future__ import annotations

from typing import Any

import pytest

from checker.compiler import compile_program
from checker.compiler.program import Program
from checker.engines import native
from checker.engines.outcome import Limits
from checker.engines.replaying import replay
from checker.language import Scenario, World, model_of
from checker.language.steps import Action, Operation
from model.callers import alloc_raw_page, evict, populate, write_file
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
        alike([alloc_raw_page, evict], [fill_direct]),
        pytest.param(alike([populate, evict], [fill_mermap]), marks=pytest.mark.slow),
        pytest.param(alike([write_file, evict], [fill_direct, fill_mermap]), marks=pytest.mark.slow),
        pytest.param(
            alike([alloc_raw_page], [fill_direct], cpus=3, tasks=3, pages=1), marks=pytest.mark.slow
        ),
    ],
    ids=["pages", "mermap", "files", "three"],
)
@pytest.mark.parametrize("preset", ["v4", pytest.param("v2", marks=pytest.mark.slow)])
def test_the_same_answers_of_cpus_that_are_alike(scenario: Scenario, preset: str) -> None:
    program = same_answers(World(model_of(Kernel), scenario, preset=preset))
    assert program.statistics["interchangeable"][0].endswith(" with Cpu")


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
