"""Bounds, switches, scenarios and the registry."""

from __future__ import annotations

from typing import Any

import pytest

from checker.language import (
    Index,
    Scenario,
    Steps,
    World,
    action,
    invariant,
    model_of,
    operation,
    state,
    switch,
    switches,
)
from checker.language.bounds import bounds, defaults_of
from checker.language.errors import (
    CheckerError,
    DuplicateName,
    OutsideWorld,
    TypeRefused,
    UnknownName,
    WrongActor,
    shown_path,
)
from checker.language.patches import presets_of

from .models import Bounds, Callers, Cpu, Design, Kernel, Page, nothing


def test_the_value_in_force() -> None:
    with World(Kernel, bounds={"cpus": 5}, design={"scrub": False}):
        assert (Bounds.cpus, Bounds.pages, Design.scrub, Design.callers) == (5, 2, False, Callers.POSTED)
        with World(Kernel, preset="old"):
            assert (Bounds.cpus, Design.scrub) == (2, False)
        assert Bounds.cpus == 5
    with pytest.raises(OutsideWorld):
        Bounds.cpus  # noqa: B018


def test_they_are_frozen_dataclasses() -> None:
    values = Bounds(cpus=3)
    assert (values.cpus, values.pages) == (3, 2) and values == Bounds(3, 2)
    with pytest.raises(AttributeError):
        values.cpus = 4  # type: ignore[misc]
    assert presets_of(Design) == {"old": {"scrub": False}, "new": {}}


def test_given_values_win_over_the_scenario_and_that_over_the_preset() -> None:
    @state(bounds=Bounds, design=Design)
    class Small:
        flag: bool

    Scenario("small", state=Small, bounds={"cpus": 3}, design={"scrub": True})
    world = World(Small, "small", preset="old")
    assert (world.bounds, world.design["scrub"]) == ({"cpus": 3, "pages": 2}, True)
    world = World(Small, "small", bounds={"cpus": 1}, design={"scrub": False})
    assert (world.bounds["cpus"], world.design["scrub"]) == (1, False)


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"bounds": {"cpu": 1}}, "no bound `cpu` (did you mean `cpus`?)"),
        ({"bounds": {"cpus": "2"}}, "'2' is not of the type"),
        ({"bounds": {"cpus": -1}}, "-1 is not"),
        ({"bounds": {"cpus": True}}, "True is not"),
        ({"design": {"scrab": True}}, "did you mean `scrub`"),
        ({"design": {"scrub": 1}}, "1 is not of the type"),
        ({"design": {"callers": True}}, "True is not of the type"),
        ({"preset": "odl"}, "did you mean `old`"),
        ({"scenario": "defualt"}, "no scenario `defualt`"),
    ],
)
def test_wrong_requests(keywords: dict[str, Any], says: str) -> None:
    with pytest.raises(CheckerError) as caught:
        World(Kernel, **keywords)
    assert says in caught.value.text


def test_switches_without_presets_need_no_parentheses() -> None:
    @switches
    class Plain:
        scrub: bool = True

    assert defaults_of(Plain) == {"scrub": True} and presets_of(Plain) == {}


def test_wrong_bounds_and_switches() -> None:
    with pytest.raises(TypeRefused, match="needs a default"):

        @bounds
        class A:
            n: int

    with pytest.raises(TypeRefused, match="a bool or a member"):

        @switches()
        class B:
            n: int = switch(3, "")

    with pytest.raises(UnknownName, match="did you mean `scrub`"):

        @switches(presets={"v1": {"scrab": True}})
        class C:
            scrub: bool = switch(False, "")


class Walker(Index, size=3):
    """An actor."""


def walking() -> tuple[Any, Any, Any]:
    """A state with one operation and one action."""

    @state
    class Path:
        open: bool

    @operation(Walker)
    def walk(k: Path, me: Walker) -> Steps:
        yield

    @action
    def close(k: Path) -> None:
        k.open = False

    return Path, walk, close


def test_without_a_scenario_everything_may_happen() -> None:
    Path, walk, close = walking()
    world = World(Path)
    assert [(actor.member, actor.operations) for actor in world.actors] == [
        (walker, (walk,)) for walker in [Walker[0], Walker[1], Walker[2]]
    ]
    assert world.actions == [close] and list(model_of(Path).scenarios) == ["default"]


def test_runs_and_once() -> None:
    Path, walk, _ = walking()
    Scenario("some", runs={Walker[2]: [walk]}, once={Walker[0]: [walk], Walker[2]: [walk]}, actions=[])
    world = World(Path, "some")
    assert [(a.member, a.operations, a.once) for a in world.actors] == [
        (Walker[0], (), (walk,)),
        (Walker[2], (walk,), (walk,)),
    ]
    assert world.actions == [] and "default" not in model_of(Path).scenarios


def test_wrong_scenarios() -> None:
    Path, walk, close = walking()
    with pytest.raises(WrongActor, match="walk is an operation of Walker, not of Cpu"):
        Scenario("a", runs={Cpu: [walk]})
    with pytest.raises(CheckerError, match="not an @operation"):
        Scenario("a", runs={Walker: [close]})
    with pytest.raises(CheckerError, match="not an @action"):
        Scenario("a", actions=[walk])
    Scenario("far", runs={Walker[7]: [walk]})
    with pytest.raises(CheckerError, match="walker7 is out of range"):
        World(Path, "far").actors  # noqa: B018
    Scenario("far", runs={Walker: [walk]})
    with pytest.raises(DuplicateName, match="two scenarios `far`"):
        model_of(Path)
    Scenario("nothing", actions=[])
    with pytest.raises(TypeRefused, match="give state="):
        model_of(Path)


def test_replacing_an_operation() -> None:
    Path, walk, _ = walking()

    @operation(Walker, replaces=walk)
    def stroll(k: Path, me: Walker) -> Steps:
        yield from walk(k, me)

    Scenario("walking", runs={Walker: [walk]})
    assert World(Path, "walking").operations == [stroll]
    assert model_of(Path).current_operations == [stroll]


def test_duplicates_are_refused() -> None:
    Path, walk, _ = walking()

    operation(Walker)(walk.function)
    with pytest.raises(DuplicateName, match="two declarations `walk`"):
        model_of(Path)


def test_what_is_declared_about_no_state_is_said_once() -> None:
    @invariant
    def odd(k: Kernal) -> bool:  # type: ignore[name-defined]  # noqa: F821
        return True

    with pytest.raises(UnknownName, match="did you mean `Kernel`") as caught:
        model_of(Kernel)
    assert caught.value.place.startswith(shown_path(__file__))
    assert model_of(Kernel).properties == {"nothing": nothing}

    @invariant
    def untyped(k):  # type: ignore[no-untyped-def]
        return True

    with pytest.raises(TypeRefused, match="has no type"):
        model_of(Kernel)

    @invariant
    def of_a_page(k: Page) -> bool:
        return True

    with pytest.raises(TypeRefused, match="must be of the @state class"):
        model_of(Kernel)


def test_properties() -> None:
    assert (nothing.kind, nothing.rung, nothing.severity, nothing.name) == (
        "invariant",
        "latent",
        "leak",
        "nothing",
    )
    with pytest.raises(CheckerError, match="did you mean `latent`"):
        invariant(rung="latnt")(lambda k: True)
