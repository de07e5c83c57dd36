"""choose, when, any_order, running, assumed: what may be written in a step."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from checker.language import ModelError, World, any_order, assumed, choose, operation, running, when
from checker.language.context import Chooser, Disabled, current
from checker.language.errors import CheckerError, UnsupportedConstruct
from checker.language.steps import action, assumed_texts
from checker.language.world import arguments

from .models import Cpu, Kernel, Kind, Page, take


def every(block: Callable[[], Any]) -> list[tuple[tuple[int, ...], Any]]:
    """What a block gives for each vector of choices."""
    found: list[tuple[tuple[int, ...], Any]] = []
    vector: tuple[int, ...] | None = ()
    try:
        while vector is not None:
            chooser = current.chooser = Chooser(vector)
            current.written = False
            with contextlib.suppress(Disabled):
                value = block()
                found.append((tuple(chooser.picks), value))
            vector = chooser.next_vector()
    finally:
        current.chooser = None
    return found


def taken(block: Callable[[], Any]) -> list[Any]:
    return [value for _, value in every(block)]


def test_candidates(k: Kernel) -> None:
    assert taken(lambda: choose(3, 1, 3)) == [3, 1, 3]
    assert taken(lambda: choose(Page)) == list(Page)
    assert taken(lambda: choose(Kind)) == [Kind.MAPPED, Kind.UNMAPPED]
    assert taken(lambda: choose(p for p in Page if int(p) % 2)) == [Page(1), Page(3)]
    assert taken(lambda: choose([Cpu(1), Cpu(0)])) == [Cpu(1), Cpu(0)]
    assert taken(lambda: choose({Page(3), Page(0), Page(2)})) == [Page(0), Page(2), Page(3)]
    assert taken(lambda: choose(range(3))) == [0, 1, 2]
    k.idle = {Cpu(1), Cpu(0)}
    assert taken(lambda: choose(k.idle)) == [Cpu(0), Cpu(1)]


def test_choice_vectors_count_like_an_odometer() -> None:
    def block() -> Any:
        first = choose("a", "b", "c")
        return first if first == "b" else (first, choose(1, 2))

    assert every(block) == [
        ((0, 0), ("a", 1)),
        ((0, 1), ("a", 2)),
        ((1,), "b"),
        ((2, 0), ("c", 1)),
        ((2, 1), ("c", 2)),
    ]


@pytest.mark.parametrize("wrong", [lambda: choose(Page(1)), lambda: choose(3), lambda: choose(None)])
def test_one_candidate_is_no_choice(k: Kernel, wrong: Callable[[], object]) -> None:
    with pytest.raises(ModelError, match="no choice"):
        every(wrong)


def test_choose_needs_a_run() -> None:
    with pytest.raises(CheckerError, match="outside"):
        choose(1, 2)


def test_nothing_to_choose_disables(k: Kernel) -> None:
    assert taken(lambda: choose(k.idle)) == []
    assert taken(lambda: when(False)) == [] and taken(lambda: when(True)) == [None]


def test_disabling_after_a_write_is_a_model_error(k: Kernel) -> None:
    def late(step: Callable[[], object]) -> Callable[[], object]:
        def block() -> object:
            k.count = 0  # writing the value that it has is writing
            return step()

        return block

    with pytest.raises(ModelError, match="after the block has changed"):
        every(late(lambda: choose(k.idle)))
    with pytest.raises(ModelError, match="after the block has changed"):
        every(late(lambda: when(False)))
    assert every(late(lambda: when(True)))


def test_when_takes_a_bool(k: Kernel) -> None:
    with pytest.raises(ModelError, match="takes a bool"):
        every(lambda: when(k.count))  # type: ignore[arg-type]


def test_any_order() -> None:
    orders = taken(lambda: tuple(any_order({3, 1, 2})))
    assert sorted(orders) == sorted([(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)])
    assert taken(lambda: tuple(any_order(set()))) == [()]


def test_running(k: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "operation_of", None)
    with pytest.raises(CheckerError, match="known in"):
        running(Cpu(0))
    monkeypatch.setattr(current, "operation_of", {Cpu(0): take, Cpu(1): None}.get)
    assert running(Cpu(0)) and running(Cpu(0), take) and not running(Cpu(1)) and not running(Cpu(1), take)


def test_assumed_is_noted() -> None:
    assumed_texts.clear()
    assumed("not read in the source")
    assert assumed_texts == ["not read in the source"]


def test_declared_parameters_and_arguments() -> None:
    world = World(Kernel)
    assert list(world.parameters(take)) == ["page", "quickly"]
    given = arguments(take, world)
    assert len(given) == 8 and given[:3] == [(Page[0], False), (Page[0], True), (Page[1], False)]
    assert (take.name, take.doc, take.actor) == ("take", "Take a page.", Cpu)
    assert take.line == take.function.__code__.co_firstlineno + 1  # below its decorator


def test_an_operation_stays_callable(k: Kernel) -> None:
    steps = take(k, Cpu(1), Page(2), False)
    next(steps)
    assert k.page[Page(2)].owner is Cpu(1)


def test_wrong_declarations() -> None:
    with pytest.raises(UnsupportedConstruct, match="no `yield`"):

        @operation(Cpu)
        def atomic(k: Kernel, me: Cpu) -> None: ...

    with pytest.raises(UnsupportedConstruct, match="has a `yield`"):

        @action(Cpu)
        def stepping(k: Kernel, me: Cpu) -> Any:
            yield

    with pytest.raises(CheckerError, match="needs 2 parameters"):

        @action(Cpu)
        def nobody(k: Kernel) -> None: ...

    with pytest.raises(CheckerError, match="takes the Index"):
        operation(Kind)  # type: ignore[arg-type]
