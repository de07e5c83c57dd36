"""The shootdown of the benchmark at its smallest size: what SPIN, Rumur and TLC count, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Search = Callable[..., Any]
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
COUNTS = (2_180, 7_032, 13)  # for 2 CPUs, 2 pages and 2 initiators


def test_shootdown(search: Search, engine: str) -> None:
    outcome = search(BENCHMARKS / "shootdown.py", "Machine", engine, ["no_stale_tlb"])
    assert (outcome.states, outcome.transitions, outcome.depth) == COUNTS
    assert outcome.complete and not outcome.violations


@pytest.mark.parametrize("frames", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (31, 4095))])
def test_width_changes_no_count(search: Search, engine: str, frames: int) -> None:
    outcome = search(BENCHMARKS / "shootdown_wide.py", "Machine", engine, ["no_stale_tlb"], frames=frames)
    assert (outcome.states, outcome.transitions, outcome.depth) == COUNTS
    assert outcome.complete and not outcome.violations
