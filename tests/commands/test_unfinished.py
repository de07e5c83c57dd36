"""A search that a limit ends is never an answer."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from checker import searching
from checker.engines.compilers import find_compiler
from tests.commands.conftest import MODELS, Check

LARGE = ["--load", str(MODELS / "counters.py")]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("limit", "why"),
    [("--max-states 50", "state limit"), ("--max-depth 4", "depth limit"), ("--time 1ms", "time limit")],
)
def test_an_unfinished_search_is_never_an_answer(check: Check, engine: str, limit: str, why: str) -> None:
    said = check("--property", "small", "--counters", "6", "--engine", engine, *limit.split(), *LARGE)
    assert said.code == 3
    text = " ".join(said.out.split())
    assert "small: incomplete" in text and why in text and re.search(r"up to depth \d+ was covered", text)


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_a_million_states_do_not_fit_in_50_megabytes(check: Check) -> None:
    said = check("--property", "small", "--memory", "50M", "--counters", "8", *LARGE)
    assert said.code == 3 and "memory limit" in said.out and re.search(r"up to depth \d+", said.out)


COUNTING = ("--property", "fine", "--counters", "2", "--engine", "python", "--load", "{models}/counting.py")


def test_what_holds_in_one_scenario_holds_only_if_the_others_were_searched(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(*COUNTING).code == 0
    clock = iter([0.0, 0.0])  # at the beginning, before the first scenario, and then
    monkeypatch.setattr(searching, "time", SimpleNamespace(monotonic=lambda: next(clock, 11.0)))
    said = check(*COUNTING, "--time", "10s")
    assert said.code == 3 and "fine: incomplete (second was not searched: time limit)" in said.out


def test_ctrl_c_in_the_second_scenario(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    run = searching.Search._run

    def interrupted(search: searching.Search, world: searching.World, *more: object) -> object:
        if world.scenario.name == "second":
            raise KeyboardInterrupt
        return run(search, world, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(searching.Search, "_run", interrupted)
    said = check(*COUNTING)
    assert said.code == 3 and "fine: incomplete (second was not searched: interrupted)" in said.out
