"""Asserts that fail, model errors and deadlocks, and what is not known beyond them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.a_model import model_file
from tests.commands.conftest import MODELS, Check

ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_assert_that_fails_is_reported_whatever_was_asked(
    check: Check, tmp_path: Path, engine: str
) -> None:
    said = check(
        "--property", "quiet", "--engine", engine, *model_file(tmp_path, 'assert k.count < 2, "too many"')
    )
    assert said.code == 1
    assert "  check --property quiet" in said.out
    assert "too many" in said.out and re.search(
        r"assert:.*model\.py:17: violated", " ".join(said.out.split())
    ), said.out


CUT_SHORT = """
from checker.language import *

class Cpu(Index, size=1): ...

@state
class K:
    n: Range(0, 3)

@operation(Cpu)
def op(k: K, me: Cpu) -> Steps:
    k.n = 1
    yield
    k.n = 2
    assert k.n == 3
    yield
    k.n = 3
    yield
    k.n = 0

@reachable
def one(k: K) -> bool:
    return k.n == 1

@reachable
def three(k: K) -> bool:
    return k.n == 3

@always_possible
def zero(k: K) -> bool:
    return k.n == 0
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_beyond_a_failing_assert_nothing_is_said_to_be_unreachable(
    check: Check, tmp_path: Path, engine: str
) -> None:
    """What was reached before it was reached all the same; and the operation did not return."""
    (tmp_path / "cut.py").write_text(CUT_SHORT)
    said = check("--all", "--load", str(tmp_path / "cut.py"), "--engine", engine)
    text = " ".join(said.out.split())
    assert "one: holds (reached in default, 1 step)" in text
    for name in ("three", "zero", "deadlock"):
        assert re.search(rf"{name}: incomplete \(not known beyond assert:\S*cut.py:15\)", text)
    assert "op() returns" not in said.out


ONLY_ACTIONS = """
from checker.language import *

class Page(Index, size=2, symmetric=True): ...

@state
class K:
    n: Range(0, 5)
    tlb: Set[Page]
    stuck: bool

@action
def up(k: K) -> None:
    when(k.n < 5 and not (k.n == 2 and k.stuck))
    k.n += 1

@action
def stick(k: K) -> None:
    when(k.n == 1)
    k.stuck = choose(True, False)

@action
def fill(k: K, p: Page) -> None:
    GUARD
    k.tlb.add(p)

@always_possible
def top(k: K) -> bool:
    return k.n == 5

@always_possible
def low(k: K) -> bool:
    return k.n <= 5
"""


@pytest.mark.parametrize("words", [[], ["--no-reduction"], ["--engine", "python"]], ids=str)
@pytest.mark.parametrize(("guard", "answer"), [("pass", "holds"), ("when(k.n < 2)", "violated")])
def test_deadlock_beside_what_stays_possible_without_operations(
    check: Check, tmp_path: Path, words: list[str], guard: str, answer: str
) -> None:
    """That some step is possible is no question about one state, as the others are."""
    (tmp_path / "acts.py").write_text(ONLY_ACTIONS.replace("GUARD", guard))
    said = check("--all", "--load", str(tmp_path / "acts.py"), *words)
    assert f"deadlock: {answer} (" in said.out
    assert "top: violated (in default, 3 steps)" in said.out and "low: holds" in said.out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_error_is_exit_2_with_its_trace(check: Check, tmp_path: Path, engine: str) -> None:
    said = check("--property", "quiet", "--engine", engine, *model_file(tmp_path, "k.count = k.count + 4"))
    assert said.code == 2
    assert "model error" in said.out and "model.py:17" in said.out


ON_THE_WAY = """
from checker.language import Array, Index, Range, Steps, invariant, operation, state

class Cpu(Index, size=1): ...
class Page(Index, size=2): ...

@state
class Kernel:
    at: Page | None
    free: Array[Page, bool]
    noted: bool
    count: Range(0, 3)

@operation(Cpu)
def count(k: Kernel, me: Cpu) -> Steps:
    k.count = 1
    yield
    k.noted = k.free[k.at]
    yield
    k.count = 2

@invariant
def low(k: Kernel) -> bool:
    return k.count < 2

@invariant
def lower(k: Kernel) -> bool:
    return k.count != 2
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_violation_beyond_a_model_error_is_none(check: Check, tmp_path: Path, engine: str) -> None:
    """No property depends on the line that errs, so the native engine does not look at it when searching."""
    (tmp_path / "on_the_way.py").write_text(ON_THE_WAY)
    given = ("--engine", engine, "--load", str(tmp_path / "on_the_way.py"))
    said = check("--property", "low", "--property", "lower", *given)
    assert said.code == 2
    assert "None used as an index" in said.out and said.out.count("WARNING: ") == 1
    assert "low: incomplete (" in said.out and "lower: incomplete (" in said.out
    cells = json.loads(check("matrix", "--json", *given).out)["cells"]
    verdicts = {cell["property"].split(":")[0]: cell["verdict"] for cell in cells}
    assert verdicts["model error"] == "model error" and verdicts["low"] == "incomplete"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_deadlock_says_who_is_stuck(check: Check, engine: str) -> None:
    said = check("--property", "deadlock", "--engine", engine, "--load", str(MODELS / "two_locks.py"))
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[1] == "WARNING: possible deadlock  [deadlock]"
    assert re.match(r"task[01] is inside (one|other)_way\(\) and can never be idle again", lines[3])
    assert not lines[4]  # it is said once
    assert "     TASK0                           TASK1" in lines
    assert lines.count("          waits: while k.holder[lock] is not None") == 2
    assert any("one_way()" in line for line in lines) and any("other_way()" in line for line in lines)
