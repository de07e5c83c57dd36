"""docs/users.md: each cell of its two tables is what a search finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from searches import MODEL, search

from checker.language.patches import presets_of

TEXT = (Path(__file__).parents[2] / "docs" / "users.md").read_text()


def section(heading: str) -> str:
    return TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]


def table(heading: str) -> dict[str, dict[str, str]]:
    """What the cells say, by design and promise."""
    head, _, *rows = [line for line in section(heading).splitlines() if line.startswith("| ")]
    found: dict[str, dict[str, str]] = {name: {} for name in re.findall(r"`([^`]+)`", head)}
    for row in rows:
        promise, *cells = row.strip("| ").split(" | ")
        (name,) = re.findall(r"`([^`]+)`", promise)
        for design, cell in zip(found, cells, strict=True):
            found[design][name] = cell
    return found


def scenarios(heading: str) -> list[str]:
    (line,) = re.findall(r"^Scenarios: (.*?)\.$", section(heading), re.M | re.S)
    return re.findall(r"`([^`]+)`", line)


REST = "What the rest of the kernel does to their pages"
ASI = "Address space isolation"
HEADINGS = ("secretmem", "guest_memfd", REST, ASI)
CELLS = [(heading, design) for heading in HEADINGS for design in table(heading)]


@pytest.mark.long
@pytest.mark.parametrize(("heading", "design"), CELLS)
def test_a_column_is_what_is_found(heading: str, design: str) -> None:
    shortest: dict[str, tuple[int, str]] = {}
    exercised: set[str] = set()
    for scenario in scenarios(heading):
        outcome = search(scenario, design)
        assert outcome.complete
        exercised |= {name for name in table(heading)[design] if outcome.exercised(name)}
        for name, violation in outcome.violations.items():
            found = (len(violation.events), scenario)
            shortest[name.partition(":")[0]] = min(shortest.get(name.partition(":")[0], found), found)
    for name, cell in table(heading)[design].items():
        steps, scenario = shortest.get(name, (0, ""))
        kept = "holds" if name in exercised else "not exercised"
        assert cell == (f"{steps}, `{scenario}`" if steps else kept), name


def test_every_stage_is_a_design_and_in_the_list() -> None:
    assert MODEL.design is not None
    designs = set(presets_of(MODEL.design))
    listed = set(re.findall(r"^\| `([^`]+)` \|", section("Stages"), re.M))
    assert {design for heading, design in CELLS if heading != ASI} <= listed | {"proposed"}
    assert {design for _, design in CELLS} >= {name for name in designs if name.startswith("asi-")}
    assert listed - {"base"} <= designs
    assert {name for name in designs if name.startswith("gmem-")} <= listed


def test_both_plans_end_with_the_same_kernel() -> None:
    assert presets_of(MODEL.design)["gmem-x3"] == presets_of(MODEL.design)["gmem-y2"]
