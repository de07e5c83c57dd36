"""One search of one scenario, by the native engine where there is a C compiler."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pytest

import properties  # noqa: F401  (declares them)
from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.outcome import Limits, Outcome
from checker.language import World, model_of
from checker.language.properties import Property
from model.kernel import Kernel

MODEL = model_of(Kernel)
DEFAULT = [scenario.name for scenario in MODEL.scenarios.values() if scenario.default]


@functools.cache
def has_compiler() -> bool:
    """Is there a C compiler for the native engine?"""
    return native.find_compiler() is not None


def applies(found: Property, scenario: str) -> bool:
    """Is the property claimed of that scenario?"""
    return found.scenarios is None or scenario in found.scenarios


def search(
    scenario: str,
    design: str,
    switches: Mapping[str, object] | None = None,
    bounds: Mapping[str, int] | None = None,
    engine: str = "native",
    states: int | None = None,
) -> Outcome:
    """Everything about all properties and deadlock; of very large scenarios the first `states`."""
    world = World(MODEL, scenario, preset=design, design=switches, bounds=bounds)
    wanted = [*(found for found in MODEL.properties.values() if applies(found, scenario)), "deadlock"]
    if engine == "python" or not has_compiler():
        return python.explore(world, wanted, Limits(max_states=states))
    with world:
        program = compile_program(world, wanted)
        return native.explore(program, wanted, Limits(max_states=states))


def violated(
    scenario: str,
    design: str,
    switches: Mapping[str, object] | None = None,
    bounds: Mapping[str, int] | None = None,
    engine: str = "native",
) -> set[str]:
    """The names of the properties that are found not to hold, of the first states if they are many; of
    deadlocks just "deadlock".
    """
    outcome = search(scenario, design, switches, bounds, engine, states=300_000)
    return {name.partition(":")[0] for name in outcome.violations}


def shortest(
    name: str, scenario: str, design: str, switches: Mapping[str, object] | None = None
) -> int | None:
    """The steps of the shortest violation of one property, or deadlock; None if every state was visited
    without one.
    """
    return steps_to([name], scenario, design, switches)[name]


def steps_to(
    names: Collection[str], scenario: str, design: str, switches: Mapping[str, object] | None = None
) -> dict[str, int | None]:
    """The same of several properties of one world, by one search."""
    world = World(MODEL, scenario, preset=design, design=switches)
    wanted = ["deadlock" if name == "deadlock" else MODEL.properties[name] for name in names]
    if has_compiler():
        with world:
            program = compile_program(world, wanted)
            outcome = native.explore(program, wanted)
    else:
        outcome = python.explore(world, wanted)
    lengths: dict[str, list[int]] = {name: [] for name in names}
    for each, violation in outcome.violations.items():
        lengths.setdefault(each.partition(":")[0], []).append(len(violation.events))
    assert outcome.complete or all(lengths[name] for name in names), outcome.ended
    return {name: min(lengths[name], default=None) for name in names}


def by_world(
    rows: Iterable[tuple[str, str, str, int | None]], quick: Collection[tuple[str, str]]
) -> list[Any]:
    """(property, scenario, design, steps): what is asked of one world is one case, and those that are not
    `quick` are slow: (scenario, design, the steps to each property).
    """
    worlds: dict[tuple[str, str], dict[str, int | None]] = {}
    for name, scenario, design, steps in rows:
        worlds.setdefault((scenario, design), {})[name] = steps
    return slow_but(quick, ((*world, found) for world, found in worlds.items()))


def slow_but(quick: Collection[Any], cases: Iterable[Sequence[Any]]) -> list[Any]:
    """All cases are slow but those that begin as one of `quick` does."""
    begins = [each if isinstance(each, tuple) else (each,) for each in quick]
    cases = [tuple(case) for case in cases]
    assert all(any(case[: len(each)] == each for case in cases) for each in begins)
    return [
        pytest.param(*case, marks=[pytest.mark.slow] * all(case[: len(each)] != each for each in begins))
        for case in cases
    ]
