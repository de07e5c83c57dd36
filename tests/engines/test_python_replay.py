"""A counterexample is run again, step by step; one that does not fit is not agreed to."""

from __future__ import annotations

import pytest
import task_models as m
from task_models import Locks, Task

from checker.engines import python
from checker.engines.outcome import Event, Limits
from checker.language import World
from checker.language.errors import CheckerError
from checker.language.properties import DEADLOCK


def test_replay_of_a_deadlock() -> None:
    world = World(Locks, "two-orders")
    found = python.explore(world, [DEADLOCK]).violations["deadlock"]
    replay = python.replay(world, found)
    assert replay.agrees and [step.event for step in replay.steps] == found.events
    last = [step for step in replay.steps if step.event.name == "forwards"][-1]
    assert last.entered == ("take",) and last.calls[-1].endswith("lock1)")
    assert [each.function for each in last.chain_after] == ["forwards", "take"]
    assert last.chain_before[-1].line == last.chain_after[-1].line == last.line
    assert last.changes == (("lock[0].owner", None, last.event.actor),)
    assert last.stops == (m.__file__, last.chain_after[-1].line) and last.function == "take"


def test_replay_of_every_kind() -> None:
    for scenario, properties in [
        ("careless", [DEADLOCK]),
        ("overflow", []),
        ("spins", []),
        ("count", [m.at_most_two, m.counts_by_one, m.can_be_zero, DEADLOCK, m.counted_to_two]),
        ("chosen-start", [m.at_most_two]),
    ]:
        world = World(Locks, scenario)
        outcome = python.explore(world, properties, Limits(keep_going=True))
        found = [*outcome.violations.values(), *outcome.reached.values()]
        assert found
        for each in found:
            replay = python.replay(world, each)
            assert replay.agrees, (each.property, replay.why)
            assert len(replay.steps) == len(each.events)


def test_replay_shows_choices_and_assumptions() -> None:
    world = World(Locks, "choices")
    start = world.initial_states()[0]
    (step,) = python.replay_events(world, start, [Event("start", Task[0], "chooses", (), (1, 2))])
    assert step.chosen == (True, 2) and step.assumed == ("read nowhere",)
    assert step.entered == ("helper",) and step.calls == ("helper(<Locks>)",)
    assert step.changes == (("counter", 0, 2),)
    assert (step.file, step.line) == (m.__file__, m.chooses.line)
    assert {line for _, line in step.lines} >= {m.chooses.line + 2, m.helper.__code__.co_firstlineno + 2}


@pytest.mark.parametrize(
    ("scenario", "event", "why"),
    [
        ("choices", Event("start", Task[0], "choses"), "no `choses`"),
        ("choices", Event("resume", Task[0], "chooses"), "is idle"),
        ("choices", Event("start", Task[1], "chooses"), "runs nothing"),
        ("choices", Event("start", Task[0], "chooses", (), (0, 2)), "choices were"),
        ("choices", Event("start", Task[0], "chooses", (), (1,)), "choices were"),
        ("count", Event("action", None, "raise_flag"), "no `raise_flag`"),
    ],
)
def test_a_trace_that_does_not_fit(scenario: str, event: Event, why: str) -> None:
    world = World(Locks, scenario)
    with pytest.raises(CheckerError, match=why):
        python.replay_events(world, world.initial_states()[0], [event])


def test_a_wrong_violation_is_not_agreed_to() -> None:
    from dataclasses import replace

    world = World(Locks, "count")
    found = python.explore(world, [m.at_most_two]).violations["at_most_two"]
    short = replace(found, events=found.events[:-1])
    assert not python.replay(world, short).agrees
    assert python.replay(world, short).why == "at_most_two holds there"
    other = World(Locks, "overflow")
    error = next(iter(python.explore(other).violations.values()))
    assert (
        python.replay(other, replace(error, events=error.events[:-1])).why == "the last block does not fail"
    )
