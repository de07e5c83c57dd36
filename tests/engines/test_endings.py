"""How a deadlock ends: the shortest way to where nothing new can happen."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from checker.engines import python
from checker.engines.endings import ending
from checker.engines.outcome import Violation
from checker.language.model import model_of
from checker.language.world import World
from checker.loading import load_file

MODELS = Path(__file__).parents[1] / "models_for_tests"


def found(name: str) -> tuple[World, Violation]:
    sys.modules.pop(name, None)
    module: ModuleType = load_file(str(MODELS / f"{name}.py"))
    world = World(model_of(module.Kernel if hasattr(module, "Kernel") else module.State))
    (violation,) = python.explore(world, ["deadlock"]).violations.values()
    return world, violation


def test_it_goes_on_to_the_wait_that_never_ends() -> None:
    world, violation = found("own_lock")
    assert len(violation.events) == 1
    more = ending(world, violation.initial, violation.events)
    assert [event.kind for event in more] == ["resume"] * 3
    assert ending(world, violation.initial, [*violation.events, *more]) == []


@pytest.mark.parametrize("name", ["two_locks", "irqs_off"])
def test_what_has_ended_already_has_no_ending(name: str) -> None:
    world, violation = found(name)
    assert ending(world, violation.initial, violation.events) == []


def test_where_too_much_can_follow_nothing_is_said() -> None:
    world, violation = found("own_lock")
    assert ending(world, violation.initial, violation.events, most_states=2) == []
