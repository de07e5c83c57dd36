"""Operations whose states and transitions can be counted by hand.

Where actors share nothing, a state is one position per actor. If one actor alone has P positions, from which
T steps lead in all, then n of them have

    P^n states   and   n * T * P^(n-1) transitions:

any of the n moves, by any of its T steps, the other n - 1 being anywhere. Each test says what P and T are for
its operation. Being idle is one position, and a `yield` another one for every way of standing at it.
"""

from collections.abc import Callable
from typing import Any

import pytest

Search = Callable[..., Any]


def assert_product(outcome: Any, walkers: int, positions: int, steps: int) -> None:
    assert outcome.states == positions**walkers
    assert outcome.transitions == walkers * steps * positions ** (walkers - 1)
    assert outcome.complete and not outcome.violations


SIZES = [(1, 2), (2, 4), (3, 3)]


# Idle, or at the yield of round 1 .. m: P = m + 1. Each position has one step, the next one, and the last
# leads back to idle: T = m + 1. So (m+1)^n states and n (m+1)^n transitions. The state farthest away has
# every actor at its last yield: n * m steps.
@pytest.mark.parametrize("scenario", ["walk", "walk-in-a-part"])
@pytest.mark.parametrize(("walkers", "steps"), SIZES)
def test_yields_in_a_loop(search: Search, engine: str, scenario: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, ["deadlock"], scenario, walkers=walkers, steps=steps)
    assert_product(outcome, walkers, steps + 1, steps + 1)
    assert outcome.transitions == walkers * (steps + 1) ** walkers
    assert outcome.depth == walkers * steps + 1


def test_three_walkers_of_three_yields(search: Search, engine: str) -> None:
    outcome = search("walks", "Path", engine, scenario="walk", walkers=3, steps=3)
    assert (outcome.states, outcome.transitions) == (64, 192)


@pytest.mark.slow
def test_a_million_walks(search: Search) -> None:
    outcome = search("walks", "Path", "native", scenario="walk", walkers=6, steps=9)
    assert (outcome.states, outcome.transitions, outcome.depth) == (10**6, 6 * 10**6, 55)


# The two calls of the sub-operation are different places, so its m yields count twice: P = T = 2m + 1.
# The end of the first call and the first yield of the second one are the same step.
@pytest.mark.parametrize(("walkers", "steps"), SIZES)
def test_a_sub_operation_called_twice(search: Search, engine: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, scenario="walk-there-and-back", walkers=walkers, steps=steps)
    assert_product(outcome, walkers, 2 * steps + 1, 2 * steps + 1)


# Two operations of m yields each: P = 2m + 1. Idle has a step into either: T = 2 + 2m.
@pytest.mark.parametrize(("walkers", "steps"), SIZES)
def test_two_operations_to_begin(search: Search, engine: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, scenario="two-walks", walkers=walkers, steps=steps)
    assert_product(outcome, walkers, 2 * steps + 1, 2 * steps + 2)


# Done is a position of its own, different from not begun: P = m + 2; it has no step: T = m + 1. From there
# to the end of all walks it is n (m+1) steps.
@pytest.mark.parametrize(("walkers", "steps"), SIZES)
def test_an_operation_once(search: Search, engine: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, scenario="once", walkers=walkers, steps=steps)
    assert_product(outcome, walkers, steps + 2, steps + 1)
    assert outcome.depth == walkers * (steps + 1) + 1


# A choice of four that nothing reads after the first yield is forgotten: P = m + 1. But each candidate is a
# transition of its own: T = 4 + m.
@pytest.mark.parametrize(("walkers", "steps"), SIZES)
def test_a_choice_forgotten(search: Search, engine: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, scenario="set-out-somehow", walkers=walkers, steps=steps)
    assert_product(outcome, walkers, steps + 1, steps + 4)


# A choice of two that is read at the end: idle, m yields hurrying, m yields not hurrying, and one more yield
# of who does not: P = 2m + 2. Two steps leave idle, one every other position: T = 2m + 3.
@pytest.mark.parametrize(("walkers", "steps"), SIZES)
def test_a_choice_remembered(search: Search, engine: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, scenario="hurry-or-rest", walkers=walkers, steps=steps)
    assert_product(outcome, walkers, 2 * steps + 2, 2 * steps + 3)


# An argument of s values that is read at the end: P = 1 + s m, T = s + s m.
@pytest.mark.parametrize(("walkers", "steps", "stones"), [(1, 2, 2), (2, 2, 3), (3, 1, 4)])
def test_an_argument_remembered(search: Search, engine: str, walkers: int, steps: int, stones: int) -> None:
    outcome = search(
        "walks", "Path", engine, scenario="walk-from", walkers=walkers, steps=steps, stones=stones
    )
    assert_product(outcome, walkers, 1 + stones * steps, stones + stones * steps)


# At a yield one stands on one of s stones, any subset R of the others being left: s 2^(s-1) ways, and idle.
# Idle has s steps; from (stone, R) there are |R| of them, or one, the end, where R is empty. The sizes of the
# 2^(s-1) subsets sum to (s-1) 2^(s-2), so T = s + s ((s-1) 2^(s-2) + 1).
@pytest.mark.parametrize(("walkers", "stones"), [(1, 3), (2, 3), (1, 5), (3, 2)])
def test_yields_in_any_order(search: Search, engine: str, walkers: int, stones: int) -> None:
    outcome = search("walks", "Path", engine, scenario="step-on-every-stone", walkers=walkers, stones=stones)
    sizes = (stones - 1) * 2**stones // 4
    assert_product(outcome, walkers, 1 + stones * 2 ** (stones - 1), stones + stones * (sizes + 1))


# A lock. Nobody holds it: each actor is idle or waits, but not all wait, for who gave it back is idle and, as
# long as nobody takes it, nobody begins to wait: 2^n - 1 states. One holds it, at one of m yields, and any of
# the n - 1 others wait: n m 2^(n-1) states.
# Nobody holds it: whoever moves takes it, from idle or from its wait: n steps. One holds it: the holder has
# one step and every idle other one may begin, which is to wait; who waits has none. Over the 2^(n-1) sets of
# the waiting the idle ones sum to (n-1) 2^(n-2). So there are
# n (2^n - 1) + n m (2^(n-1) + (n-1) 2^(n-2)) transitions. Every wait can end, so nothing is a deadlock.
@pytest.mark.parametrize(("walkers", "steps"), [(1, 2), (2, 1), (3, 2), (4, 3)])
def test_waits_for_a_lock(search: Search, engine: str, walkers: int, steps: int) -> None:
    outcome = search("walks", "Path", engine, ["deadlock"], "cross-the-bridge", walkers=walkers, steps=steps)
    n, m = walkers, steps
    assert outcome.states == 2**n - 1 + n * m * 2 ** (n - 1)
    assert outcome.transitions == n * (2**n - 1) + n * m * (2 ** (n - 1) + (n - 1) * 2**n // 4)
    assert outcome.complete and not outcome.violations


# Turns. Whose turn it is and who waits are independent: n 2^n states. (All may wait: the turn comes to one
# that waits, and who passed it on begins again.) Whose turn it is has one step, which passes it on; each of
# the others has one if idle, which is to wait, half of them on average: n 2^n (1 + (n-1) / 2) transitions.
@pytest.mark.parametrize("walkers", [2, 3, 5])
def test_waits_for_a_turn(search: Search, engine: str, walkers: int) -> None:
    outcome = search("walks", "Path", engine, ["deadlock"], "pass-the-turn", walkers=walkers)
    assert outcome.states == walkers * 2**walkers
    assert outcome.transitions == walkers * 2**walkers * (walkers + 1) // 2
    assert outcome.complete and not outcome.violations
