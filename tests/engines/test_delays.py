"""Threads that are held up between what they read and what they do about it find the same as one thread.

A sanitizer sees two threads in one place without order; it does not see that one of them acts on what is no
longer so. A delay after each look that found nothing there gives the others the time to make it so."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import c_models as models
import pytest
import test_codes
import test_covered
import test_threads
from c_models import StubProgram

from checker.engines import native
from checker.engines.outcome import Limits, Outcome

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler"),
]

DELAYS = """
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static void delay(uint32_t seldom)
{
    static __thread uint64_t chance;
    if (!chance)
        chance = (uint64_t)(uintptr_t)&chance * UINT64_C(0x9e3779b97f4a7c15) | 1;
    chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
    if (chance % seldom == 0)
        nanosleep(&(struct timespec){0, 1000}, NULL);
}
#define AND_THEN(seen, seldom) ({ __auto_type value = seen; delay(seldom); value; })
#define __atomic_load_n(from, order) \\
    ({ __auto_type found = __atomic_load_n(from, order); if (!found) delay(30); found; })
#define __atomic_fetch_add(to, more, order) AND_THEN(__atomic_fetch_add(to, more, order), 30)
#define __atomic_compare_exchange_n(to, before, after, weak, one, other) \\
    AND_THEN(__atomic_compare_exchange_n(to, before, after, weak, one, other), 200)
#define pthread_mutex_unlock(mutex) (pthread_mutex_unlock(mutex), delay(30))
"""
SMALL = (*test_threads.SHARED, "-O1", "-w", "-DHASH_BITS=8")
CHECKS = """
LINKED uint64_t check_state(const State *s, Worker *x)
{ return (n(s, 0) + n(s, 1) == 9 && n(s, 2) > 5) | (uint64_t)(n(s, 2) == 3) << 1; }
LINKED uint64_t check_step(const State *before, const State *after, Worker *x)
{ return n(before, 0) == 3 && n(after, 1) == 2 && n(before, 1) == 1; }
LINKED uint64_t check_goals(const State *s) { return n(s, 0) == 13 | (n(s, 1) == 4) << 1; }
"""


@pytest.fixture
def delayed(tmp_path: Path) -> tuple[str, ...]:
    header = tmp_path / "delays.h"
    header.write_text(DELAYS)
    return (*SMALL, "-include", str(header))


def told(outcome: Outcome) -> Outcome:
    return dataclasses.replace(outcome, seconds=0.0, memory_bytes=0, bytes_per_state=0.0)


def explore(program: Any, flags: tuple[str, ...], threads: int) -> Outcome:
    return told(native.explore(program, None, Limits(threads=threads, keep_going=True), extra_flags=flags))


def grid(words: int) -> StubProgram:
    properties = {"invariants": ["sum", "third"], "steps": ["jump"], "goals": ["a", "b"]}
    return models.grid(14, words, checks=CHECKS, **properties)


@pytest.mark.parametrize("words", [1, 2])
def test_outcomes(words: int, delayed: tuple[str, ...]) -> None:
    one = explore(grid(words), SMALL, 1)
    assert one.complete and set(one.violations) == {"sum", "third", "jump", "b"}
    for _ in range(6):
        assert explore(grid(words), delayed, 8) == one


def test_covered_states(tmp_path: Path, delayed: tuple[str, ...]) -> None:
    program = test_covered.program_of(tmp_path, {"bits": 40})
    one = explore(program, SMALL, 1)
    assert one.complete and one.left_out > 0
    for _ in range(3):
        assert explore(program, delayed, 8) == one


def test_values_that_meet(delayed: tuple[str, ...]) -> None:
    """Of many words that no other state has."""
    program = test_codes.scattered(3)
    flags = tuple(flag for flag in delayed if flag != "-DHASH_BITS=8")
    for _ in range(20):
        with native.Run(program, (), Limits(threads=8), flags) as run:
            run.go(None)
            states = [state for level in run.levels() for state in level]
        assert len(states) == len(set(states)) and set(states) == test_codes.expected(3)
