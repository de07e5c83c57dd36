"""States of several words are stored as codes: what that takes, and that nothing of them is lost."""

from __future__ import annotations

import subprocess
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
LINKED void expand(const State *from, Worker *x)
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


@pytest.mark.parametrize("words", [2, *(pytest.param(words, marks=pytest.mark.slow) for words in (4, 7))])
def test_bytes_per_state_do_not_grow_with_the_width(words: int) -> None:
    outcome = native.explore(models.two_phase(8, words), None, Limits(), extra_flags=("-O1",))
    assert outcome.states == 1_745_408 and outcome.bytes_per_state < 24


MEET = """
/* What another thread does right after this one has seen an empty slot. */
static void meanwhile(void);
static uint32_t seen(uint32_t *slot)
{
    uint32_t found = *slot;
    if (!found)
        meanwhile();
    return found;
}
#define __atomic_load_n(slot, order) seen(slot)
#include "dictionary.h"

static Dictionary dictionary;
static uint64_t others; /* its value, until it has come */

static void meanwhile(void)
{
    uint64_t value = others;
    others = 0;
    if (value)
        new_value(&dictionary, value, true);
}

int main(void)
{
    for (uint64_t i = 1; i <= 20; i++) {
        pthread_mutex_init(&dictionary.mutex, NULL);
        dictionary.n.count = 0;
        dictionary_grow(&dictionary, 2); /* few slots, so that many values have the same home */
        uint64_t mine = i % 3 ? 100 : i;
        others = i;
        uint32_t number = number_of_value(&dictionary, mine, true);
        if (others || number == NO_NUMBER || dictionary.values[number] != mine)
            return 1;
    }
    return 0;
}
"""


SHORTER = """
#include "table.h"

static Codes codes;
static uint32_t array[MOST_UNITS * 100];

/* The layout with this room for the words needs five units; with the double in two of them, four. */
static const uint32_t bits[WORDS] = {10, 8, 6, 13, 5, 16, 16, 10, 10, 9, 5, 16};
static bool has_more(int w) { return w == 5 || w == 11; }

static State numbered(uint64_t i)
{
    State s;
    for (int w = 0; w < WORDS; w++)
        s.w[w] = (i * i + 1) * (uint64_t)(w + 1);
    return s;
}

int main(void)
{
    Numbering planned[WORDS];
    codes_open(&codes);
    for (int w = 0; w < WORDS; w++)
        dictionary_grow(codes.of + w, UINT32_C(1) << bits[w]);
    for (int w = 0; w < WORDS; w++)
        planned[w] = codes.of[w].n;
    codes.units = lay_out_codes(planned);
    for (int w = 0; w < WORDS; w++)
        codes.of[w].n = planned[w];
    if (codes.units != 5)
        return 1;
    for (uint64_t i = 0; i < 30; i++) {
        State s = numbered(i);
        encode(&codes, &s, array + 5 * i, false);
    }
    for (int w = 0; w < WORDS; w++)
        codes.of[w].cramped = has_more(w);
    if (!codes_widen(&codes, array, 30, UINT64_MAX))
        return 2;
    for (uint64_t i = 0; i < 30; i++) {
        State s = numbered(i);
        for (int w = 0; w < WORDS; w++)
            if (word_in(codes.of + w, array + codes.units * i) != s.w[w])
                return 3;
    }
    return 0;
}
"""
NO_MEMORY = """
#include <stdlib.h>
static int left = 1000;
static void *scarce(size_t count, size_t size) { return left-- > 0 ? calloc(count, size) : NULL; }
#define calloc(count, size) scarce(count, size)
#include "table.h"

static Codes codes;

int main(void)
{
    uint32_t code[MOST_UNITS];
    codes_open(&codes);
    for (uint64_t i = 0; i < 2; i++)
        for (int w = 0; w < WORDS; w++)
            number_of_value(codes.of + w, i, true); /* the second has no room */
    left = 1; /* for the first word's dictionary, not for the second's */
    if (codes_widen(&codes, code, 1, UINT64_MAX))
        return 1;
    for (int w = 0; w < WORDS; w++)
        if (!numbering_is_sound(&codes.of[w].n, codes.units))
            return 2;
    return 0;
}
"""


@pytest.mark.parametrize(("words", "main"), [(2, MEET), (12, SHORTER), (2, NO_MEMORY)])
def test_what_searches_seldom_come_to(words: int, main: str, tmp_path: Path) -> None:
    """Threads that meet in a dictionary get the numbers of their own values; numbers that need more bits may
    fit into fewer units; and what the memory did not suffice to widen can be saved."""
    source, binary = tmp_path / "program.c", tmp_path / "program"
    source.write_text(scattered(words).source.partition("enum { B_next")[0] + main)
    flags = ["-std=gnu11", "-O0", "-w", "-pthread", f"-I{Path(native.__file__).parent}"]
    subprocess.run(["cc", *flags, str(source), "-o", str(binary)], check=True)
    assert subprocess.run([str(binary)], check=False).returncode == 0
