"""What ends a search early, or looks ahead of it, leaves the same outcome for any number of threads."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import c_models as models
import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.checkpoint import Keeper, read
from checker.engines.outcome import Limits, Outcome
from checker.language import World
from checker.language.model import Model
from checker.loading import load_model

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

PARTS = ("-DSMALL_PART=16", "-DSMALL_LEVEL=16", "-DSMALL_CHUNK=4")
SMALL = ("-O0", "-DFIRST_BUCKETS=64", "-DSAVING_SHARE=0", *PARTS)
MODEL = """
from checker.language import *

class Cpu(Index, size=2): ...
class Page(Index, size=3): ...

@state
class Machine:
    present: Array[Page, bool]
    tlb: Array[Cpu, Set[Page]]
    work: Array[Cpu, Range(0, 9)]
    noted: Array[Cpu, Page]

@initial
def boot(m: Machine) -> None:
    for p in Page:
        m.present[p] = True

@action(Cpu)
def read(m: Machine, me: Cpu, page: Page) -> None:
    when(m.present[page] and (m.noted[me] == Page(1) or 9 // (5 - m.work[me]) != 7))
    m.tlb[me].add(page)

@action(Cpu)
def fetch(m: Machine, me: Cpu, page: Page) -> None:
    when(m.present[page] and (m.noted[me] != Page(1) or 9 // (5 - m.work[me]) != 7))
    m.tlb[me].add(page)

@operation(Cpu)
def change(m: Machine, me: Cpu, page: Page) -> Steps:
    m.present[page] = not m.present[page]
    m.noted[me] = page
    m.work[me] = (m.work[me] + 1) % 10
    m.tlb[me].discard(page)
    yield

@invariant
def few(m: Machine) -> bool:
    return sum(1 for c in Cpu for p in m.tlb[c] if not m.present[p]) < 3
"""
NOTHING_FAILS = MODEL.replace("9 // (5 - m.work[me]) != 7", "m.work[me] != 5 or m.present[page]")
GOALS = """
from checker.language import *

class Task(Index, size=2): ...

@state
class Counters:
    x: Array[Task, Range(0, 1)]

@action(Task)
def up(k: Counters, me: Task) -> None:
    k.x[me] = 1

@always_possible
def goal(k: Counters) -> bool:
    return 6 // (1 - k.x[Task(0)]) == 6 and k.x[Task(0)] == 1

@reachable
def seen(k: Counters) -> bool:
    return 6 // (1 - k.x[Task(0)]) == 6 and 6 // (1 - k.x[Task(1)]) == 6 and k.x[Task(1)] == 1
"""
COSTS = """
from checker.language import *

class Task(Index, size=2): ...

@state
class Counters:
    x: Array[Task, Range(0, 7)]

@action(Task)
def up(k: Counters, me: Task) -> None:
    k.x[me] = 0 if k.x[me] == 7 else k.x[me] + 1

@cost
def one(before: Counters, after: Counters) -> int:
    return 6 // (7 - after.x[Task(0)])

@cost
def other(before: Counters, after: Counters) -> int:
    return 6 // (7 - after.x[Task(1)])
"""
TOO_MANY = """
    if (n(from, 0) + n(from, 1) + n(from, 2) == SUM && n(from, 0) < 9) {
        choices_begin(x);
        do {
            State t = *from;
            for (int i = 0; i < 200; i++)
                pick(x, 2);
            emit(x, &t, B_up, 0, 0);
        } while (choices_next(x));
    }"""
CHECKS = """
LINKED uint64_t check_state(const State *s, Worker *x)
{ return (n(s, 0) == 3 && n(s, 1) == 4) | (uint64_t)(n(s, 1) == 11 && n(s, 2) == 10) << 1; }
"""


def model_in(text: str, folder: Path) -> Model:
    """Each text is a file of its own, as one that has been read is not read again."""
    file = folder / f"ends_model_{len(list(folder.iterdir()))}.py"
    file.write_text(text)
    sys.modules.pop(file.stem, None)
    return load_model([str(file)])


def program_of(text: str, folder: Path, reduced: bool) -> Any:
    model = model_in(text, folder)
    return compile_program(World(model, "default"), list(model.properties.values()), reduced=reduced)


def gave_up(program: Any, threads: int, keeper: Keeper | None = None, **limits: int) -> Any:
    with native.Run(program, (), Limits(threads=threads, **limits), SMALL) as run:
        if keeper is not None:
            run.keep(keeper, "key", False, keeper.to_go_on_with("key"))
        run.go(None)
        figures = dataclasses.replace(run.figures(), bytes=0, nanoseconds=0, nanoseconds_before=0)
        if keeper is not None:
            keeper.ended("key", figures, False, run.run.saves, run.run.save_error)
        return figures


def test_giving_up(tmp_path: Path) -> None:
    """Two hardware actions fail in many states of one level: the search ends with that level, and names
    the first of them; also if it was stopped on the way, and gone on with."""
    program = program_of(MODEL, tmp_path, reduced=True)
    assert program.is_reduced
    one = gave_up(program, 1)
    assert (one.gave_up, program.blocks[one.gave_up_at].name) == (2, "read") and one.states > 1000
    whole = gave_up(program_of(NOTHING_FAILS, tmp_path, reduced=True), 1, max_depth=one.depth)
    assert (one.states, one.transitions) == (whole.states, whole.transitions) and not whole.gave_up
    for threads in (2, 8, 8):
        assert gave_up(program, threads) == one
    path = tmp_path / "search"
    for most in range(500, one.states - 300, one.states // 10):
        keeper = Keeper(path, {}, always=True, saved=read(path) if path.exists() else None)
        assert gave_up(program, 2, keeper, max_states=most).gave_up == 0
    assert gave_up(program, 2, Keeper(path, {}, saved=read(path))) == one


def told(outcome: Outcome) -> Outcome:
    return dataclasses.replace(outcome, seconds=0.0, memory_bytes=0, bytes_per_state=0.0)


def test_too_many_choices() -> None:
    """Two invariants are violated in the level in which some states have too many."""
    program = models.grid(
        30, then=TOO_MANY.replace("SUM", "20"), checks=CHECKS, invariants=["seven", "twenty_one"]
    )
    one, *others = [
        told(native.explore(program, None, Limits(threads=threads), extra_flags=SMALL))
        for threads in (1, 2, 8, 8)
    ]
    assert one.ended and "choices" in one.ended and set(one.violations) == {"seven", "twenty_one"}
    for other in others:
        assert other == one


@pytest.mark.parametrize("threads", [1, 2])
def test_too_many_choices_before_it_was_saved(threads: int, tmp_path: Path) -> None:
    """Of one state alone: the search that goes on in the middle of that level ends with it as well."""
    one_state = TOO_MANY.replace("SUM", "20").replace("n(from, 0) < 9", "n(from, 0) == 9 && n(from, 1) == 4")
    program, flags = models.grid(30, then=one_state), (*SMALL, "-USMALL_CHUNK", "-DSMALL_CHUNK=32")
    whole = native.explore(program, None, Limits(), extra_flags=flags)
    path, ended = tmp_path / "search", "time limit"
    while ended == "time limit":  # after one chunk
        keeper = Keeper(path, {}, always=True, saved=read(path) if path.exists() else None)
        limits = Limits(threads=threads, seconds=1e-6)
        outcome = native.explore(program, None, limits, extra_flags=flags, keeper=keeper)
        ended = outcome.ended or ""
    assert "choices" in ended and (ended, outcome.states) == (whole.ended, whole.states)


@pytest.mark.parametrize("threads", [1, 8])
def test_walks_into_too_many_choices(threads: int) -> None:
    """Those that look ahead of a search do not end it: what it is asked for comes before."""
    program = models.grid(30, then=TOO_MANY.replace("SUM", "50"), checks=CHECKS, invariants=["seven", "late"])
    flags = (*SMALL, "-DDESCENT_PAUSE=0")
    with native.Run(program, ["seven"], Limits(threads=threads), flags) as run:
        run.run.descents, run.run.walk_length, run.run.seed = 100, 200, 1
        run.go(None)
        outcome = run.outcome()
    assert outcome.ended is None and set(outcome.violations) == {"seven"} and run.run.descents_of > 0


def test_walks_that_look_ahead_count_nothing(tmp_path: Path) -> None:
    """Neither what they fire, nor that an action fails where they come."""
    for model, depth in ((NOTHING_FAILS, 12), (MODEL, 4)):
        program, found = program_of(model, tmp_path, reduced=True), []
        for descents in (0, 100):
            flags = (*SMALL, "-DDESCENT_PAUSE=0")
            with native.Run(program, (), Limits(threads=2, max_depth=depth), flags) as run:
                run.run.descents, run.run.walk_length, run.run.seed = descents, 200, 1
                run.go(None)
                figures = run.figures()
            found.append(dataclasses.replace(figures, bytes=0, nanoseconds=0, nanoseconds_before=0))
        assert found[0] == found[1] and sum(found[0].fired) > 0 and not found[0].gave_up


@pytest.mark.parametrize("threads", [1, 8])
def test_what_cannot_be_evaluated_is_not_reached(threads: int, tmp_path: Path) -> None:
    """6 // 0 is no number, whatever the program goes on with."""
    program = program_of(GOALS, tmp_path, reduced=False)
    outcome = native.explore(program, None, Limits(threads=threads, keep_going=True), extra_flags=SMALL)
    assert outcome.complete and set(outcome.violations) == {"goal"} and not outcome.reached


@pytest.mark.parametrize("threads", [1, 8])
def test_costs_that_have_no_value(threads: int, tmp_path: Path) -> None:
    """Each fails at some step of most walks: the first of them is told."""
    model = model_in(COSTS, tmp_path)
    program = compile_program(World(model, "default"), list(model.costs.values()))
    failing = [number for number, site in enumerate(program.sites, 1) if "division" in site.message]
    assert len(failing) == 2
    for seed in range(1, 9):
        with native.Run(program, (), Limits(max_states=20_000, threads=threads), SMALL) as run:
            run.run.seed, run.run.walk_length = seed, 100
            run.go(None, "simulate")
        assert run.run.cost_fault == failing[0]
