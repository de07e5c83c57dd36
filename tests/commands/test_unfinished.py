"""A search that a limit ends is never an answer."""

from __future__ import annotations

import re

import pytest

from checker.engines.build import find_compiler
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
