"""The small scenarios of the Linux model with its blocks as they are, and split: the verdicts that differ."""

import json

import pytest

from checker.cli import run as run_command
from checker.engines.compilers import find_compiler

DIFFERENT: dict[str, set[str]] = {
    "init-on-free": set(),
    "map-back-failure": set(),
    "flip": set(),
    "flip-failure": set(),
    "mermap-two-processes": set(),
}


@pytest.mark.long
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


@pytest.mark.long
def test_every_block_has_its_locks_or_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3: nothing is left to explain, though the larger scenarios were not searched to their end."""
    assert run_command(["atomicity", "--json"]) in (0, 3)
    said = json.loads(capsys.readouterr().out)
    assert len(said["blocks"]) > 20 and all(block["explained"] for block in said["blocks"])
    assert {"zone_lock", "pcp_lock", "cpa_lock", "mem_hotplug_lock", "mf_mutex"} <= set(said["locks"])
