"""`check cost`, as a user types it: a model whose costs have closed forms, and wrong requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import Check

REFILLS = ("--load", "{models}/refills.py")
NO_COMPILER = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
ENGINES = ["python", pytest.param("native", marks=NO_COMPILER)]


def paid(check: Check, *words: str, engine: str = "native") -> dict[str, Any]:
    """The first design of the first table."""
    said = check("cost", *REFILLS, "--engine", engine, "--json", *words)
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)["comparisons"][0]["scenarios"][0]["designs"][0]
    return found


@pytest.mark.parametrize(
    ("engine", "workers", "size"),
    [
        ("python", 2, 3),
        ("python", 3, 1),
        pytest.param("native", 3, 3, marks=NO_COMPILER),
        *(
            pytest.param(engine, *sizes, marks=[NO_COMPILER, pytest.mark.slow])
            for engine, *sizes in (
                ("python", 2, 1),
                ("python", 3, 3),
                ("native", 2, 1),
                ("native", 2, 3),
                ("native", 3, 1),
            )
        ),
    ],
)
def test_closed_forms(check: Check, engine: str, workers: int, size: int) -> None:
    """A refill asks all others, and lasts for so many takings; whoever answers does it once for each."""
    bounds = ("--scenario", "one-takes", "--workers", str(workers), "--size", str(size))
    for design, one, ratio in (
        ("each", workers - 1, (workers - 1, 1)),
        ("refill", workers - 1, (workers - 1, size)),
        ("never", 0, (0, 1)),
    ):
        costs = paid(check, *bounds, "--design", design, engine=engine)["costs"]
        assert costs["questions"]["operations"]["take"] == one
        found = costs["questions"]["per"]["taken"]["at_most"]
        assert found[0] * ratio[1] == ratio[0] * found[1]
        assert costs["taken"]["operations"]["take"] == 1
        assert costs["answers"]["operations"].get("answer", 0) == min(one, 1)
        assert costs["answers"]["operations"]["take"] == costs["taken"]["operations"].get("answer", 0) == 0
        assert costs["questions"]["in_all"] == ("no limit" if one else 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_limit(check: Check, engine: str) -> None:
    """It asks again and again: one run of it has no limit, and pays without a taking."""
    found = paid(check, "--scenario", "one-takes", "--set", "stubborn=true", engine=engine)["costs"]
    assert found["questions"]["operations"]["take"] == "no limit"
    assert found["questions"]["per"]["taken"]["at_most"] == "no limit"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_ends_has_a_sum(check: Check, engine: str) -> None:
    found = paid(check, "--scenario", "once", engine=engine)["costs"]
    assert (found["questions"]["in_all"], found["taken"]["in_all"]) == (1, 1)
    assert found["questions"]["per"]["taken"]["at_most"] == [1, 1]  # nothing goes round: of the whole run


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("--scenario", "once"), "1 questions in all"),
        (("--scenario", "one-takes", "--design", "refill"), "1/3 questions per taken"),
        (("--scenario", "one-takes", "--design", "each"), "1 questions per taken"),
        (("--scenario", "one-takes", "--set", "stubborn=true"), "1 questions for no taken"),
    ],
)
def test_a_schedule_on_which_most_is_paid(
    check: Check, engine: str, words: tuple[str, ...], title: str
) -> None:
    """Its title is counted from the steps as the model's own Python took them."""
    found = paid(check, "--trace", "questions", *words, engine=engine)
    schedule = found["schedule"]
    assert schedule["title"] == title and schedule["kind"] == "cost"
    assert [each["number"] for each in schedule["steps"]] == list(range(1, len(schedule["steps"]) + 1))
    assert any(": 1 questions" in each for each in schedule["why"]["reasons"])


@NO_COMPILER
def test_a_schedule_as_text_and_as_a_page(check: Check, tmp_path: Path) -> None:
    page = tmp_path / "schedule.html"
    said = check("cost", *REFILLS, "--trace", "questions", "--html", str(page))
    assert said.code == 0 and max(map(len, said.lines)) <= 75
    assert "DEAREST SCHEDULE: 1/3 questions per taken  [questions, on a refill]" in said.out
    assert said.out.count("DEAREST SCHEDULE") == 2  # who never asks pays nothing
    assert "take()" in page.read_text() and (tmp_path / "schedule-2.html").exists()
    again = said.out.split("again:")[-1].replace("\\\n", " ").split()
    assert again[:4] == ["check", "cost", "--trace", "questions"]


@NO_COMPILER
@pytest.mark.parametrize(
    "scenario", ["once", *(pytest.param(n, marks=pytest.mark.slow) for n in ("one-takes", "all-take"))]
)
def test_both_engines_agree(check: Check, scenario: str) -> None:
    """But for states that differ in what no cost depends on."""
    for design in ("each", "refill"):
        both = []
        for engine in ("native", "python"):
            found = paid(check, "--scenario", scenario, "--design", design, engine=engine)
            for cost in found["costs"].values():
                del cost["random_total"]
                for unit in cost["per"].values():
                    del unit["random_total"], unit["at_random"]
            both.append(found["costs"])
        assert both[0] == both[1]


@NO_COMPILER
def test_random_walks_depend_on_the_seed_only(check: Check) -> None:
    words = ("--scenario", "one-takes", "--design", "refill", "--steps", "600000")
    first, threads = (paid(check, *words, "--threads", n) for n in ("1", "3"))
    other = paid(check, *words, "--seed", "2")
    assert first == threads and first["costs"] != other["costs"]
    per = first["costs"]["questions"]["per"]["taken"]
    # A walk is cut off anywhere between two refills, of which each pays for three takings.
    assert 1 / 3 <= per["at_random"] < 0.35
    assert first["walks"]["steps"] >= 600000


@NO_COMPILER
def test_a_comparison(check: Check) -> None:
    said = check("cost", *REFILLS)
    assert said.code == 0 and max(map(len, said.lines)) <= 75
    words = [line.split() for line in said.lines]
    assert said.lines[0] == "How often are the others asked?: a book"
    assert ["per", "taken,", "at", "most", "1", "1/3", "0"] in words
    assert ["one", "take(),", "at", "most", "1", "1", "0"] in words
    assert ["measured", "elsewhere", "1.04", "s"] in words
    assert not any("answers" in line for line in said.lines)  # it is about questions


@NO_COMPILER
def test_only_what_is_asked_for(check: Check) -> None:
    said = check("cost", "answers", *REFILLS, "--scenario", "one-takes")
    assert said.code == 0 and "answers" in said.out and "questions" not in said.out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_that_is_cut_short(check: Check, engine: str) -> None:
    said = check("cost", *REFILLS, "--scenario", "all-take", "--max-states", "3", "--engine", engine)
    assert said.code == 3 and "incomplete (state limit): no worst case is known" in said.out


def test_wrong_requests(check: Check) -> None:
    nothing = check("cost", "--load", "{models}/counting.py")
    assert nothing.code == 2 and "says of no step what it costs" in nothing.err
    unknown = check("cost", "question", *REFILLS)
    assert unknown.code == 2 and "did you mean" in unknown.err
    assert check("cost", *REFILLS, "--engine", "symbolic").code == 2
    assert check("cost", *REFILLS, "--trace", "answers").code == 2  # the comparison is about questions
    assert "for the schedules of --trace" in check("cost", *REFILLS, "--html", "x.html").err


MODEL = """
from checker.language import Range, action, choose, cost, state

@state
class Counter:
    count: Range(0, 3)

@action
def step(k: Counter) -> None:
    k.count = choose(range(4))

"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("function", "native", "python"),
    [
        ("return after.count - before.count", "can be anything from -3 to 3", "returned -"),
        ("return after.count > before.count", "returns no number", "not a number from 0 on"),
    ],
)
def test_what_is_no_cost(
    check: Check, tmp_path: Path, engine: str, function: str, native: str, python: str
) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(f"{MODEL}@cost\ndef wrong(before: Counter, after: Counter) -> int:\n    {function}\n")
    said = check("cost", "--load", str(file), "--engine", engine)
    assert said.code == 2 and (native if engine == "native" else python) in said.err
    assert "wrong.py:" in said.err


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cost_without_a_value(check: Check, tmp_path: Path, engine: str) -> None:
    file = tmp_path / "failing.py"
    body = "    assert after.count < 3\n    return 1\n"
    file.write_text(f"{MODEL}@cost\ndef failing(before: Counter, after: Counter) -> int:\n{body}")
    assert check("cost", "--load", str(file), "--engine", engine).code == 2


def test_a_cost_takes_two_states(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(f"{MODEL}@cost\ndef one(after: Counter) -> int:\n    return 1\n")
    said = check("cost", "--load", str(file))
    assert said.code == 2 and "the states before and after" in said.err
