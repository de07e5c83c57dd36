"""One search of one scenario, by the native engine where there is a C compiler."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import properties  # noqa: F401  (declares them)
from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.outcome import Limits, Outcome
from checker.language import World, model_of
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


def search(
    scenario: str,
    design: str,
    switches: Mapping[str, object] | None = None,
    bounds: Mapping[str, int] | None = None,
    engine: str = "native",
) -> Outcome:
    """Everything about all properties and deadlock."""
    world = World(MODEL, scenario, preset=design, design=switches, bounds=bounds)
    wanted = [*MODEL.properties.values(), "deadlock"]
    if engine == "python" or not has_compiler():
        return python.explore(world, wanted, Limits())
    with world:
        return native.explore(compile_program(world, wanted), wanted, Limits())


def violated(
    scenario: str,
    design: str,
    switches: Mapping[str, object] | None = None,
    bounds: Mapping[str, int] | None = None,
    engine: str = "native",
) -> set[str]:
    """The names of the properties that do not hold; of deadlocks just "deadlock"."""
    outcome = search(scenario, design, switches, bounds, engine)
    return {name.partition(":")[0] for name in outcome.violations}
