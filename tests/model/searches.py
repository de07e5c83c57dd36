"""One search of one scenario, by the native engine where there is a C compiler."""

from __future__ import annotations

import functools
from collections.abc import Mapping

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
    try:
        native.find_compiler()
    except native.NoCompiler:
        return False
    return True


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
    """The names of the properties that do not hold; of deadlocks just "deadlock"."""
    outcome = search(scenario, design, switches, bounds, engine, states=300_000)
    return {name.partition(":")[0] for name in outcome.violations}


def shortest(
    name: str, scenario: str, design: str, switches: Mapping[str, object] | None = None
) -> int | None:
    """The steps of the shortest violation of one property, or deadlock; None if every state was visited
    without one.
    """
    world = World(MODEL, scenario, preset=design, design=switches)
    wanted = ["deadlock" if name == "deadlock" else MODEL.properties[name]]
    if has_compiler():
        with world:
            program = compile_program(world, wanted)
            outcome = native.explore(program, wanted)
    else:
        outcome = python.explore(world, wanted)
    lengths = [len(v.events) for each, v in outcome.violations.items() if each.partition(":")[0] == name]
    if lengths:
        return min(lengths)
    assert outcome.complete, outcome.ended
    return None
