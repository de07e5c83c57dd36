"""More than the first violation: which blocks show it, what each rests on, and what hides behind what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import checker.causes
from checker.causes import Causes, all_causes
from checker.compiler import compile_program
from checker.engines import native, python
from checker.engines.causes import causes
from checker.engines.compilers import find_compiler
from checker.engines.outcome import Limits
from checker.language import (
    Array,
    Index,
    Range,
    Steps,
    World,
    action,
    choose,
    initial,
    invariant,
    model_of,
    operation,
    state,
    step_invariant,
    when,
)
from checker.request import Wanted

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")


class Counter(Index, size=5): ...


@state
class Wide:
    """Levels of thousands of states, so that several threads are at work."""

    count: Array[Counter, Range(0, 7)]  # type: ignore[valid-type]
    bad: bool


@action(Counter)
def up(k: Wide, me: Counter) -> None:
    when(k.count[me] < 7)
    k.count[me] += 1


@action(Counter)
def near(k: Wide, me: Counter) -> None:
    when(k.count[me] == 4)
    k.bad = True


@action(Counter)
def far(k: Wide, me: Counter) -> None:
    when(all(k.count[c] == 3 for c in Counter if c != me) and k.count[me] == 5)
    k.bad = True


@invariant
def good(k: Wide) -> bool:
    return not k.bad


class Task(Index, size=1): ...


@state
class Mixed:
    at: Range(0, 3)  # type: ignore[valid-type]
    odd: bool


@initial
def either(k: Mixed) -> None:
    k.odd = choose(False, True)


@operation(Task)
def walk(k: Mixed, me: Task) -> Steps:
    when(not k.odd)
    k.at = 1
    yield
    k.at = 0
    yield
    k.at = 2
    yield
    assert k.at != 2, "walked into it"
    k.at = 1


@action
def jump(k: Mixed) -> None:
    when(k.at == 2)
    k.at = 0


@action
def trip(k: Mixed) -> None:
    when(not k.odd and k.at == 2)
    k.odd = True


@invariant
def even(k: Mixed) -> bool:
    return not k.odd


@step_invariant
def never_down(before: Mixed, after: Mixed) -> bool:
    return before.at <= after.at


def causes_in(state_class: type, found: Any, limits: Limits | None = None) -> dict[str, Causes]:
    world = World(state_class)
    wanted = [Wanted(found.name, found)]
    program = compile_program(world, [found])
    outcome = native.explore(program, [found], Limits(keep_going=True))
    return all_causes(program, world, wanted, outcome, limits or Limits())


def short(block: str) -> str:
    return block.partition(":")[0]


def test_the_shortest_way_through_each_block() -> None:
    causes = causes_in(Wide, good)["good"]
    assert [(short(each.shows), len(each.violation.events)) for each in causes.found] == [
        ("near", 5),
        ("far", 18),
    ]
    assert causes.complete
    for each in causes.found:
        assert python.replay(World(Wide), each.violation).agrees


def test_they_are_the_same_for_any_number_of_threads() -> None:
    one, three = (causes_in(Wide, good, Limits(threads=threads))["good"] for threads in (1, 3))
    assert one == three


def test_an_initial_state_that_is_bad_by_itself_hides_nothing() -> None:
    """Without what walk did, trip would not run at all: so no change is said to have brought it about."""
    initial, tripped = causes_in(Mixed, even)["even"].found
    assert (initial.shows, initial.violation.events) == ("an initial state", [])
    assert (short(tripped.shows), tripped.wrote, len(tripped.violation.events)) == ("trip", "", 4)


def test_of_a_step_invariant_each_step_is_one() -> None:
    """A path goes on only by steps that keep it: what comes after walk's first way down is not looked at."""
    causes = causes_in(Mixed, never_down)["never_down"]
    assert [(short(each.shows), short(each.wrote), len(each.violation.events)) for each in causes.found] == [
        ("walk", "walk", 2)
    ]


def test_an_assert_has_its_block_and_what_it_read() -> None:
    (name,) = (name for name in causes_in(Mixed, even) if name.startswith("assert:"))
    (cause,) = causes_in(Mixed, even)[name].found
    assert (short(cause.shows), short(cause.wrote), len(cause.violation.events)) == ("walk", "walk", 4)


def test_a_limit_leaves_it_open() -> None:
    causes = causes_in(Wide, good, Limits(max_depth=8))["good"]
    assert [short(each.shows) for each in causes.found] == ["near"]
    assert not causes.complete


def test_blocks_that_are_forbidden_do_not_run() -> None:
    program = compile_program(World(Wide), [model_of(Wide).properties["good"]])
    near_blocks = {number for number, block in enumerate(program.blocks) if block.name == "near"}
    (found,) = causes(program, "good", near_blocks).found
    assert found.violation.events[-1].name == "far"
    assert not near_blocks & set(found.blocks)


def test_an_interrupt_ends_all_of_it_and_what_was_found_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Wide)
    program = compile_program(world, [good])
    outcome = native.explore(program, [good], Limits(keep_going=True))

    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.engines.causes.causes", interrupted)
    assert all_causes(program, world, [Wanted("good", good)], outcome, Limits()) == {}
    assert (outcome.complete, outcome.ended) == (False, "interrupted")
    assert len(outcome.violations["good"].events) == 5


def test_after_so_many_searches_the_number_is_a_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join((Path(__file__).parents[2] / "docs" / "matrix.md").read_text().split())
    assert f"After {checker.causes.MOST_SEARCHES} searches for one property in one scenario" in text
    monkeypatch.setattr(checker.causes, "MOST_SEARCHES", 1)
    (name,) = (name for name in causes_in(Mixed, even) if name.startswith("assert:"))
    found = causes_in(Mixed, even)[name]
    assert [short(each.shows) for each in found.found] == ["walk"]
    assert not found.complete
