"""`check --sweep`: how far the bounds can be raised, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Check

MODEL = """
from checker.language import Array, Index, Scenario, Steps, bounds, invariant, operation, reachable, state

@bounds
class Bounds:
    tasks: int = 1
    most: int = 2
    spare: int = 1

class Task(Index, size="tasks"): ...

@state(bounds=Bounds)
class Desk:
    inside: Array[Task, bool]

def count(k: Desk) -> int:
    return sum(1 for t in Task if k.inside[t])

@operation(Task)
def enter(k: Desk, me: Task) -> Steps:
    k.inside[me] = True
    if count(k) >= 3:
        yield
        assert k.inside[me]
    yield
    k.inside[me] = False
    if Bounds.most > 2:
        yield

@invariant
def few(k: Desk) -> bool:
    return count(k) <= 3

@invariant
def own(k: Desk) -> bool:
    return all(k.inside[t] or not k.inside[t] for t in Task)

Scenario("rush", "Everybody comes.", runs={Task: [enter]})
"""


ENOUGH = ("--max-states", "3000", "--time", "1h")


@pytest.fixture
def swept(check: Check, tmp_path: Path) -> Callable[..., Any]:
    """The JSON of a sweep of the model above, whose searches are ended by their states, not by time."""
    model = tmp_path / "desk.py"
    model.write_text(MODEL)

    def ask(*words: str, code: int = 0) -> Any:
        said = check("--load", str(model), "--sweep", *words, "--json")
        assert said.code == code, said.err
        return json.loads(said.out)["scenarios"][0]

    return ask


def bounded(found: Any, **bounds: int) -> Any:
    return next(each for each in found["searches"] if each["bounds"].items() >= bounds.items())


def test_each_property_is_followed_upwards(swept: Callable[..., Any]) -> None:
    found = swept("--property", "few", "--property", "own", "--most", "2", *ENOUGH, code=1)
    few, own = found["properties"]
    assert few["largest"]["holds"] == [{"tasks": 3, "most": 2, "spare": 1}]
    assert few["smallest"]["violated"] == [{"tasks": 4, "most": 2, "spare": 1}]
    assert bounded(found, tasks=4)["verdicts"]["few"] == "violated"
    assert own["largest"]["holds"][0]["tasks"] > 4  # the others go on without what is violated
    assert "few" not in bounded(found, tasks=5)["verdicts"]
    assert found["without_effect"] == ["spare"]


def test_a_typed_bound_is_not_changed(swept: Callable[..., Any]) -> None:
    found = swept("--property", "own", "--tasks", "2", *ENOUGH)
    assert {each["bounds"]["tasks"] for each in found["searches"]} == {2}
    assert bounded(found, most=3)["states"] > bounded(found, most=2)["states"]


@pytest.mark.slow
def test_the_smallest_bounds_at_which_every_block_fires(swept: Callable[..., Any]) -> None:
    """From above and from below: one branch needs three tasks, and the default is one."""
    for words in ((), ("--most", "4")):
        found = swept("--property", "own", *ENOUGH, *words)
        assert found["cannot_be_lowered"] and not found["never_fired"]
        assert found["every_block_fires"]["tasks"] == 3
        assert words or found["every_block_fires"]["most"] == 3


def test_the_text(check: Check, tmp_path: Path) -> None:
    model = tmp_path / "desk.py"
    model.write_text(MODEL)
    words = ("--load", str(model), "--property", "few", "--most", "2", "--sweep", *ENOUGH)
    said = check(*words)
    text = " ".join(said.out.split())
    assert said.code == 1 and max(map(len, said.lines)) <= 75
    assert "few: holds up to tasks=3; violated with tasks=4" in text
    assert "tasks=4: " in text and "; few is violated" in text
    assert "every block fires with: tasks=3 (none can be lowered by one)" in text
    assert "without effect if raised by one: spare" in text


@pytest.mark.parametrize(
    "words",
    [
        ("--property", "own", "--engine", "python"),
        ("--property", "own", "--checkpoint", "f"),
        ("--property", "own", "--each-cause"),
        ("can", "True"),
        (),
    ],
)
def test_wrong_requests(check: Check, tmp_path: Path, words: tuple[str, ...]) -> None:
    model = tmp_path / "desk.py"
    model.write_text(MODEL)
    said = check("--sweep", "--load", str(model), *words)
    assert said.code == 2 and "--sweep" in said.err


@pytest.mark.slow
def test_the_example_of_the_manual(check: Check) -> None:
    """Its counts are the tool's own."""
    root = Path(__file__).parents[2]
    text = (root / "docs" / "large.md").read_text()
    model = str(root / "tests" / "known" / "models" / "two_phase.py")
    said = check("--load", model, "--all", "--sweep", "--max-states", "9000", "--time", "1h", "--json")
    for each in json.loads(said.out)["scenarios"][0]["searches"]:
        if each["complete"] and each["bounds"]["managers"] == 4:
            assert f"managers=4: {each['states']:,} reduced states" in text
            return
    pytest.fail("there was no search with four managers")


@pytest.mark.slow
def test_a_model_that_is_wrong_for_larger_bounds(check: Check, tmp_path: Path) -> None:
    """With more guests than chairs it reads what is not there; that is no mistake of whoever asks."""
    text = MODEL.replace("    spare: int = 1", "    chairs: int = 2")
    text = text.replace("class Task", 'class Chair(Index, size="chairs"): ...\n\nclass Task', 1)
    text = text.replace(
        "    inside: Array[Task, bool]", "    inside: Array[Task, bool]\n    seat: Array[Chair, bool]"
    )
    text = text.replace(
        "    k.inside[me] = True\n", "    k.inside[me] = True\n    k.seat[Chair(int(me))] = True\n"
    )
    text = text.replace(
        "for t in Task)\n\nScenario",
        "for t in Task) and any(\n        k.seat[c] or not k.seat[c] for c in Chair)\n\nScenario",
    )
    model = tmp_path / "desk.py"
    model.write_text(text)
    words = ("--load", str(model), "--sweep", "--property", "own", "--most", "2", *ENOUGH, "--json")
    said = check(*words)
    assert said.code == 0, said.err
    found = json.loads(said.out)["scenarios"][0]
    own, error = found["properties"]
    assert own["largest"]["holds"][0]["tasks"] == own["largest"]["holds"][0]["chairs"] > 2
    assert {"tasks": 3, "chairs": 2, "most": 2} in error["smallest"]["model error"]


def test_a_model_without_bounds(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "desk.py"
    file.write_text(MODEL.replace("@bounds\n", "").replace('"tasks"', "1").replace("bounds=Bounds", ""))
    said = check("--load", str(file), "--all", "--sweep", "--time", "5s")
    assert "fires with: the scenario's bounds (none matters)" in said.out
