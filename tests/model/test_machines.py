"""docs/machines.md: each verdict that rests on the machine, and what helps, as its tables say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from searches import MODEL, search, slow_but

from checker.language.bounds import defaults_of
from model.environment import Ceiling, Walks

PAGE = (Path(__file__).parent.parent.parent / "docs" / "machines.md").read_text()
VERDICTS = PAGE[PAGE.index("| scenario |") : PAGE.index("## What rests")]
ROWS = re.findall(r"^\| `([\w-]+)` \| (.*) \| (.*) \|$", VERDICTS, re.MULTILINE)
WEAKENED = {"deferred-flush", "two-step-walks"}


def rows() -> list[tuple[str, set[str], str]]:
    """(scenario, the properties named, what helps) of each row."""
    found = []
    named: set[str] = set()
    for scenario, what, helps in ROWS:
        if "the same three" not in what:
            named = {name for name in re.findall(r"`(\w+)`", what) if name in MODEL.properties}
        found.append((scenario, named, helps))
    return found


def violated(scenario: str, design: str, switches: dict[str, object] | None = None) -> set[str]:
    outcome = search(scenario, design, switches)
    return {name.partition(":")[0] for name in outcome.violations}


@pytest.mark.parametrize(("scenario", "names", "helps"), slow_but(["deferred-flush"], rows()))
def test_a_row(scenario: str, names: set[str], helps: str) -> None:
    assert names and names <= violated(scenario, "v4")
    if scenario in WEAKENED:
        assert names <= violated(scenario, "proposed")
    for word in re.findall(r"`([\w-]+)`", helps):
        if word in MODEL.scenarios:
            assert not names & violated(word, "v4"), word
        else:
            assert not names & violated(scenario, "v4", {word: True}), word


def test_the_page_has_rows() -> None:
    assert len(ROWS) == 8 and {scenario for scenario, _, _ in ROWS} >= WEAKENED


def test_the_switches_are_there() -> None:
    settings = re.findall(r"^\| `(\w+)=([\w-]+)` \|", PAGE, re.MULTILINE)
    assert len(settings) >= 9
    known = defaults_of(MODEL.design)
    for name, value in settings:
        kind = type(known[name])
        names = ("TRUE", "FALSE") if kind is bool else list(kind.__members__)
        assert value.upper().replace("-", "_") in names, name


TWO_STEP = PAGE[PAGE.index("| scenario | v4 | proposed |") : PAGE.index("## What rests on the flip")]
WALKED = [
    (scenario, design, ("these" in text, set(re.findall(r"`(\w+)`", text))))
    for scenario, v4, proposed in re.findall(r"^\| `([\w-]+)` \| (.*) \| (.*) \|$", TWO_STEP, re.MULTILINE)
    for design, text in (("v4", v4), ("proposed", proposed))
]
ON_V4 = {scenario: names for scenario, design, (_, names) in WALKED if design == "v4"}


@pytest.mark.parametrize(("scenario", "design", "said"), slow_but([("two-step-walks", "v4")], WALKED))
def test_what_rests_on_walks_being_atomic(scenario: str, design: str, said: tuple[bool, set[str]]) -> None:
    these, names = said
    expected = names | (ON_V4[scenario] if these else set())
    at_once = violated(scenario, design, {"walks": Walks.ATOMIC})
    assert violated(scenario, design) - at_once == expected and expected


def test_what_rests_on_walks_being_atomic_is_said() -> None:
    assert len(WALKED) == 4


CEILING = PAGE[PAGE.index("| scenarios | above") : PAGE.index("All other default scenarios")]
RESTS = re.findall(r"^\| (`.*`) \| (.*) \| (.*) \|$", CEILING, re.MULTILINE)
COMPARED = [
    (scenario, above, below)
    for scenarios, above, below in RESTS
    for scenario in re.findall(r"`([\w-]+)`", scenarios)
]


@pytest.mark.parametrize(("scenario", "above", "below"), slow_but(["vfree"], COMPARED))
def test_what_rests_on_a_full_flush(scenario: str, above: str, below: str) -> None:
    full = violated(scenario, "v4", {"ceiling": Ceiling.ABOVE})
    ranged = violated(scenario, "v4", {"ceiling": Ceiling.BELOW})
    if above == "holds":
        assert not full
    if above == "violated":
        assert full
    assert ranged - full == set(re.findall(r"`(\w+)`", below)) and full <= ranged


def test_what_rests_on_a_full_flush_is_said() -> None:
    assert len(COMPARED) == 12
