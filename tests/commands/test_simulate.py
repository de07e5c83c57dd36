"""`check simulate`, as a user types it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.commands.conftest import Check

STALE = ("--load", "{models}/unmapping.py", "--property", "no-stale-tlb")
COUNTING = ("--load", "{models}/counting.py")


def test_a_violation_is_shown_as_any_other(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    said = check("simulate", *STALE, "--steps", "10000", "--itf", str(file))
    assert said.code == 1 and "no-stale-tlb: violated (in " in said.out
    searched = check(*STALE)
    assert said.out.partition("again:")[0] == searched.out.partition("again:")[0]
    assert check("replay", str(file), *STALE[:2]).code == 1


def test_the_command_under_a_trace_finds_it_again(check: Check) -> None:
    said = check("simulate", *STALE, "--time", "300ms", "--max-depth", "50")
    command = said.out.partition("again:\n")[2].partition("\n\n")[0].replace("\\\n", " ")
    words = shlex.split(command)
    assert words[:2] == ["check", "simulate"] and said.code == 1
    again = check(*words[1:])
    assert again.out.partition("again:")[0] == said.out.partition("again:")[0]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_it_never_holds(check: Check, threads: str) -> None:
    asked = ("--property", "fine", "--property", "deadlock", "--steps", "5000", "--threads", threads)
    said = check("simulate", *COUNTING, *asked)
    assert said.code == 3 and "holds" not in said.out
    assert "fine: incomplete (nothing found in " in said.out and "deadlock: incomplete" in said.out
    assert "blocks covered: 5 of 5" in said.out and max(map(len, said.lines)) <= 75


def test_the_same_for_a_machine(check: Check) -> None:
    said = check("simulate", *COUNTING, "--property", "fine", "--steps", "5000", "--seed", "7", "--json")
    data = json.loads(said.out)
    assert data["exit_code"] == said.code == 3 and len(data["simulations"]) == 2
    first = data["simulations"][0]
    assert first["seed"] == 7 and first["steps"] >= 5000 and first["walks"] > 0
    names = {block for run in data["runs"] for block in run["fired"]}
    assert {pair["first"] for pair in first["pairs"]} <= names
    assert [verdict["answer"] for verdict in data["verdicts"]] == ["incomplete"]


def test_every_pair_in_words(check: Check) -> None:
    said = check("simulate", *COUNTING, "--scenario", "first", "--steps", "5000", "--verbose")
    assert "fill:" in said.out and " -> " in said.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--seed", "x"), "seed"),
        (("--steps", "0"), "steps"),
        (("--property", "fien"), "did you mean `fine`"),
        (("--scenario", "third"), "there is no scenario"),
        (("--itf", "/no/such/file"), "there is no directory"),
        (("--follow", "nobody"), "there is no such member"),
    ],
)
def test_wrong_requests(check: Check, words: tuple[str, ...], says: str) -> None:
    said = check("simulate", *COUNTING, *words)
    assert said.code == 2 and says in said.err and not said.out
