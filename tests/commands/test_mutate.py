"""`check mutate`: which changes are noticed by what, which survive and why, and what cannot be decided."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checker.engines.compilers import find_compiler
from checker.mutation.running import Mutation
from tests.commands.conftest import Check

SHOP = ("--load", "{models}/mutants.py")
NO_COMPILER = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
ENGINES = ["python", pytest.param("native", marks=NO_COMPILER)]
NATIVE_IS_SLOW = ["python", pytest.param("native", marks=[NO_COMPILER, pytest.mark.slow])]
PYTHON = ("--engine", "python")  # where it is quicker, and it does not matter
Data = dict[str, Any]


def data_of(check: Check, *words: str) -> Data:
    found: Data = json.loads(check("mutate", *words, "--json", *SHOP).out)
    return found


def fates(data: Data) -> dict[str, str]:
    return {each["change"]: each["fate"] for each in data["mutants"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_each_mutant_with_what_notices_it(check: Check, engine: str) -> None:
    said = check("mutate", "take", "--engine", engine, *SHOP)
    assert said.code == 0
    text = re.sub(r"\S*/mutants.py", "mutants.py", said.out)
    assert (
        text
        == """\
noticed:
   1  mutants.py:40 (take)
      negate `s.lock is not None`
      by deadlock (1 step, looking), sold-out (no longer reached, looking)
   2  mutants.py:40 (take)
      drop `while s.lock is not None: yield`
      by alone (4 steps, shopping)
   4  mutants.py:42 (take)
      drop `s.lock = me`
      by alone (4 steps, shopping)
   5  mutants.py:40 (take)
      swap `while s.lock is not None: yield` with `s.lock = me`
      by deadlock (1 step, looking), sold-out (no longer reached, looking)

survived, for a reason that the model states:
   3  mutants.py:39 (take)
      drop the `yield` before a wait
      the window before a lock is only there to be faithful

searched: shopping, looking
mutation score: 4 of 4 noticed (100 %), 1 excused
"""
    )


@pytest.mark.parametrize("engine", NATIVE_IS_SLOW)
def test_the_whole_model_counts(check: Check, engine: str) -> None:
    data = data_of(check, "--all", "--engine", engine)
    assert data["score"] == {"noticed": 18, "survived": 12, "excused": 1, "incomplete": 0, "stillborn": 2}
    assert data["exit_code"] == 1
    assert {each["function"] for each in data["mutants"]} == {
        "take",
        "give",
        "buy",
        "never",
        "refill",
        "look",
    }
    kinds = [each["kind"] for each in data["mutants"]]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "drop": 17,
        "negate": 4,
        "merge": 4,
        "swap": 8,
    }


def test_named_functions_and_what_they_call(check: Check) -> None:
    assert {each["function"] for each in data_of(check, "buy", *PYTHON)["mutants"]} == {"buy"}
    assert {each["function"] for each in data_of(check, "buy", "--calls", *PYTHON)["mutants"]} == {
        "buy",
        "take",
        "give",
    }


@pytest.mark.slow
def test_one_design_and_one_scenario(check: Check) -> None:
    unlocked = data_of(check, "buy", "--design", "unlocked", "--scenario", "shopping")
    assert "drop `yield from take(s, me)`" not in fates(unlocked)  # not a step of this design
    assert unlocked["searched"] == ["shopping"]
    assert unlocked["cannot_notice"] == {"alone": ["shopping"]}
    assert fates(unlocked)["drop `s.inside[me] = False`"] == "survived"


@pytest.mark.slow
def test_one_property(check: Check) -> None:
    data = data_of(check, "give", "--property", "alone")
    assert fates(data) == {"drop `s.lock = None`": "noticed"}  # by an assert, which is always checked
    assert data["mutants"][0]["noticed_by"][0]["property"].startswith("assert:")
    data = data_of(check, "give", "--property", "alone", "--scenario", "shopping")
    assert fates(data) == {"drop `s.lock = None`": "survived"}


def test_a_survivor_says_why_as_far_as_that_is_known(check: Check) -> None:
    why = {each["change"]: each["why"] for each in data_of(check, "buy", "never", "look")["mutants"]}
    assert why["drop `s.log = True`"] == "nothing that is checked depends on it"
    assert why["drop `s.stock = 0`"] == "no scenario that was searched runs it"
    assert why["swap `when(s.lamp)` with `s.stock = 0`"] == "when(...) may come after a write of its block"
    assert why["drop `s.inside[me] = True`"] == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_the_trace_of_one_mutant(check: Check, engine: str) -> None:
    said = check("mutate", "take", "--trace", "4", "--engine", engine, *SHOP)
    assert said.code == 0
    assert "violated" in said.out and "[alone, locked]" in said.out
    assert "mutants.py:38  task0 take" not in said.out
    again = " ".join(said.out.split("again:\n")[1].split("\n\n")[0].replace("\\\n", " ").split())
    assert again.startswith("check mutate take --trace 4")
    repeated = check(*again.removeprefix("check ").split())
    assert repeated.out == said.out


@pytest.mark.parametrize("engine", NATIVE_IS_SLOW)
def test_a_wrong_reason_is_listed(check: Check, tmp_path: Path, engine: str) -> None:
    text = (Path(__file__).parents[1] / "models_for_tests" / "mutants.py").read_text()
    file = tmp_path / "wrong.py"
    file.write_text(text.replace("    s.lock = me\n", "    s.lock = me  # mutant: who cares\n"))
    said = check("mutate", "take", "--load", str(file), "--engine", engine)
    assert said.code == 1
    assert "noticed, though the model says that it is harmless:" in said.lines
    assert "wrong.py:42: who cares" in " ".join(said.out.split())
    file = tmp_path / "right.py"
    file.write_text(text.replace("    s.lock = me\n", "    s.lock = me  # mutant swap: who cares\n"))
    said = check("mutate", "take", "--load", str(file), "--engine", engine)
    assert said.code == 0  # that swap is of the line before


def test_a_comment_that_gives_no_reason_is_refused(check: Check, tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "models_for_tests" / "mutants.py").read_text()
    file = tmp_path / "empty.py"
    file.write_text(text.replace("    s.lock = me\n", "    s.lock = me  # mutant:\n"))
    said = check("mutate", "take", "--load", str(file))
    assert said.code == 2
    assert "empty.py:42:18: error: this comment says nothing about a mutant" in said.err


def test_a_limit_leaves_mutants_undecided(check: Check) -> None:
    data = data_of(check, "take", "--max-states", "3", *PYTHON)
    assert data["exit_code"] == 3
    assert set(fates(data).values()) == {"incomplete"}
    mutants = data_of(check, "buy", "--max-states", "3", *PYTHON)["mutants"]
    survivors = [each for each in mutants if each["fate"] == "survived"]
    assert [each["why"] for each in survivors] == ["nothing that is checked depends on it"]  # needs no search


def test_ctrl_c_keeps_what_is_known(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    judge, judged = Mutation._judge, []

    def interrupted(self: Mutation, *given: Any) -> None:
        if len(judged) == 2:
            raise KeyboardInterrupt
        judged.append(judge(self, *given))

    monkeypatch.setattr(Mutation, "_judge", interrupted)
    said = check("mutate", "take", *SHOP)
    assert said.code == 3
    assert "mutation score: 2 of 2 noticed (100 %), 3 incomplete" in said.lines
    assert "not wholly searched: shopping, looking: interrupted" in said.lines


def test_wrong_requests(check: Check) -> None:
    for words, text in (
        ((), "say what to change"),
        (("tale",), "there is no operation or function that is run here `tale` (did you mean `take`?)"),
        (("open-for",), "open_for has no mutants: a property calls it, and would change with it"),
        (("take", "--trace", "99"), "there is no mutant 99 here"),
    ):
        said = check("mutate", *words, *SHOP)
        assert (said.code, said.out) == (2, ""), said.out
        assert text in said.err


def test_every_line_fits(check: Check) -> None:
    said = check("mutate", "--all", *PYTHON, *SHOP)
    assert said.code == 1 and len(said.lines) > 10
    assert all(len(line) <= 75 for line in said.lines if "models_for_tests" not in line)


HELPER = """
from checker.language import Array, Index, Range, Steps, initial, invariant, operation, state

class Task(Index, size=1): ...

@state
class Box:
    n: Range(0, 3)

def fill(k: Box) -> None:
    k.n = 3

@initial
def full(k: Box) -> None:
    fill(k)

@operation(Task)
def empty(k: Box, me: Task) -> Steps:
    k.n = 1
    yield
    fill(k)

@invariant
def never_empty(k: Box) -> bool:
    return k.n > 0
"""


@pytest.mark.parametrize("engine", NATIVE_IS_SLOW)
def test_a_mutant_starts_where_the_model_starts(check: Check, tmp_path: Path, engine: str) -> None:
    """Though the function that is changed also sets the state up."""
    file = tmp_path / "box.py"
    file.write_text(HELPER)
    said = check("mutate", "fill", "--load", str(file), "--engine", engine)
    assert said.code == 1
    assert said.lines[-1] == "mutation score: 0 of 1 noticed (0 %)"


def test_functions_that_a_property_calls_are_named(check: Check) -> None:
    said = check("mutate", "look", "--calls", *PYTHON, *SHOP)
    assert "not changed: open_for: a property calls it, and would change with it" in said.lines
