"""The gate for mutants: in one program with all the others, and alone as changed Python, each is the same."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from checker.compiler import compile_program
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.language import World, model_of
from checker.mutation.functions import Chosen, Functions
from checker.mutation.preparing import Numbers, Prepared, prepared
from checker.request import Wanted

from .programs import models
from .test_gate import generated, lengths, load, numbers

STATES = 1200  # of the unsliced search; larger ones are not worth their time
TRIED = 4  # mutants of each program: each of them alone is compiled too
ALL = Limits(keep_going=True)


def prepare(world: World) -> Prepared:
    wanted = [Wanted(name, each) for name, each in world.model.properties.items()]
    wanted.append(Wanted("deadlock", None))
    functions = Functions.of(world, wanted)
    return prepared(world, wanted, functions, Chosen((), True, False), Numbers())


def seen(outcome: Any) -> dict[str, int]:
    """Without model errors: a slice leaves some out, and the slice for all mutants keeps more."""
    found = {**lengths(outcome), **{name: each.depth for name, each in outcome.reached.items()}}
    return {name: depth for name, depth in found.items() if not name.startswith("model error")}


def of_variant(made: Prepared, number: int) -> Any:
    with native.Run(made.program, None, ALL, quick=True) as run:
        run.choose(number)
        run.go(None)
        return run.outcome()


def agree(made: Prepared, number: int) -> bool:
    """One mutant, three ways; False if it is too large to be compared."""
    properties = [*made.world.model.properties.values(), "deadlock"]
    with made.alone(number):
        expected = reference.explore(made.world, properties, Limits(max_states=STATES, keep_going=True))
        if expected.ended is not None or any(name.startswith("model error") for name in expected.violations):
            return False
        alone = native.explore(compile_program(made.world, properties), None, ALL)
    assert seen(alone) == seen(expected)
    if number not in made.own:
        assert seen(of_variant(made, number)) == seen(expected)
    return True


def agree_as_it_stands(made: Prepared) -> None:
    """The common program without a change is the model, but for model errors in fields that only it keeps."""
    plain = native.explore(
        compile_program(made.world, [*made.world.model.properties.values(), "deadlock"]), None, ALL
    )
    common = of_variant(made, 0)
    if not any(name.startswith("model error") for name in (*plain.violations, *common.violations)):
        assert seen(common) == seen(plain)


def compare(text: str, drawn: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        module = load(text, folder)
        made = prepare(World(model_of(module.K), "drawn"))
        living = [number for number in made.here if number not in made.stillborn]
        assume(living)
        numbers = dict.fromkeys(living[each % len(living)] for each in drawn)
        agree_as_it_stands(made)
        compared = [agree(made, number) for number in numbers]
        assume(any(compared))


DRAWN = st.lists(st.integers(0, 997), min_size=TRIED, max_size=TRIED)


@pytest.mark.parametrize("examples", numbers(2, 6, 60))
def test_mutants_in_one_program_are_those_alone(examples: int) -> None:
    generated(examples, compare, models(), DRAWN)
