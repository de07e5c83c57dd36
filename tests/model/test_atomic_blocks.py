"""The small scenarios of the Linux model with its blocks as they are, and split: the verdicts that differ."""

import json

import pytest

from checker.cli import run as run_command
from checker.engines.build import find_compiler

DIFFERENT: dict[str, set[str]] = {
    "init-on-free": set(),
    "map-back-failure": set(),
    "flip": set(),
    "flip-failure": set(),
    "mermap-two-processes": set(),
}


@pytest.mark.slow
@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
@pytest.mark.parametrize("scenario", DIFFERENT)
def test_the_verdicts_that_differ(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    answers = []
    for how in ("coarse", "fine"):
        run_command(["--all", "--json", "--scenario", scenario, "--atomicity", how])
        said = json.loads(capsys.readouterr().out)
        answers.append({each["property"]: each["answer"] for each in said["verdicts"]})
    coarse, fine = answers
    assert {name for name in coarse | fine if coarse.get(name) != fine.get(name)} == DIFFERENT[scenario]
