"""The gate: on every generated program both engines find the same.

States, transitions, depth, verdicts and lengths are compared. The python engine runs unsliced and tells
states apart by all locals; its states, packed by the compiler's layout, must be exactly the native engine's.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, reject, settings
from hypothesis.strategies import SearchStrategy

from checker.compiler import Program, compile_program
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.language import World, model_of
from checker.language.errors import CheckerError

from .programs import models

STATES = 2500  # of the unsliced search; larger ones are not worth their time

_numbers = itertools.count()


def load(text: str, folder: str) -> ModuleType:
    name = f"drawn_{next(_numbers)}"
    file = Path(folder) / f"{name}.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def lengths(outcome: Any) -> dict[str, int]:
    return {name: violation.depth for name, violation in outcome.violations.items()}


def agree(world: World, properties: list[Any], limit: int = STATES) -> bool:
    """Compare both engines; False if the search is too large to be compared."""
    unsliced = reference.Search(world, properties, Limits(max_states=limit, keep_going=True), full=True)
    outcome = unsliced.run()
    if outcome.ended is not None:
        return False
    program = compile_program(world, properties)
    found = native.explore(program, (), Limits())  # wants nothing, so it goes on to the end
    projected = project(program, world, unsliced)
    with native.reachable_words(program) as levels:
        compiled = {words for level in levels for words in level}
    assert projected == compiled
    sliced = reference.explore(world, properties, Limits(keep_going=True), project=program.pack)
    assert (found.states, found.transitions, found.depth) == (sliced.states, sliced.transitions, sliced.depth)
    verdicts = {**lengths(native.explore(program, None, Limits())), **lengths(found)}
    expected = lengths(outcome)
    kept = {
        name for name in expected if not name.startswith("model error")
    }  # ranges of sliced fields are not checked
    assert {name: verdicts.get(name) for name in kept} == {name: expected[name] for name in kept}
    assert set(verdicts) <= set(expected)
    for name in program.conditions.keys() - set(verdicts):  # of a violated one the reference stops counting
        assert found.exercised(name) == outcome.exercised(name)
    return True


def project(program: Program, world: World, search: Any) -> set[tuple[int, ...]]:
    members = [actor.member for actor in world.actors]
    return {
        program.pack(node.snapshot, dict(zip(members, node.positions, strict=True)), node.once)
        for node in search.nodes
    }


GENERATED: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
}
UNSHRUNK: dict[str, Any] = {
    **GENERATED,
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}  # a program is compiled each time


def generated(examples: int, test: Callable[..., None], *drawn: SearchStrategy[Any]) -> None:
    """The same ones each time."""
    settings(max_examples=examples, **UNSHRUNK)(given(*drawn)(test))()


def numbers(few: int, some: int, many: int) -> list[Any]:
    """How many programs are generated each time, in CI, and where there is time."""
    return [few, pytest.param(some, marks=pytest.mark.slow), pytest.param(many, marks=pytest.mark.long)]


@pytest.mark.parametrize("examples", numbers(5, 15, 160))
def test_engines_agree_on_generated_programs(examples: int) -> None:
    generated(examples, compare, models())


def compare(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        module = load(text, folder)
        model = model_of(module.K)
        try:
            world = World(model, "drawn")
            properties = [*model.properties.values(), "deadlock"]
            compile_program(world, properties)
        except CheckerError as refused:
            if "may come after a write of its block" in str(refused):  # drawn in an order that there is not
                reject()
            raise AssertionError(f"refused: {refused}\n{text}") from refused
        assume(agree(world, properties))
