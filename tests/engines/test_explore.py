"""The native engine on models written as the compiler writes them; counts are published or closed forms."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import Any

import c_models as models
import pytest
from c_models import StubProgram

from checker.engines import native
from checker.engines.outcome import Limits, Outcome

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

WIDTHS = [1, 3, *(pytest.param(words, marks=pytest.mark.slow) for words in (2, 4))]
SMALL_TABLE = ("-O0", "-DFIRST_BUCKETS=64", "-DSMALL_PART=16")


def explore(program: StubProgram, flags: tuple[str, ...] = (), **limits: Any) -> Outcome:
    return native.explore(program, None, Limits(**limits), extra_flags=flags)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    assert outcome.complete and outcome.ended is None and outcome.covered_depth == outcome.depth
    return outcome.states, outcome.transitions, outcome.depth


# ---- counts ----


@pytest.mark.parametrize("words", WIDTHS)
def test_peterson(words: int) -> None:
    assert counts(explore(models.peterson(3, words))) == (882, 2646, 26)
    assert counts(explore(models.peterson(4, words)))[0] == 22_281


@pytest.mark.parametrize("words", WIDTHS)
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_two_phase(words: int, threads: int) -> None:
    """The published number of generated states counts the initial one."""
    assert counts(explore(models.two_phase(3, words), threads=threads)) == (288, 1145, 11)
    assert counts(explore(models.two_phase(7, words), threads=threads)) == (296_448, 2_744_705, 23)


@pytest.mark.parametrize("words", WIDTHS)
@pytest.mark.parametrize("threads", [1, 8])
def test_a_growing_table_loses_nothing(words: int, threads: int) -> None:
    side = 70
    outcome = explore(models.grid(side, words), SMALL_TABLE, threads=threads)
    assert counts(outcome) == (side**3, 3 * side**2 * (side - 1), 3 * (side - 1) + 1)
    assert outcome.fired == {"up:m.py:0": outcome.transitions}


@pytest.mark.parametrize("words", WIDTHS)
@pytest.mark.parametrize("threads", [1, 8])
def test_hashes_that_collide(words: int, threads: int) -> None:
    """Sixteen hashes for all states: look-ups go through long runs of full buckets, and round the end."""
    flags = ("-DHASH_BITS=4", *SMALL_TABLE)
    assert counts(explore(models.grid(16, words), flags, threads=threads)) == (4096, 3 * 16 * 16 * 15, 46)
    assert counts(explore(models.peterson(3, words), flags, threads=threads)) == (882, 2646, 26)


@pytest.mark.parametrize("words", WIDTHS)
def test_states_lie_level_by_level(words: int) -> None:
    with native.reachable_words(models.grid(5, words)) as levels:
        found = list(levels)
    assert [len(level) for level in found] == [1, 3, 6, 10, 15, 18, 19, 18, 15, 10, 6, 3, 1]
    states = [state for level in found for state in level]
    assert len(set(states)) == 125 and (0,) * words in states


@pytest.mark.parametrize("threads", [1, 8])
def test_the_states_do_not_depend_on_threads(threads: int) -> None:
    program = models.shootdown(3, 2, 2)
    with native.reachable_words(program) as levels:
        alone = [set(level) for level in levels]
    with native.Run(program, (), Limits(threads=threads)) as run:
        run.go(None)
        assert [set(level) for level in run.levels()] == alone


def test_initial_states_are_counted_once() -> None:
    """From the second one n0 = 1 and m0 = 0: nine states more, with other n1 and n2."""
    program = models.grid(3)
    program.initial = [(0,), (1,), (0,), (1 << 30 | 1,)]
    assert explore(program).states == 27 + 9


# ---- violations ----

BAD_STATE = """
LINKED uint64_t check_state(const State *s, Worker *x)
{
    x->condition[0][true]++;
    return (n(s, 0) + n(s, 1) == 40 && n(s, 2) > 20) | (uint64_t)(n(s, 2) == 33) << 1;
}
"""


def with_invariants(words: int) -> StubProgram:
    condition = SimpleNamespace(text="c", location="m.py:1:0", deciding=True)
    return models.grid(
        50, words, checks=BAD_STATE, invariants=["sum", "third"], conditions={"sum": [condition], "third": []}
    )


def trace_of(outcome: Outcome, name: str) -> list[tuple[Any, ...]]:
    return [(e.actor, e.arguments, e.choices) for e in outcome.violations[name].events]


@pytest.mark.parametrize("words", WIDTHS)
def test_a_shortest_trace_for_any_number_of_threads(words: int) -> None:
    outcomes = [explore(with_invariants(words), threads=threads) for threads in (1, 2, 8)]
    first = outcomes[0]
    assert len(trace_of(first, "sum")) == 61 and first.violations["sum"].depth == 62
    assert trace_of(first, "third") == [(2, (i,), ()) for i in range(33)]
    assert first.violations["sum"].initial == (0,) * words
    assert not first.complete and first.ended is None and first.depth == 62
    assert first.conditions["sum"][0].true == first.states
    for other in outcomes[1:]:
        assert other.violations == first.violations
        assert (other.states, other.transitions, other.fired) == (
            first.states,
            first.transitions,
            first.fired,
        )
        assert other.conditions == first.conditions


def test_the_smallest_violating_state_is_taken() -> None:
    """Of n0 + n1 == 40 and n2 == 21, with n0 in the lowest bits and m above: the smallest word has the
    smallest m2, then m1, then m0: so n1 = 0 and n0 = 40."""
    outcome = explore(with_invariants(1))
    steps = [actor for actor, _, _ in trace_of(outcome, "sum")]
    assert (steps.count(0), steps.count(1), steps.count(2)) == (40, 0, 21)


def test_the_search_ends_when_what_was_asked_is_violated() -> None:
    program = with_invariants(1)
    assert native.explore(program, ["third"]).depth == 34
    assert native.explore(program, []).complete
    assert native.explore(program, None, Limits(keep_going=True)).complete


def test_a_step_that_is_forbidden() -> None:
    check = """
    LINKED uint64_t check_step(const State *before, const State *after, Worker *x)
    { return n(before, 0) == 3 && n(after, 1) == 2 && n(before, 1) == 1; }"""
    program = models.grid(30, 2, checks=check, steps=["no_jump"])
    for threads in (1, 8):
        violation = explore(program, threads=threads).violations["no_jump"]
        assert violation.kind == "step" and len(violation.events) == 5
        assert violation.events[-1].actor == 1 and violation.events[-1].arguments == (1,)


def test_asserts_with_choices() -> None:
    """Three choices of two, one and three; the assert fails where they are 1, 0, 2."""
    then = """
    if (n(from, 0) == 7 && n(from, 1) == 0) {
        choices_begin(x);
        do {
            State t = *from;
            x->fault = 0;
            uint32_t a = pick(x, 2), b = pick(x, 1), c = pick(x, 3);
            set_m(&t, 2, 100 + a * 10 + b + c);
            if (a == 1 && c == 2)
                x->fault = 1;
            if (x->fault)
                report_fault(x, B_choose, 5, 9);
            else
                emit(x, &t, B_choose, 5, 9);
        } while (choices_next(x));
    }"""
    site = SimpleNamespace(kind="assert", property="assert:m.py:4", message="no", location="m.py:4")
    program = models.grid(20, then=then, blocks="choose", sites=[site])
    outcome = native.explore(program, ())
    assert outcome.fired["choose:m.py:1"] % 5 == 0 and outcome.fired["choose:m.py:1"] > 0
    violation = outcome.violations["assert:m.py:4"]
    assert violation.kind == "assert" and violation.depth == 9
    last = violation.events[-1]
    assert (last.actor, last.arguments, last.choices) == (5, (9,), (1, 0, 2))
    assert all(event.choices == () for event in violation.events[:-1])


def test_too_many_choices_end_the_run() -> None:
    then = """
    choices_begin(x);
    do {
        State t = *from;
        for (int i = 0; i < 200; i++)
            pick(x, 2);
        emit(x, &t, B_up, 0, 0);
    } while (choices_next(x));"""
    outcome = explore(models.grid(3, then=then))
    assert not outcome.complete and outcome.ended is not None and "choices" in outcome.ended


def test_reached() -> None:
    check = """
    LINKED uint64_t check_reachable(const State *s, Worker *x)
    { return n(s, 1) == 4 | (n(s, 1) == 99) << 1; }"""
    program = models.grid(10, 2, checks=check, reachables=["four", "never"])
    outcome = explore(program)
    assert set(outcome.reached) == {"four"} and len(outcome.reached["four"].events) == 4 and outcome.complete
    assert native.explore(program, ["four"]).depth == 5


# ---- goals ----


@pytest.mark.parametrize("words", WIDTHS)
@pytest.mark.parametrize("threads", [1, 8])
def test_goals(words: int, threads: int) -> None:
    """n0 can always become 19; from n1 > 4 one cannot get back to n1 == 4; n2 == 19 is always possible."""
    check = """
    LINKED uint64_t check_goals(const State *s)
    { return n(s, 0) == 19 | (n(s, 1) == 4) << 1 | (uint64_t)(n(s, 2) == 19) << 9; }"""
    names = ["a", "b", *(f"deadlock:{i}" for i in range(7)), "j"]
    program = models.grid(20, words, checks=check, goals=names)
    outcome = explore(program, threads=threads)
    assert outcome.complete and set(outcome.violations) == {"b", "deadlock"}
    assert trace_of(outcome, "b") == [(1, (i,), ()) for i in range(5)]
    assert outcome.violations["b"].kind == "always possible"
    assert outcome.violations["deadlock"].events == []
    assert set(native.explore(program, ["a", "j"]).violations) == set()


@pytest.mark.parametrize("words", WIDTHS)
def test_a_goal_behind_a_cycle(words: int) -> None:
    """A ring of a thousand states: marks travel against the order of the levels as well."""
    text = """
    LINKED void expand(const State *from, Worker *x)
    {
        State t = *from;
        set_n(&t, 0, (n(from, 0) + 1) % 1000), set_m(&t, 0, n(&t, 0));
        emit(x, &t, B_up, 0, 0);
    }
    LINKED uint64_t check_goals(const State *s) { return n(s, 0) == 500; }"""
    program = models.program(words, "n:10:1 m:10:1", text, "up", goals=["half_way"])
    outcome = explore(program)
    assert outcome.complete and not outcome.violations and outcome.states == 1000


@pytest.mark.parametrize("threads", [1, 8])
def test_no_successor(threads: int) -> None:
    program = models.grid(30, 2, goals=["deadlock"], any_successor=1)
    outcome = explore(program, threads=threads)
    violation = outcome.violations["deadlock"]
    assert violation.kind == "deadlock" and len(violation.events) == 3 * 29


# ---- larger ones ----


@pytest.mark.long
@pytest.mark.parametrize("words", [1, 2, 4])
@pytest.mark.parametrize("threads", [1, 2])
def test_peterson_of_five(words: int, threads: int) -> None:
    assert counts(explore(models.peterson(5, words), threads=threads))[:2] == (628_868, 3_144_340)


@pytest.mark.long
@pytest.mark.parametrize("words", [1, 2, 4])
def test_memory_per_state(words: int) -> None:
    outcome = explore(models.two_phase(9, words))
    assert outcome.states == 10_340_352
    assert outcome.bytes_per_state <= 8 * words + 15


@pytest.mark.long
@pytest.mark.parametrize("sanitizer", ["thread", "address,undefined"])
@pytest.mark.parametrize("words", [1, 2])
def test_sanitizers(sanitizer: str, words: int, tmp_path: Any) -> None:
    """A program of its own: a sanitizer must be there from the start of a process."""
    program = models.grid(
        40,
        words,
        checks="""
        LINKED uint64_t check_state(const State *s, Worker *x) { return n(s, 0) == 39 && n(s, 1) == 20; }
        LINKED uint64_t check_goals(const State *s) { return n(s, 2) == 39 | (n(s, 1) == 4) << 1; }""",
        invariants=["i"],
        goals=["a", "b"],
    )
    main = """
    int main(void)
    {
        uint64_t initial[WORDS] = {0}, counts[8] = {0};
        uint8_t sites[1] = {0};
        Run run = {.initial = initial, .initial_count = 1, .threads = 4, .max_states = UINT64_MAX,
                   .max_depth = UINT64_MAX, .max_bytes = UINT64_MAX, .max_nanoseconds = UINT64_MAX,
                   .wanted_goals = 3, .wanted_sites = sites, .fired = counts, .condition_true = counts,
                   .condition_false = counts};
        int failed = explore(&run) || run.states != 64000 || run.ended != COMPLETE || run.tape_length == 0;
        explore_free(&run);
        return failed;
    }"""
    source = tmp_path / "program.c"
    source.write_text(program.source + main)
    binary = tmp_path / "program"
    flags = ["-std=gnu11", "-g", f"-fsanitize={sanitizer}", "-pthread", *SMALL_TABLE, "-O1"]
    engine = native.__file__.rpartition("/")[0]
    subprocess.run(["cc", *flags, f"-I{engine}", str(source), "-o", str(binary)], check=True)
    result = subprocess.run([str(binary)], capture_output=True, text=True, check=False)
    assert result.returncode == 0 and not result.stderr, result.stderr[:3000]
