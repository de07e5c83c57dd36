"""States of several words are stored as codes: what that takes, and that nothing of them is lost."""

from __future__ import annotations

from pathlib import Path

import c_models as models
import pytest
from c_models import StubProgram

from checker.engines import native
from checker.engines.checkpoint import Keeper, read
from checker.engines.outcome import Limits, Outcome

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

COUNT = 5000
SMALL = ("-O0", "-DFIRST_BUCKETS=64", "-DSMALL_PART=16", "-DSMALL_LEVEL=16", "-DSAVING_SHARE=0")
FEW = "-DMANY_VALUES=64"  # so that more are too many for a dictionary


def scattered(words: int) -> StubProgram:
    """COUNT states, and a few more. The second word of each is a number of 64 bits that no other has, the
    last words have few values. Each state leads to eight, so that levels are wide."""
    text = f"""
static uint64_t mixed_up(uint64_t i) {{ return (i + 1) * UINT64_C(0x9e3779b97f4a7c15); }}
static void expand(const State *from, Worker *x)
{{
    for (uint64_t i = 8 * from->w[0] + 1; i <= 8 * from->w[0] + 8 && i < {COUNT}; i++) {{
        State t = {{{{i, mixed_up(i)}}}};
        for (int w = 2; w < WORDS; w++)
            t.w[w] = i >> w & 7;
        emit(x, &t, B_next, 0, i);
        t.w[WORDS - 1] = 99;
        if (i % 100 == 0)
            emit(x, &t, B_next, 1, i);
    }}
}}
"""
    initial = (0, 0x9E3779B97F4A7C15, *[0] * (words - 2))
    return models.program(words, "", text, "next", initial=[initial])


def expected(words: int) -> set[tuple[int, ...]]:
    found = set()
    for i in range(COUNT):
        state = (i, (i + 1) * 0x9E3779B97F4A7C15 % 2**64, *(i >> w & 7 for w in range(2, words)))
        found |= {state} | ({(*state[:-1], 99)} if i % 100 == 0 and i else set())
    return found


def explore(program: StubProgram, *more: str, keeper: Keeper | None = None, **limits: int) -> Outcome:
    return native.explore(
        program, None, Limits(keep_going=True, **limits), extra_flags=(*SMALL, *more), keeper=keeper
    )


@pytest.mark.parametrize("words", [3, 9])
@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("flags", [(), (FEW,), (FEW, "-DHASH_BITS=4")])
def test_every_state_is_there_once(words: int, threads: int, flags: tuple[str, ...]) -> None:
    program = scattered(words)
    with native.Run(program, (), Limits(threads=threads), (*SMALL, *flags)) as run:
        run.go(None)
        states = [state for level in run.levels() for state in level]
    assert len(states) == len(set(states)) and set(states) == expected(words)


@pytest.mark.parametrize("threads", [1, 8])
def test_states_stored_whole_are_gone_on_with(threads: int, tmp_path: Path) -> None:
    path, program = tmp_path / "search", scattered(3)
    whole = explore(program, FEW)
    for most in (100, 700, 3000, 4500):
        keeper = Keeper(path, {}, always=True, saved=read(path) if path.exists() else None)
        outcome = explore(program, FEW, keeper=keeper, threads=threads, max_states=most)
        assert outcome.ended == "state limit"
    keeper = Keeper(path, {}, always=True, saved=read(path))
    outcome = explore(program, FEW, keeper=keeper, threads=threads)
    assert outcome.complete
    assert (outcome.states, outcome.transitions) == (whole.states, whole.transitions)


@pytest.mark.parametrize("words", [2, pytest.param(4, marks=pytest.mark.slow), 7])
def test_bytes_per_state_do_not_grow_with_the_width(words: int) -> None:
    outcome = native.explore(models.two_phase(8, words), None, Limits(), extra_flags=("-O1",))
    assert outcome.states == 1_745_408 and outcome.bytes_per_state < 24
