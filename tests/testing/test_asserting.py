"""Assertions and strategies in a user's test suite, run as its author runs it; what they say on failure."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.language import Array, Index, Range, Scenario, Set, Unsigned, invariant, record, state, when
from checker.language import action as action_of
from checker.language.context import current
from checker.language.errors import CheckerError
from checker.loading import load_file
from checker.testing import Schedule, assert_holds, assert_violated, schedules, states
from checker.testing.values import warmed

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "tests" / "models_for_tests"


@pytest.fixture(scope="module")
def unmapping() -> Iterator[ModuleType]:
    sys.modules.pop("unmapping", None)
    yield load_file(str(MODELS / "unmapping.py"))
    sys.modules.pop("unmapping", None)


def refusal_of(assertion: object, *given: object, **more: object) -> str:
    with pytest.raises(AssertionError) as failed:
        assertion(*given, **more)  # type: ignore[operator]
    return str(failed.value)


@pytest.mark.slow
def test_a_users_suite_passes_and_its_failures_show_the_run() -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"]
    suite = str(MODELS / "suite.py")
    done = subprocess.run([*words, suite], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    assert "5 passed, 1 xfailed" in done.stdout
    failing = [*words, "--runxfail", f"{suite}::test_a_race_on_the_way"]
    done = subprocess.run(failing, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "<schedule of two, " in done.stdout and "TASK0                           TASK1" in done.stdout


def test_a_failure_shows_the_trace_and_how_to_see_it_again(unmapping: ModuleType) -> None:
    text = refusal_of(assert_holds, unmapping.no_stale_tlb, unmapping.all_is_well, bounds={"cpus": 3})
    assert text.startswith("no-stale-tlb: violated (in free-only, 3 steps)\nall-is-well: ")
    assert "page0 was freed while cpu0 can still translate it" in text
    assert "made it possible   ! step 3 shows it" in text
    again = " ".join(text.replace("\\\n", " ").split())
    assert "check --property no-stale-tlb --load tests/models_for_tests/unmapping.py" in again
    assert "--cpus 3" in again and "what this rests on:" in text
    assert all(len(line) <= 75 for line in text.splitlines())


def test_what_was_not_decided_does_not_hold(unmapping: ModuleType) -> None:
    assert "never-asked: not exercised" in refusal_of(assert_holds, unmapping.never_asked)
    text = refusal_of(
        assert_holds,
        unmapping.no_stale_tlb,
        design="repaired",
        scenario="larger",
        max_states=5,
        engine="python",
    )
    assert "no-stale-tlb: incomplete" in text and "state limit" in text


def test_what_holds_is_not_violated(unmapping: ModuleType) -> None:
    text = refusal_of(assert_violated, unmapping.no_stale_tlb, switches={"flush_first": True})
    assert text.startswith("no-stale-tlb: holds")
    assert_holds(unmapping.no_stale_tlb, unmapping.a_page_is_free, design="repaired", scenario="free-only")


def test_a_violation_has_its_trace(unmapping: ModuleType) -> None:
    found = assert_violated("no-stale-tlb", model=unmapping.Kernel, scenario="free-only")
    assert found.scenario == "free-only" and found.trace is not None
    assert [step.operation for step in found.trace.steps] == ["fill_tlb", "free_page", "free_page"]


@pytest.mark.parametrize(
    ("claims", "more", "said"),
    [
        ((), {}, "say which property"),
        (("no-stale-tbl",), {}, "did you mean `no-stale-tlb`"),
        ((3,), {}, "3 is no property"),
        (("no-stale-tlb",), {"scenario": "free"}, "there is no scenario `free`"),
        (("no-stale-tlb",), {"switches": {"flush": True}}, "there is no switch `flush`"),
        (("no-stale-tlb",), {"bounds": {"cpu": 3}}, "no bound `cpu`"),
    ],
)
def test_mistakes(
    unmapping: ModuleType, claims: tuple[object, ...], more: dict[str, object], said: str
) -> None:
    with pytest.raises(CheckerError) as wrong:
        assert_holds(*claims, model=unmapping.Kernel, **more)  # type: ignore[arg-type]
    assert said in wrong.value.formatted()


# ---- strategies -----------------------------------------------------------------------------------------


class Page(Index, size=3): ...


@record
class Frame:
    count: Range(1, 2)  # type: ignore[valid-type]
    next: Page | None


@state
class Memory:
    frame: Array[Page, Frame]
    pairs: Set[tuple[Page, Page]]
    word: Unsigned(64)  # type: ignore[valid-type]


@action_of
def count_up(m: Memory, page: Page) -> None:
    when(m.frame[page].next is None)
    assert int(page) < 2 or m.frame[page].count < 2, "too many"
    m.frame[page].count = 2
    m.frame[page].next = page


@invariant
def few(m: Memory) -> bool:
    return len(m.pairs) <= 9


WORLD = Scenario("counting", "", actions=[count_up])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # it is of a large test suite
@given(states(Memory), st.data())
def test_states_are_of_the_types_and_may_be_changed(m: Memory, data: st.DataObject) -> None:
    assert len(Page) == 3 and few(m)
    assert all(m.frame[p].count in (1, 2) for p in Page) and 0 <= int(m.word) < 1 << 64
    m.frame[Page(1)].next = Page(2)
    other = data.draw(states(Memory))
    assert other is not m and m.frame[Page(1)].next == Page(2)


def test_what_hypothesis_reads_once_is_read_before_a_test_begins() -> None:
    """Its health check would fail the first test of a large project otherwise."""
    warmed.cache_clear()
    states(Memory)
    schedules("counting", model=Memory)
    assert warmed.cache_info().misses == 1


def test_every_value_of_a_field_is_drawn() -> None:
    seen: set[object] = set()
    before = current.world, current.operation_of

    @settings(derandomize=True, database=None, max_examples=300)
    @given(states(Memory))
    def draw(m: Memory) -> None:
        seen.update([m.frame[Page(0)].next, ("pairs", min(len(m.pairs), 2)), m.frame[Page(2)].count])

    draw()
    assert seen == {None, Page[0], Page[1], Page[2], ("pairs", 0), ("pairs", 1), ("pairs", 2), 1, 2}
    assert (current.world, current.operation_of) == before  # nothing is left behind


def test_a_schedule_of_steps_that_can_be_taken() -> None:
    lengths: set[int] = set()

    @settings(derandomize=True, database=None, deadline=None)
    @given(schedules("counting", model=Memory, steps=2))
    def draw(run: Schedule) -> None:
        done = [sum(m.frame[p].next is not None for p in Page) for m in run.states]
        assert done == list(range(len(run.events) + 1))  # no step that changes nothing
        assert len(run.states) == len(done) and len(run.states[:-1]) == len(run.events)
        assert sum(run.states[-1].frame[p].next is not None for p in Page) == done[-1]
        lengths.add(len(run.events))

    draw()
    assert lengths == {0, 1, 2}


def test_an_assert_that_fails_on_the_way_fails_the_test() -> None:
    class Crowd(Index, size=2): ...

    @state
    class Room:
        seat: Array[Crowd, bool]

    @action_of(Crowd)
    def sit(r: Room, me: Crowd) -> None:
        r.seat[me] = True
        assert not all(r.seat[other] for other in Crowd), "the room is full"

    @settings(derandomize=True, database=None, deadline=None)
    @given(schedules("default", model=Room))
    def draw(run: Schedule) -> None:
        assert len(run.events) <= 1

    with pytest.raises(
        AssertionError, match=r"assert at .*: the room is full\n<schedule of default, 2 steps>\n"
    ):
        draw()


def test_only_the_strategies_need_hypothesis() -> None:
    script = "import sys; import checker.testing; assert 'hypothesis' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
