"""What the python engine refuses, and where it says that it is."""

from __future__ import annotations

import pytest
import task_models as m
from python_searches import HERE, explore
from task_models import Task

from checker.engines import python
from checker.language import Steps, World, enabled, operation, state
from checker.language.errors import CheckerError, ModelError, NotAPredicate, UnsupportedConstruct


def test_a_predicate_that_is_not_one() -> None:
    with pytest.raises(NotAPredicate, match="not_a_bool") as caught:
        explore("count", m.not_a_bool)
    assert caught.value.place.startswith(f"{HERE}:")
    with pytest.raises(NotAPredicate, match=r"and_of_an_int.*`k.counter` is 0") as caught:
        explore("count", m.and_of_an_int)
    assert caught.value.formatted().splitlines()[-2].endswith("^^^^^^^^^")


def test_mistakes_in_predicates() -> None:
    with pytest.raises(ModelError, match=r"property out_of_range: Lock\(2\) is out of range") as caught:
        explore("count", m.out_of_range)
    assert caught.value.place.startswith(f"{HERE}:")
    assert caught.value.formatted().splitlines()[2].strip() == "^" * len("Lock(k.counter + 2)")
    with pytest.raises(ModelError, match=r"property writes: .*must not change"):
        explore("count", m.writes)


def test_a_local_that_cannot_be_compared() -> None:
    @state
    class Path:
        flag: bool

    class Thing:
        pass

    @operation(Task)
    def holds(k: Path, me: Task) -> Steps:
        thing = Thing()
        yield
        assert thing is not None

    with pytest.raises(UnsupportedConstruct, match="holds: thing holds a Thing across a yield"):
        python.explore(World(Path))


def test_a_yield_of_a_value() -> None:
    @state
    class Path:
        flag: bool

    @operation(Task)
    def gives(k: Path, me: Task) -> Steps:
        yield me

    with pytest.raises(UnsupportedConstruct, match="gives: `yield task0`"):
        python.explore(World(Path))


def test_enabled_must_be_a_bool() -> None:
    @state
    class Path:
        turn: Task

    @operation(Task)
    def steps(k: Path, me: Task) -> Steps:
        yield

    @enabled(Task)
    def odd(k: Path, me: Task) -> bool:
        return k.turn  # type: ignore[return-value]

    with pytest.raises(CheckerError, match="@enabled odd returned task0"):
        python.explore(World(Path))
