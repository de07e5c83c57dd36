"""docs/model.md names files, functions, scenarios and switches of the model: each exists, none is missing."""

import re
from pathlib import Path

from tests.model.searches import MODEL

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "model.md").read_text()
FILES = {path.name: path.read_text() for path in (ROOT / "model").glob("*.py")}
OPERATIONS = set(re.findall(r"^@operation\(.*\n(?:#.*\n)*def (\w+)", "".join(FILES.values()), re.M))


def rows(heading: str) -> list[list[str]]:
    """The cells of a section's table, below its head."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_functions_stand_in_the_files_of_their_row() -> None:
    assert len(rows("Functions")) > 20
    for files, kernel, _, assumed in rows("Functions"):
        text = "".join(FILES[name] for name in names(files))
        for name in names(kernel):
            assert f"def {name}(" in text, name
        for name in names(assumed):
            body = re.search(rf"^def {name}\(.*?(?=^(?:def|@|class|# atomic)\b|\Z)", text, re.M | re.S)
            assert body is not None and "assumed(" in body[0], name


def test_every_file_with_assumed_steps_says_which() -> None:
    listed = {name for row in rows("Functions") if row[3] for name in names(row[0])}
    assert {name for name, text in FILES.items() if re.search(r"^ +assumed\(", text, re.M)} <= listed


def test_every_file_with_operations_is_listed() -> None:
    listed = {name for row in rows("Functions") for name in names(row[0])}
    assert {name for name, text in FILES.items() if "\n@operation(" in text} <= listed


def test_scenarios_exist() -> None:
    named = {name for row in rows("Scenarios") for name in names(row[1])}
    assert named and named <= set(MODEL.scenarios)


def test_every_operation_runs_in_some_scenario() -> None:
    run = set()
    for each in MODEL.scenarios.values():
        for runs in (each.runs, each.once):
            run |= {operation.name for operations in runs.values() for operation in operations}
    assert run >= OPERATIONS


def test_switches_are_those_of_the_environment() -> None:
    section = TEXT.split("## Environment\n")[1]
    text = (ROOT / "model" / "switches" / "configuration.py").read_text()
    declared = re.findall(r"^    (\w+): .*switch\(\s*.*\s*\"environment:", text, re.M)
    assert declared
    assert set(names(section)) - {"check show direct_map"} == set(declared)
