"""What the python engine finds violated, by a shortest counterexample, and what counts as exercised."""

from __future__ import annotations

import task_models as m
from python_searches import HERE, counts, explore
from task_models import Task

from checker.engines import python
from checker.engines.outcome import Limits
from checker.language import Steps, World, operation, state
from checker.language.properties import DEADLOCK

# ---- violations ----------------------------------------------------------------------------------------


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


# ---- exercised -----------------------------------------------------------------------------------------


def test_conditions_are_counted() -> None:
    outcome = explore("two-orders", m.nobody_twice)
    first, second = outcome.conditions["nobody_twice"]  # `a < b` is the same in every state: it is none
    assert [each.text for each in (first, second)] == [
        "k.lock[a].owner is k.lock[b].owner",
        "both_held(k, a, b)",
    ]
    assert [each.deciding for each in (first, second)] == [True, False]
    assert second.true + second.false == outcome.states  # one of four pairs is in order
    assert (first.true, first.false, second.true) == (0, 1, 1)  # both are held in the deadlock alone
    assert first.location.startswith(f"{HERE}:")
    assert outcome.exercised("nobody_twice")
    assert not explore("one-order", m.nobody_twice).exercised("nobody_twice")


def test_an_invariant_whose_guard_never_holds_is_not_exercised() -> None:
    outcome = explore("one-order", m.guarded)
    assert outcome.complete and not outcome.violations and not outcome.exercised("guarded")
    guard, claim = outcome.conditions["guarded"]
    assert (guard.true, guard.false) == (0, outcome.states) and claim.true == claim.false == 0
