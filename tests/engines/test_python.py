"""The python engine: counts worked out by hand, what tells positions apart, limits and statistics."""

from __future__ import annotations

import time
from typing import Any

import pytest
import task_models as m
from python_searches import counts, explore
from task_models import Lock, Locks, Task

from checker.engines import python
from checker.engines.outcome import Event, Limits, Outcome, Progress
from checker.language import Index, Steps, World, enabled, operation, state
from checker.language.properties import DEADLOCK

# ---- counts --------------------------------------------------------------------------------------------


def walkers(actors: int, steps: int) -> Outcome:
    class Walker(Index, size=actors):
        pass

    @state
    class Path:
        flag: bool

    @operation(Walker)
    def walk(k: Path, me: Walker) -> Steps:
        for _ in range(steps):
            yield

    return python.explore(World(Path), [DEADLOCK])


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 5), (2, 3), (3, 3), (4, 1)])
def test_yields_in_a_loop(n: int, m: int) -> None:
    """Each actor is idle or at one of m yields, and has one step from everywhere."""
    outcome = walkers(n, m)
    assert counts(outcome) == ((m + 1) ** n, n * (m + 1) ** n, n * m + 1)
    assert not outcome.violations


def test_choices_are_transitions_of_their_own() -> None:
    """Not to count: 1 vector; to count: 3. Each ends in a state of its own, but "not" is counter 0 again.

    States: counter 0..2, idle or at the yield: 6. From each idle one 4 transitions, from the yield one: 15.
    """
    assert counts(explore("choices")) == (6, 15, 3)


def test_any_order_keeps_what_is_left() -> None:
    """Idle; at lock a with b left, or with none left: 5 states, 2 + 1 + 1 + 1 + 1 transitions."""
    assert counts(explore("any-order")) == (5, 6, 3)


def test_an_operation_that_waits_for_ever() -> None:
    """The server is idle or waits, the asker idle or at its yield, the flag up or down.

    Only a server that waits has ever lowered the flag, so with an idle one the asker is not at its yield with
    the flag down: 7 states. The server has a step when idle (3 states) or when the flag is up (2 more); the
    asker may end (3 states), or begin while the flag is down (2).
    """
    outcome = explore("server", DEADLOCK)
    assert counts(outcome) == (7, 10, 4)
    assert not outcome.violations


def test_several_initial_states() -> None:
    outcome = explore("chosen-start", m.at_most_two, m.counted_to_two)
    # counter 1 and 3 to begin with; `increment` reads 3 and cannot write 4: a model error, not a transition
    assert outcome.violations["at_most_two"].events == []
    assert outcome.violations["at_most_two"].depth == 1
    assert [event.kind for event in outcome.reached["counted_to_two"].events] == ["start", "resume"]
    assert {violation.kind for violation in outcome.violations.values()} == {"invariant", "model error"}


def test_an_action_only_scenario() -> None:
    """0 1 2 3 by steps of 1 and 2: 3 + 2 transitions; 3 has no successor."""
    outcome = explore("count", DEADLOCK)
    assert counts(outcome) == (4, 5, 3)
    assert [event.arguments for event in outcome.violations["deadlock"].events] in [
        [(1,), (2,)],
        [(2,), (1,)],
    ]


def test_an_actor_of_an_action_is_part_of_its_event() -> None:
    outcome = explore("flag")
    assert counts(outcome) == (2, 2, 2)


def test_projection() -> None:
    """States that the projection does not tell apart are one state."""
    outcome = explore("choices", project=lambda snapshot, positions, once: tuple(positions.values()))
    full = explore("choices")
    assert outcome.complete and 1 < outcome.states < full.states


def test_dead_locals_count_only_when_asked() -> None:
    @state
    class Path:
        flag: bool

    @operation(Task)
    def forgets(k: Path, me: Task, which: Lock) -> Steps:
        k.flag = int(which) == 0
        yield
        yield

    assert python.explore(World(Path)).states < python.explore(World(Path), full=True).states


# ---- references, running, enabled ----------------------------------------------------------------------


def test_references_live_across_a_yield() -> None:
    """Both start on the same holder, both count it up: the second one sees what the first one wrote."""
    outcome = explore("references")
    assert outcome.complete and not outcome.violations
    flagged = [node for node in search("references").nodes if node.snapshot[5]]
    assert flagged


def search(scenario: str, *properties: Any) -> python.Search:
    made = python.Search(World(Locks, scenario), properties)
    made.run()
    return made


def test_running_tells_who_is_inside() -> None:
    nodes = search("notices").nodes
    assert {node.snapshot[5] for node in nodes if all(node.positions)} == {True}
    outcome = explore("lost-update", m.asks_who_runs)
    assert len(outcome.violations["asks_who_runs"].events) == 2


def test_enabled_governs_every_block() -> None:
    @state
    class Path:
        turn: Task

    @operation(Task)
    def steps(k: Path, me: Task) -> Steps:
        yield
        k.turn = Task(1 - int(me))

    @enabled(Task)
    def has_its_turn(k: Path, me: Task) -> bool:
        return k.turn is me

    outcome = python.explore(World(Path), [DEADLOCK])
    assert counts(outcome) == (4, 4, 4) and not outcome.violations


# ---- what tells positions apart ------------------------------------------------------------------------


def test_of_any_order_what_is_left_says_where_the_loop_stands() -> None:
    """Nothing reads the variable after the yield: idle, either lock left or none is all there is to tell."""

    @state
    class Path:
        flag: bool

    @operation(Task)
    def visits(k: Path, me: Task) -> Steps:
        for _ in m.any_order(set(Lock)):
            yield

    assert counts(python.explore(World(Path)))[0] == 4**2


def test_true_is_not_one() -> None:
    @state
    class Path:
        flag: bool

    @operation(Task)
    def holds(k: Path, me: Task) -> Steps:
        value = m.choose(1, True)
        yield
        k.flag = value is True

    assert counts(python.explore(World(Path)))[0] == 3 * 3 * 2


def test_an_inner_loop_counts_its_rounds_anew() -> None:
    """2 * 3,000 rounds of the inner loop are two loops of 3,000."""

    @state
    class Path:
        flag: bool

    @operation(Task)
    def spins(k: Path, me: Task) -> Steps:
        outer = 0
        while outer < 2:
            inner = 0
            while inner < 3_000:
                inner += 1
            outer += 1
        yield

    assert not python.explore(World(Path)).violations


def test_a_replay_names_what_a_block_enters_and_not_what_it_goes_on_with() -> None:
    world = World(Locks, "one-order")
    events = [Event("start", Task[0], "forwards"), *[Event("resume", Task[0], "forwards")] * 2]
    first, second, third = python.replay_events(world, world.initial_states()[0], events)
    assert (first.entered, second.entered, third.entered) == (("take",), ("take",), ("drop",))
    assert third.stops is None and third.chain_after == ()


# ---- limits and statistics -----------------------------------------------------------------------------


def test_limits_say_what_was_covered() -> None:
    outcome = explore("overflow", limits=Limits(max_states=4))
    assert (outcome.complete, outcome.ended, outcome.states) == (False, "state limit", 4)
    assert outcome.covered_depth == 4
    outcome = explore("overflow", DEADLOCK, limits=Limits(max_depth=3))
    assert (outcome.complete, outcome.ended, outcome.states, outcome.depth) == (False, "depth limit", 3, 3)
    assert outcome.covered_depth == 3 and not outcome.violations
    outcome = explore("two-orders", limits=Limits(seconds=0.0))
    assert (outcome.complete, outcome.ended) == (False, "time limit")
    outcome = explore("two-orders", limits=Limits(memory=-(2**40)))
    assert (outcome.complete, outcome.ended) == (False, "memory limit")


def test_a_limit_that_is_not_reached_is_none() -> None:
    assert counts(explore("overflow", limits=Limits(max_states=8))) == (8, 7, 8)
    assert explore("overflow", limits=Limits(max_depth=9)).complete


def test_an_interrupt_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(now: Progress) -> None:
        if now.states > 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(python, "_POLL", 0.0)
    outcome = explore("one-order", progress=interrupt)
    assert (outcome.complete, outcome.ended) == (False, "interrupted") and outcome.states > 3


def test_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Progress] = []
    monkeypatch.setattr(python, "_POLL", 0.0)
    outcome = explore("one-order", progress=reports.append)
    assert [each.states for each in reports] == sorted(each.states for each in reports)
    assert reports[-1].states == outcome.states and reports[0].frontier == 1


def test_blocks_that_fired() -> None:
    fired = explore("careless").fired
    assert [(name.partition(":")[0], count) for name, count in fired.items()] == [
        ("careless", 4),
        ("careless", 2),
    ]
    dead = explore("server-alone").fired
    assert [name.partition(":")[0] for name, count in dead.items() if count == 0] == ["serves"]
    waits = [name for name in explore("one-order").fired if name.startswith("forwards")]
    assert len(waits) == 2  # the def, and the wait in take(): the yield before it is the same point


def test_every_counterexample_is_dated() -> None:
    began = time.monotonic()
    outcome = explore("overflow")
    assert 0 < outcome.seconds <= time.monotonic() - began
