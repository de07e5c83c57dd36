"""Estimates of models whose size is known."""

from __future__ import annotations

from typing import Any

import c_models as models
import pytest

from checker.engines import native, run
from checker.engines.estimating import estimate
from checker.engines.outcome import Limits, Progress

needs_compiler = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")
PAST_HALF = [1, 4, 16, 60, 180, 400, 640, 720]


def test_what_slows_down_is_continued() -> None:
    found = estimate(sum(PAST_HALF), PAST_HALF, 0, 0, 0, 0)
    assert found is not None
    assert sum(PAST_HALF) <= found.low <= found.middle <= found.high
    assert 2500 < found.middle < 5000  # as much again on the other side


def test_what_does_not_slow_down_says_nothing() -> None:
    assert estimate(63, [1, 2, 4, 8, 16, 32], 0, 0, 0, 0) is None
    assert estimate(3, [1, 2], 0, 0, 0, 0) is None


def test_descents_alone() -> None:
    found = estimate(1000, [1, 999], 1000, 1000, 100, 100)
    assert found is not None and found.middle == 10_000 and found.low < 3000 and found.high > 30_000


def test_nothing_beyond_is_known_to_be_near() -> None:
    found = estimate(1000, [1, 999], 1000, 1000, 1000, 1000)
    assert found is not None and found.low == found.middle == 1000 and found.high < 1500


def test_it_is_never_less_than_what_is_known() -> None:
    found = estimate(5000, PAST_HALF, 1000, 1000, 999, 999)
    assert found is not None and found.low >= 5000


@needs_compiler
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("program", "states"),
    [
        (models.two_phase(7), 296_448),
        pytest.param(models.shootdown(3, 3), 1_788_736, marks=pytest.mark.slow),
        pytest.param(models.peterson(5, 2), 628_868, marks=pytest.mark.slow),
        (models.grid(60), 216_000),
        (models.once(5, 9), 100_000),  # where every walk soon comes to its end
    ],
)
def test_the_range_contains_the_truth(program: Any, states: int, threads: int) -> None:
    """At a three-hundredth, a thirtieth, and a third of it."""
    for share in (300, 30, 3):
        with native.Run(
            program, (), Limits(max_states=states // share, threads=threads), quick=True
        ) as search:
            search.estimate_at_end()
            search.go(None)
            found = search.estimate()
        assert found is not None and found.low <= states <= found.high


@needs_compiler
def test_descents_change_no_count_and_are_told_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ("-O0", "-DDESCENT_PAUSE=0")
    monkeypatch.setattr(run, "PROGRESS_SECONDS", 0.001)
    seen: list[Progress] = []
    plain = native.explore(models.two_phase(7), None, Limits())
    told = native.explore(models.two_phase(7), None, Limits(), seen.append, extra_flags=flags)
    for each in (plain, told):
        each.seconds = 0.0
    assert plain == told
    assert seen and all(each.rate > 0 for each in seen if each.states > 1)
    assert any(each.estimate is not None for each in seen)


def test_time_left() -> None:
    progress = Progress(1000, 0, 0, 0, 0, 2.0, rate=500.0)
    assert progress.seconds_left(2000) == 2.0 and progress.seconds_left(10) == 0.0
    assert Progress(1000, 0, 0, 0, 0, 2.0).seconds_left(2000) is None
