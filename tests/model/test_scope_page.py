"""docs/scope.md names what stands for each path: functions, fields, scenarios, switches, claims."""

import re
from pathlib import Path

from checker.language.bounds import defaults_of
from tests.model.searches import MODEL

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "scope.md").read_text()
MODEL_TEXT = "".join(path.read_text() for path in (ROOT / "model").glob("*.py"))
PATHS = TEXT.split("## Suspected, and not shown")[0]
ROWS = [line.strip("| ").split("|") for line in PATHS.splitlines() if re.match(r"\| (?!---|path )", line)]


def exists(name: str) -> bool:
    return (
        f"def {name}(" in MODEL_TEXT
        or re.search(rf"^    {name}: ", MODEL_TEXT, re.M) is not None
        or name in MODEL.scenarios
        or name in MODEL.properties
        or name in defaults_of(MODEL.design)
    )


def test_what_stands_for_a_path_exists() -> None:
    assert len(ROWS) > 30
    for path, *_, modelled in ROWS:
        for name in re.findall(r"`([^`]+)`", modelled):
            assert exists(name), f"{path.strip()}: {name}"


def test_each_path_is_modelled_or_says_why_not() -> None:
    for path, *_, modelled in ROWS:
        assert "`" in modelled or "not modelled: " in modelled, path


def test_no_row_lacks_a_cell() -> None:
    assert {len(row) for row in ROWS} == {4}
