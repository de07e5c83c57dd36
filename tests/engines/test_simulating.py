"""Walks find what a search finds, the same for any number of threads, and count what they covered."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import c_models as models
import pytest

from checker.engines import native, simulating
from checker.engines.outcome import Limits
from checker.engines.simulating import Simulation

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

CHECKS = """
LINKED uint64_t check_state(const State *s, Worker *x)
{ return (n(s, 0) == 9 && n(s, 1) == 9) | (uint64_t)(n(s, 2) == 50) << 1; }
LINKED uint64_t check_step(const State *before, const State *after, Worker *x)
{ return n(before, 0) == 3 && n(after, 1) == 2 && n(before, 1) == 1; }
LINKED uint64_t check_goals(const State *s) { return n(s, 0) == 10 | (n(s, 1) == 4) << 1; }
LINKED uint64_t check_reachable(const State *s, Worker *x) { return n(s, 0) == 5; }
"""


def grid(words: int = 1) -> Any:
    return models.grid(
        11,
        words,
        checks=CHECKS,
        invariants=["both", "never"],
        steps=["jump"],
        goals=["end", "four"],
        reachables=["five"],
    )


def walk(program: Any, steps: int = 20_000, seed: int = 1, threads: int = 1, **limits: Any) -> Simulation:
    return simulating.simulate(program, None, Limits(max_states=steps, threads=threads, **limits), seed)  # type: ignore[arg-type]


def told(simulation: Simulation) -> Any:
    outcome = dataclasses.replace(simulation.outcome, seconds=0.0)
    return dataclasses.asdict(dataclasses.replace(simulation, outcome=outcome, pairs={})), simulation.pairs


@pytest.mark.parametrize("words", [1, 2])
def test_what_is_found_is_what_a_search_finds(words: int) -> None:
    """Even the same trace, as a small search shortens it. `four`: where all are at the end, it is not so."""
    found = walk(grid(words)).outcome
    search = native.explore(grid(words), None, Limits(keep_going=True))
    assert set(found.violations) == {"both", "jump", "four"} == set(search.violations)
    assert {name: found.violations[name] for name in ("both", "jump")} == {
        name: search.violations[name] for name in ("both", "jump")
    }
    assert found.reached == search.reached and set(found.reached) == {"five"}
    assert not found.complete and found.ended == "state limit"


@pytest.mark.parametrize("words", [1, 3])
@pytest.mark.parametrize("threads", [2, 8])
def test_the_same_for_any_number_of_threads(
    words: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "SHORTENING_STATES", 1)  # what the walks themselves have found
    alone = walk(grid(words), 200_000)
    assert told(walk(grid(words), 200_000, threads=threads)) == told(alone)
    assert told(walk(grid(words), 200_000, seed=2)) != told(alone)
    assert len(alone.outcome.violations["both"].events) >= 18


def test_the_way_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring with a way back at each place: a walk goes to and fro, and its trace does not."""
    monkeypatch.setattr(simulating, "SHORTENING_STATES", 1)
    text = """
    LINKED void expand(const State *from, Worker *x)
    {
        for (int i = 1; i < 100; i += 98) {
            State t = *from;
            set_n(&t, 0, (n(from, 0) + i) % 100), set_m(&t, 0, n(&t, 0));
            emit(x, &t, i == 1 ? B_up : B_down, 0, 0);
        }
    }
    LINKED uint64_t check_state(const State *s, Worker *x) { return n(s, 0) == 20; }"""
    program = models.program(2, "n:10:1 m:10:1", text, "up down", invariants=["twenty"])
    found = walk(program, 200_000)
    assert [event.name for event in found.outcome.violations["twenty"].events] == ["up"] * 20


@pytest.mark.parametrize("threads", [2, 8])
def test_counts_that_are_full(threads: int) -> None:
    """A pair of blocks is counted up to a limit, whichever thread's part comes to it."""
    found = []
    for each in (1, threads):
        with native.Run(
            grid(), None, Limits(max_states=50_000, threads=each), ("-O0", "-DMOST_COUNTED=10000")
        ) as run:
            run.run.seed, run.run.walk_length = 1, 50
            run.go(None, "simulate")
            found.append(simulating._pairs(grid(), run.run))
    assert found[0] == found[1] and set(found[0].values()) == {10_000}


def test_what_was_covered() -> None:
    """`low` can never follow `high`; `high` follows `low` once."""
    text = """
    LINKED void expand(const State *from, Worker *x)
    {
        State t = *from;
        set_n(&t, 0, n(from, 0) + 1), set_m(&t, 0, n(&t, 0));
        if (n(from, 0) < 5)
            emit(x, &t, B_low, 0, 0);
        else if (n(from, 0) < 10)
            emit(x, &t, B_high, 0, 0);
        else if (n(from, 0) > 20)
            emit(x, &t, B_never, 0, 0);
    }"""
    found = walk(models.program(1, "n:10:1 m:10:1", text, "low high never"), 2560)
    low, high, never = (f"{name}:m.py:{number}" for number, name in enumerate(["low", "high", "never"]))
    assert found.walks == 256 and found.steps == 2560 and found.outcome.transitions == 2560
    assert found.outcome.fired == {low: 1280, high: 1280, never: 0}
    assert found.pairs == {(low, low): 1024, (low, high): 256, (high, high): 1024}
    assert found.blocks == (low, high, never) and found.last_new_pair == 30  # three walks come first


def test_seldom_pairs_are_preferred() -> None:
    """One way in thirty leads on, and it takes ten in a row: at random once in 30**10 walks."""
    text = """
    LINKED void expand(const State *from, Worker *x)
    {
        for (int i = 0; i < 30; i++) {
            State t = *from;
            set_n(&t, 0, i == 29 ? n(from, 0) + 1 : 0), set_m(&t, 0, i + 1);
            emit(x, &t, i == 29 ? (int)n(from, 0) : B_back, i, 0);
        }
    }
    LINKED uint64_t check_state(const State *s, Worker *x) { return n(s, 0) == 10; }"""
    names = " ".join(f"on{number}" for number in range(10))
    program = models.program(1, "n:10:1 m:10:1", text, f"{names} back", invariants=["far"])
    assert "far" in walk(program, 3_000_000).outcome.violations


def test_an_assert_with_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "SHORTENING_STATES", 1)
    then = """
    if (n(from, 0) == 7) {
        choices_begin(x);
        do {
            State t = *from;
            x->fault = 0;
            uint32_t a = pick(x, 2), c = pick(x, 3);
            set_m(&t, 2, 100 + a * 10 + c);
            if (a == 1 && c == 2)
                x->fault = 1;
            if (x->fault)
                report_fault(x, B_choose, 5, 9);
            else
                emit(x, &t, B_choose, 5, 9);
        } while (choices_next(x));
    }"""
    site = SimpleNamespace(kind="assert", property="assert:m.py:4", message="no", location="m.py:4")
    violation = walk(models.grid(20, then=then, blocks="choose", sites=[site])).outcome.violations
    last = violation["assert:m.py:4"].events[-1]
    assert (last.actor, last.arguments, last.choices) == (5, (9,), (1, 2))


def test_an_end_without_a_successor() -> None:
    program = models.grid(5, 2, goals=["deadlock"], any_successor=1)
    found = walk(program, 1000).outcome
    assert found.violations["deadlock"].kind == "deadlock"
    assert len(found.violations["deadlock"].events) == 12
    assert not walk(program, 1000, max_depth=11).outcome.violations  # no walk came to the end


def test_time_and_ctrl_c_end_it() -> None:
    program = models.grid(1000)
    assert simulating.simulate(program, [], Limits(seconds=0.2), 1).outcome.ended == "time limit"

    def interrupt(progress: Any) -> None:
        raise KeyboardInterrupt

    assert simulating.simulate(program, [], Limits(), 1, interrupt).outcome.ended == "interrupted"
