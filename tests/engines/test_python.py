"""The python engine: counts that are worked out by hand, shortest counterexamples, and what it refuses."""

from __future__ import annotations

import time
from typing import Any

import pytest
import task_models as m
from task_models import Lock, Locks, Task

from checker.engines import python
from checker.engines.outcome import Event, Limits, Outcome, Progress
from checker.language import Index, Steps, World, enabled, operation, state
from checker.language.errors import CheckerError, ModelError, NotAPredicate, UnsupportedConstruct, shown_path
from checker.language.properties import DEADLOCK

HERE = shown_path(m.__file__)


def explore(scenario: str, *properties: Any, **keywords: Any) -> Outcome:
    return python.explore(World(Locks, scenario), properties, **keywords)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    assert outcome.complete and outcome.ended is None
    return outcome.states, outcome.transitions, outcome.depth


# ---- counts ---------------------------------------------------------------------------------------------


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


# ---- violations -----------------------------------------------------------------------------------------


def test_a_lock_deadlock_with_a_shortest_trace() -> None:
    """Both begin (2 steps), both take their first lock and come to wait for the second (2 steps)."""
    outcome = explore("two-orders", DEADLOCK)
    found = outcome.violations["deadlock"]
    assert (found.kind, found.depth, len(found.events)) == ("deadlock", 5, 4)
    assert sorted((event.kind, event.name) for event in found.events) == [
        ("resume", "backwards"),
        ("resume", "forwards"),
        ("start", "backwards"),
        ("start", "forwards"),
    ]
    assert outcome.complete


def test_one_order_has_no_deadlock() -> None:
    outcome = explore("one-order", DEADLOCK, m.nobody_twice)
    assert outcome.complete and not outcome.violations


def test_a_server_is_no_deadlock_though_it_waits_for_ever() -> None:
    assert not explore("server-alone", DEADLOCK).violations


def test_a_lost_update() -> None:
    """Both read 0, both write 1: the final counter is never seen to be 2 by a bad order."""
    outcome = explore("lost-update", m.loses_nothing, m.counts_by_one, m.counted_to_two)
    assert not outcome.violations and len(outcome.reached["counted_to_two"].events) == 4


def test_a_step_invariant_is_checked_on_transitions_to_known_states() -> None:
    @state
    class Ring:
        at: m.Range(0, 2)  # type: ignore[valid-type]

    @m.action
    def turn(k: Ring) -> None:
        k.at = (k.at + 1) % 3

    @m.step_invariant
    def grows(before: Ring, after: Ring) -> bool:
        return after.at > before.at

    found = python.explore(World(Ring), [grows]).violations["grows"]
    assert (found.kind, found.depth, len(found.events)) == ("step", 4, 3)


def test_asserts_are_properties() -> None:
    outcome = explore("careless")
    (found,) = outcome.violations.values()
    line = m.careless.line + 4
    assert found.property == f"assert:{HERE}:{line}"
    assert (found.kind, found.message, found.location) == (
        "assert",
        "both are here",
        f"{HERE}:{line}",
    )
    assert [event.kind for event in found.events] == ["start", "start", "resume"]
    # Idle idle, one inside (2), both inside: the failing block adds neither state nor transition.
    assert counts(outcome) == (4, 2 + 2 + 2, 3)


def test_model_errors() -> None:
    outcome = explore("overflow")
    (found,) = outcome.violations.values()
    assert found.kind == "model error" and "4 is not a value of Range(0, 3)" in found.message
    assert len(found.events) == 8 and counts(outcome) == (8, 7, 8)


def test_python_errors_of_the_model_are_model_errors() -> None:
    @state
    class Path:
        who: Task | None

    @operation(Task)
    def reads(k: Path, me: Task) -> Steps:
        yield
        assert k.who.number == 0  # type: ignore[union-attr]

    (found,) = python.explore(World(Path)).violations.values()
    assert found.kind == "model error" and found.message.startswith("AttributeError: 'NoneType'")


def test_a_loop_that_goes_round_too_often() -> None:
    """2,000 and 4,000 rounds are fine, 6,000 are not."""
    outcome = explore("spins")
    (found,) = outcome.violations.values()
    assert "4096" in found.message and [event.kind for event in found.events] == ["start", "resume"] * 3 + [
        "start"
    ]
    assert counts(outcome) == (7, 6, 7)


def test_always_possible() -> None:
    found = explore("count", m.can_be_zero).violations["can_be_zero"]
    assert (found.kind, found.depth) == ("always possible", 2)
    assert not explore("chosen-start", m.can_be_zero, limits=Limits(max_states=1)).violations


def test_the_search_goes_on_for_the_others_and_ends_when_all_are_decided() -> None:
    both = explore("count", m.at_most_two, m.can_be_zero)
    assert both.complete and set(both.violations) == {"at_most_two", "can_be_zero"}
    first = explore("count", m.can_be_zero, m.counts_by_one)
    assert set(first.violations) == {"can_be_zero", "counts_by_one"}
    alone = explore("count", m.counts_by_one)
    assert (alone.states, alone.complete, alone.ended, alone.covered_depth) == (3, False, None, 2)
    assert explore("count", m.counts_by_one, limits=Limits(keep_going=True)).complete


# ---- references, running, enabled -----------------------------------------------------------------------


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


# ---- exercised ------------------------------------------------------------------------------------------


def test_conditions_are_counted() -> None:
    outcome = explore("two-orders", m.nobody_twice)
    first, second, third = outcome.conditions["nobody_twice"]
    assert [each.text for each in (first, second, third)] == [
        "k.lock[a].owner is k.lock[b].owner",
        "a < b",
        "both_held(k, a, b)",
    ]
    assert [each.deciding for each in (first, second, third)] == [True, False, False]
    assert second.true == outcome.states and second.false == 3 * outcome.states
    assert third.true + third.false == second.true
    assert (first.true, first.false, third.true) == (0, 1, 1)  # both are held in the deadlock alone
    assert first.location.startswith(f"{HERE}:")
    assert outcome.exercised("nobody_twice")
    assert not explore("one-order", m.nobody_twice).exercised("nobody_twice")


def test_an_invariant_whose_guard_never_holds_is_not_exercised() -> None:
    outcome = explore("one-order", m.guarded)
    assert outcome.complete and not outcome.violations and not outcome.exercised("guarded")
    guard, claim = outcome.conditions["guarded"]
    assert (guard.true, guard.false) == (0, outcome.states) and claim.true == claim.false == 0


# ---- refusals -------------------------------------------------------------------------------------------


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


# ---- limits and statistics ------------------------------------------------------------------------------


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
    assert 0 < outcome.seconds <= time.monotonic() - began and outcome.memory_bytes >= 0


# ---- replay ---------------------------------------------------------------------------------------------


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


# ---- what tells positions apart -------------------------------------------------------------------------


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
