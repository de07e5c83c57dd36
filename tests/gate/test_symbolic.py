"""The symbolic engine finds every violation of at most 8 steps that the native one finds, in as many steps."""

from __future__ import annotations

import itertools
import tempfile
from typing import Any

import pytest
from hypothesis import assume

from checker.compiler import compile_program
from checker.engines import native, python, symbolic
from checker.engines.compilers import find_compiler
from checker.engines.outcome import DEPTH, Limits
from checker.language import World, model_of

from .programs import models
from .test_gate import generated, load

STEPS = 8
NOT_BOUNDED = ("deadlock", "always possible")
pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")


def lengths(outcome: Any) -> dict[str, int]:
    """Steps to each violation that a bounded search can find, and to what is to be reached."""
    found = [each for each in outcome.violations.values() if each.kind not in NOT_BOUNDED]
    return {
        each.property: len(each.events)
        for each in itertools.chain(found, outcome.reached.values())
        if len(each.events) <= STEPS
    }


def agree(world: World, properties: list[Any]) -> bool:
    """Compare both engines; False if it was too deep for z3."""
    with world:
        program = compile_program(world, properties)
    expected = {
        **lengths(native.explore(program, None, Limits())),
        **lengths(native.explore(program, (), Limits())),
    }
    limits = Limits(max_depth=STEPS + 1, seconds=40, keep_going=True)
    found = symbolic.explore(world, properties, limits)
    if found.ended not in (None, DEPTH):
        return False
    assert lengths(found) == expected
    for violation in found.violations.values():
        assert violation.depth == len(violation.events) + 1
        replayed = python.replay(world, violation, properties)
        assert replayed.agrees, replayed.why
    for name in found.proved:
        assert name not in expected
    return True


@pytest.mark.parametrize("examples", [6, pytest.param(25, marks=pytest.mark.slow)])
def test_agreement_on_generated_programs(examples: int) -> None:
    generated(examples, compare, models())


def compare(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(load(text, folder).K)
        assume(agree(World(model, "drawn"), list(model.properties.values())))
