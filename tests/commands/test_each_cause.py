"""`--each-cause`: a deep bug is told from the shallow one that hides it."""

from __future__ import annotations

import json

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import Check

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
HIDDEN = ("--load", "{models}/hidden.py")


def causes(check: Check, design: str) -> list[tuple[str, str, int]]:
    said = check("--property", "no-read-of-freed", "--each-cause", "--design", design, "--json", *HIDDEN)
    (verdict,) = json.loads(said.out)["verdicts"]
    assert verdict["all_causes"]
    assert not verdict["causes"] or verdict["trace"] == verdict["causes"][0]["trace"]
    return [
        (each["shows"].partition(":")[0], each["wrote"].partition(":")[0], len(each["trace"]["steps"]))
        for each in verdict["causes"]
    ]


def test_both_bugs_are_found_though_they_show_in_one_block(check: Check) -> None:
    assert causes(check, "both") == [("read", "free_page", 3), ("read", "give_back", 10)]


def test_one_bug_alone_is_one_cause(check: Check) -> None:
    assert causes(check, "shallow-only") == [("read", "free_page", 3)]
    assert causes(check, "repaired") == []


def test_each_has_its_trace(check: Check) -> None:
    said = check("--property", "no-read-of-freed", "--each-cause", *HIDDEN)
    assert said.code == 1
    assert said.out.count("WARNING: possible leak  [no-read-of-freed, both]") == 2
    assert said.out.count("cause of no-read-of-freed, in default: shows in read:") == 2
    assert "no-read-of-freed: violated (in default, 3 steps; 2 causes)" in said.lines


def test_without_the_option_the_first_is_the_only_one(check: Check) -> None:
    said = check("--property", "no-read-of-freed", *HIDDEN)
    assert said.out.count("WARNING") == 1 and "cause" not in said.out


def test_the_matrix_counts_them(check: Check) -> None:
    said = check("matrix", "--property", "no-read-of-freed", "--each-cause", *HIDDEN)
    assert said.lines[:4] == [
        "                       both         shallow-only repaired",
        "leak:",
        "  no-read-of-freed     violated 3,  violated 3,  holds",
        "                       2 causes     1 cause",
    ]
    assert check("matrix", "--property", "no-read-of-freed", *HIDDEN).lines[2].split() == [
        "no-read-of-freed",
        *("violated", "3", "violated", "3", "holds"),
    ]  # the cache does not take the one for the other


def test_comparing_tells_the_causes(check: Check) -> None:
    said = check("compare", "both", "shallow-only", "--each-cause", "--property", "no-read-of-freed", *HIDDEN)
    change = "  no-read-of-freed: violated 3, 2 causes (default) -> violated 3, 1 cause"
    assert change in said.lines


def test_the_python_engine_does_not_search_for_causes(check: Check) -> None:
    for words in (("--all",), ("matrix",)):
        said = check(*words, "--each-cause", "--engine", "python", *HIDDEN)
        assert said.code == 2 and "--each-cause needs the native engine" in said.err


def test_what_can_be_is_told_by_its_causes_too(check: Check) -> None:
    said = check("can", "k.read_freed", "--each-cause", *HIDDEN)
    assert said.code == 0
    assert "can: yes (in default, 3 steps; 2 causes)" in said.lines
