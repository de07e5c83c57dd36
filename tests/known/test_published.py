"""Models whose state spaces others have counted and published."""

from collections.abc import Callable
from typing import Any

import pytest

Search = Callable[..., Any]


# Peterson's algorithm: the figures that CMurphi prints for ex/mux/n_peterson.m without symmetry. Every
# process has exactly one rule in every state, so the transitions are processes * states.
@pytest.mark.parametrize(
    ("processes", "states", "rules", "levels"),
    [(3, 882, 2_646, 26), pytest.param(4, 22_281, 89_124, 47, marks=pytest.mark.slow)],
)
def test_peterson(search: Search, engine: str, processes: int, states: int, rules: int, levels: int) -> None:
    outcome = search("peterson", "Shared", engine, ["mutual_exclusion"], processes=processes)
    assert (outcome.states, outcome.transitions, outcome.depth) == (states, rules, levels)
    assert outcome.complete and not outcome.violations


@pytest.mark.slow
def test_peterson_of_five_processes(search: Search) -> None:
    outcome = search("peterson", "Shared", "native", ["mutual_exclusion"], processes=5)
    assert (outcome.states, outcome.transitions, outcome.depth) == (628_868, 3_144_340, 74)
    assert outcome.complete and not outcome.violations


# Two-phase commit: the figures that TLC prints for TwoPhase.tla. TLC's "generated" is the transitions and
# the one initial state. Each further manager adds three levels.
@pytest.mark.parametrize(
    ("managers", "states", "generated", "depth"),
    [(3, 288, 1_146, 11), (4, 1_568, 8_258, 14), pytest.param(5, 8_832, 58_146, 17, marks=pytest.mark.slow)],
)
def test_two_phase_commit(
    search: Search, engine: str, managers: int, states: int, generated: int, depth: int
) -> None:
    outcome = search("two_phase", "System", engine, ["consistent"], managers=managers)
    assert (outcome.states, outcome.transitions + 1, outcome.depth) == (states, generated, depth)
    assert outcome.complete and not outcome.violations


def test_two_phase_commit_of_seven_managers(search: Search) -> None:
    outcome = search("two_phase", "System", "native", ["consistent"], managers=7)
    assert (outcome.states, outcome.transitions + 1, outcome.depth) == (296_448, 2_744_706, 23)
    assert outcome.complete and not outcome.violations


# The philosophers. A state is a circular word of n letters (N)othing, (L)eft, (B)oth in which every B is
# followed by an N, for the one on the right of who holds both forks can hold none; and every such word is
# reached: all its L and B first take their left forks, then the B their right ones. So the number of states
# is the trace of the n-th power of the matrix of allowed neighbours
#
#             N L B
#         N   1 1 1
#         L   1 1 1        characteristic polynomial x^3 - 2x^2 - x, eigenvalues 0 and 1 +- sqrt(2),
#         B   1 0 0
#
# that is (1 + sqrt 2)^n + (1 - sqrt 2)^n, the Pell-Lucas numbers: a(n) = 2 a(n-1) + a(n-2), a(0) = a(1) = 2.
# A step forward raises the number of forks in hand by one and the last step lowers it, so a state lies as
# many steps away as forks are in hand: at most n, and the levels are n + 1.
# Nobody can go on only where nobody holds both, nobody may take a left fork and each who holds one lacks the
# other: LLL...L, with all n forks in hand, n steps away.
def pell_lucas(n: int) -> int:
    before, last = 2, 2
    for _ in range(n - 1):
        before, last = last, 2 * last + before
    return last


@pytest.mark.parametrize(("seats", "states"), [(2, 6), (3, 14), (5, 82), (8, 1_154)])
def test_philosophers(search: Search, engine: str, seats: int, states: int) -> None:
    outcome = search("philosophers", "Table", engine, seats=seats)
    assert outcome.states == states == pell_lucas(seats)
    assert outcome.depth == seats + 1
    assert outcome.complete


def test_many_philosophers(search: Search) -> None:
    assert search("philosophers", "Table", "native", seats=13).states == pell_lucas(13) == 94_642


@pytest.mark.parametrize("seats", [2, 5, 8])
def test_the_philosophers_starve_together_after_n_steps(search: Search, engine: str, seats: int) -> None:
    violation = search("philosophers", "Table", engine, ["deadlock"], seats=seats).violations["deadlock"]
    assert len(violation.events) == seats
    assert {event.name for event in violation.events} == {"take_left"}


# Die Hard: the figures that TLC prints for DieHard.tla: 97 states generated, 16 distinct, and the solution
# of six steps. Every one of the six actions is possible in every state, 6 * 16 + 1 = 97.
def test_two_jugs(search: Search, engine: str) -> None:
    outcome = search("jugs", "Jugs", engine, ["nothing_is_spilt"])
    assert (outcome.states, outcome.transitions + 1, outcome.depth) == (16, 97, 8)


def test_the_two_jugs_are_solved_in_six_steps(search: Search, engine: str) -> None:
    violation = search("jugs", "Jugs", engine, ["not_four_gallons"]).violations["not_four_gallons"]
    assert len(violation.events) == 6
