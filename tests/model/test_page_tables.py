"""docs/page-tables.md: the functions it names are there, and its commands find what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from searches import MODEL, search, shortest, slow_but

from checker.language.bounds import defaults_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "page-tables.md").read_text()
SOURCES = "".join(path.read_text() for path in (ROOT / "model").glob("*.py"))


def table(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, its own head left out."""
    lines = [line for line in TEXT.split(heading)[1].split("\n## ")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


COMMANDS = table("## What enforces it")


def test_every_function_of_the_model_is_there() -> None:
    rows = table("# Who may change")
    assert len(rows) == 12
    for row in rows:
        for name in re.findall(r"`(\w+)`", row[1]):
            assert f"def {name}(" in SOURCES, name


def test_both_tables_have_the_same_manipulators() -> None:
    known = set(re.findall(r"`(\w+\(\))`", "".join(row[0] for row in table("# Who may change"))))
    asked = set(re.findall(r"`(\w+\(\))`", "".join(row[0] for row in table("## Contexts"))))
    assert asked <= known and len(asked) >= 8


def words_of(command: str) -> tuple[str, str, str, dict[str, object]]:
    """The property, the scenario, the design and the switches of a command."""
    words = shlex.split(command)
    said: dict[str, list[str]] = {}
    for option, value in zip(words[1::2], words[2::2], strict=True):
        said.setdefault(option, []).append(value)
    known = defaults_of(MODEL.design)
    switches: dict[str, object] = {}
    for setting in said.get("--set", []):
        name, value = setting.split("=")
        kind = type(known[name])
        switches[name] = value == "true" if kind is bool else kind[value.upper().replace("-", "_")]
    (found,), (scenario,), (design,) = said["--property"], said["--scenario"], said["--design"]
    return found.replace("-", "_"), scenario, design, switches


QUICK = {
    "a kernel thread prepares one",
    "a global protection",
    "a page that is absent is mapped where all CPUs see it",
}


@pytest.mark.parametrize(("rule", "command", "steps"), slow_but(QUICK, COMMANDS))
def test_a_broken_rule_is_noticed(rule: str, command: str, steps: str) -> None:
    name, scenario, design, switches = words_of(command.strip("`"))
    if steps:
        assert shortest(name, scenario, design, switches) == int(steps)
    else:
        assert name in {found.partition(":")[0] for found in search(scenario, design, switches).violations}


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 20
