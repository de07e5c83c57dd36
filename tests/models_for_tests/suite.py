"""A user's test suite: a model of a lock, its properties, and the tests of both, in one file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from checker.language import (
    Array,
    Index,
    Range,
    Scenario,
    Steps,
    always_possible,
    bounds,
    invariant,
    operation,
    reachable,
    running,
    state,
    switch,
    switches,
)
from checker.testing import Schedule, assert_holds, assert_violated, schedules, states


@bounds
class Bounds:
    tasks: int = 2
    most: int = 3


@switches(presets={"racy": {"atomic": False}, "fixed": {}}, default="fixed")
class Design:
    atomic: bool = switch(True, "test and set are one step")


class Task(Index, size="tasks"): ...


@state(bounds=Bounds, design=Design)
class Kernel:
    locked: bool
    inside: Array[Task, bool]
    entries: Range(0, "most")


@operation(Task)
def critical_section(k: Kernel, me: Task) -> Steps:
    yield
    while k.locked:
        yield
    if not Design.atomic:
        yield
    k.locked = True
    k.inside[me] = True
    k.entries = min(k.entries + 1, Bounds.most)
    yield
    assert k.inside[me], "somebody else has put it out"
    k.inside[me] = False
    k.locked = False


two = Scenario("two", "two tasks", runs={Task: [critical_section]})
six = Scenario("six", "six tasks", runs={Task: [critical_section]}, bounds={"tasks": 6}, listed=False)


@invariant(severity="corruption", says="{one} and {other} are both inside")
def alone(k: Kernel) -> bool:
    """Only one task is inside."""
    return not any(k.inside[one] and k.inside[other] for one in Task for other in Task if one < other)


@invariant
def inside_means_running(k: Kernel) -> bool:
    return all(running(t, critical_section) for t in Task if k.inside[t])


@reachable
def busy(k: Kernel) -> bool:
    return k.entries == Bounds.most


@always_possible
def free_again(k: Kernel) -> bool:
    return not k.locked


def test_it_holds() -> None:
    assert_holds(alone, inside_means_running, busy, free_again, "deadlock")


def test_it_holds_for_more_tasks() -> None:
    assert_holds(alone, scenario=six, engine="native")


def test_the_race_is_found() -> None:
    found = assert_violated(alone, design="racy")
    assert found.trace is not None and len(found.trace.steps) == 6
    assert found.trace.sentence == "task0 and task1 are both inside"
    assert_violated("alone", scenario=two, switches={"atomic": False}, engine="python")


@given(states(Kernel, bounds={"tasks": 3}))
def test_what_alone_says(k: Kernel) -> None:
    assert alone(k) == (sum(k.inside[t] for t in Task) <= 1)
    assert not running(Task(2)) and k.entries in range(Bounds.most + 1)


@settings(deadline=None)
@given(schedules(six, steps=12))
def test_on_the_way(run: Schedule) -> None:
    assert len(list(run.states)) <= 13
    assert all(alone(k) and inside_means_running(k) for k in run.states)


@pytest.mark.xfail(strict=True, raises=AssertionError)
@settings(deadline=None, derandomize=True, max_examples=2000, database=None)
@given(schedules(two, design="racy"))
def test_a_race_on_the_way(run: Schedule) -> None:
    assert alone(run.state)
