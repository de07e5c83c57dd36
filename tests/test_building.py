"""What is compiled together."""

from __future__ import annotations

from checker.building import with_companions
from checker.language import Index, Steps, invariant, operation, state
from checker.language.model import model_of
from checker.request import Wanted


class Task(Index, size=1): ...


@state
class Kernel:
    held: bool


@operation(Task)
def take(k: Kernel, me: Task) -> Steps:
    k.held = True
    yield


def somebody_holds(k: Kernel) -> bool:
    return k.held


@invariant(witness=somebody_holds)
def first(k: Kernel) -> bool:
    return True


@invariant(witness=somebody_holds)
def second(k: Kernel) -> bool:
    return k.held or not k.held


def test_a_witness_of_two_properties_is_one() -> None:
    wanted = [Wanted(each.name, each) for each in model_of(Kernel).properties.values()]
    assert [each.name for each in with_companions(wanted)] == ["first", "second", "somebody_holds"]
