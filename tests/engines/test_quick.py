"""A program is compiled in a hurry first, and well where its search turns out to be long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import build as building
from checker.engines import native, run
from checker.engines.compilers import QUICK, find_compiler
from checker.engines.outcome import INTERRUPTED, STATES, Limits
from checker.language import World, model_of
from checker.loading import load_file

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")

MODEL = """
from checker.language import *

class Cpu(Index, size=3): ...

@state
class K:
    level: Array[Cpu, Range(0, 4)]

@action(Cpu)
def up(k: K, me: Cpu) -> None:
    k.level[me] = (k.level[me] + 1) % 5

@invariant
def p(k: K) -> bool:
    return any(k.level[c] < 4 for c in Cpu)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "quick_model.py").write_text(MODEL)
    model = model_of(load_file(str(tmp_path / "quick_model.py")).K)
    return compile_program(World(model), [model.properties["p"]])


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The levels of optimisation that the compiler was called with."""
    found: list[str] = []
    compile_ = building._compile

    def noted(source: str, compiler: Any, flags: Any, path: Any) -> None:
        found.append(next(flag for flag in flags if flag.startswith("-O")))
        compile_(source, compiler, flags, path)

    monkeypatch.setattr(building, "_compile", noted)
    return found


def test_a_short_search_is_all_there_is(program: Any, levels: list[str]) -> None:
    for _ in range(2):
        outcome = native.explore(program, (), Limits())
        assert (outcome.states, outcome.ended) == (125, None)
    assert levels == [QUICK]


def test_a_long_one_begins_again(program: Any, levels: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = native.explore(program, None, Limits())
    monkeypatch.setattr(native, "QUICK_STATES", 20)
    for _ in range(2):
        again = native.explore(program, None, Limits())
        assert (again.states, again.transitions, again.depth) == (
            whole.states,
            whole.transitions,
            whole.depth,
        )
        assert again.violations == whole.violations
    assert levels == [QUICK, "-O3"]


def test_a_limit_of_the_user_is_kept(
    program: Any, levels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "QUICK_STATES", 20)
    assert native.explore(program, (), Limits(max_states=50)).ended == STATES
    assert native.explore(program, (), Limits(max_states=10)).ended == STATES
    assert levels == [QUICK, "-O3"]


def test_ctrl_c_while_compiling_loses_nothing(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build = building.build

    def interrupted(source: str, extra: Any, quick: bool) -> Any:
        if not quick:
            raise KeyboardInterrupt
        return build(source, extra, quick)

    monkeypatch.setattr(run, "build", interrupted)
    monkeypatch.setattr(native, "QUICK_STATES", 20)
    outcome = native.explore(program, (), Limits())
    assert outcome.ended == INTERRUPTED and not outcome.complete and outcome.states >= 20
