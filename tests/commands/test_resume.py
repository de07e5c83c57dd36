"""A search that is stopped is saved, and `check --resume FILE` goes on with it, as a user types it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import MODELS, Check


@pytest.fixture
def model() -> str:
    return str(MODELS / "counting.py")


def told(out: str) -> Any:
    """The report, but for what depends on the machine."""
    data = json.loads(out)
    for run in data["runs"]:
        for name in ("seconds", "memory_bytes", "bytes_per_state"):
            del run[name]
    return data


@pytest.mark.slow
def test_it_ends_as_one_that_was_left_alone(check: Check, model: str, tmp_path: Path) -> None:
    asked = ("--load", model, "--all")
    whole = check(*asked, "--json")
    assert whole.code == 1 and any(run["reduced"] for run in told(whole.out)["runs"])
    file = str(tmp_path / "it's saved")
    stopped = check(*asked, "--checkpoint", file, "--max-states", "100")
    command = stopped.err.partition("to go on: ")[2]
    assert stopped.code == 3 and shlex.split(command) == ["check", "--load", model, "--resume", file]
    for most in ("300", "900", "1500"):
        again = check(*shlex.split(command)[1:], "--checkpoint", file, "--max-states", most)
        assert again.code in (1, 3)
    resumed = check(*shlex.split(command)[1:], "--json")
    assert resumed.code == 1 and told(resumed.out) == told(whole.out)


@pytest.mark.slow
def test_a_question(check: Check, model: str, tmp_path: Path) -> None:
    file = str(tmp_path / "saved")
    asked = ("never", "k.level[Cpu(0)] > 6", "--load", model)
    check(*asked, "--checkpoint", file, "--max-states", "100")
    said = check("--resume", file, "--load", model)
    assert said.code == 2 and "it answers an expression" in said.err
    assert check(*asked, "--resume", file).code == 0
    assert check("never", "k.level[Cpu(0)] > 5", "--load", model, "--resume", file).code == 2


@pytest.fixture
def saved(check: Check, model: str, tmp_path: Path) -> str:
    file = str(tmp_path / "saved")
    asked = ("--load", model, "--property", "fine", "--counters", "3")
    check(*asked, "--checkpoint", file, "--max-states", "100")
    return file


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("--counters", "5"), "it was saved with --counters 3, not --counters 5"),
        (("--property", "low"), "it was saved with --property fine, not --property low"),
        (("--all",), "it was saved with no --all, not --all"),
        (("--scenario", "first"), "it was saved with no --scenario, not --scenario first"),
        (("--no-reduction",), "it was saved with its reductions, not --no-reduction"),
        (("--atomicity", "fine"), "it was saved with no --atomicity fine, not --atomicity fine"),
        (("--engine", "python"), "--resume is for the native engine"),
    ],
)
def test_another_request_is_refused(
    check: Check, model: str, saved: str, typed: tuple[str, ...], says: str
) -> None:
    said = check("--resume", saved, "--load", model, *typed)
    assert said.code == 2 and says in said.err and not said.out


def test_the_same_words_may_be_typed_again(check: Check, model: str, saved: str) -> None:
    words = ("--property", "fine", "--counters", "3")
    assert check("--resume", saved, "--load", model, *words).code == 0


def test_an_edited_model_is_refused(check: Check, model: str, saved: str, tmp_path: Path) -> None:
    edited = tmp_path / "counting.py"
    edited.write_text(Path(model).read_text().replace("% 7", "% 5 + 1"))
    said = check("--resume", saved, "--load", str(edited))
    assert said.code == 2 and "another model, version or bounds" in said.err


def test_no_model_is_loaded_because_a_file_names_it(check: Check, saved: str) -> None:
    said = check("--resume", saved)
    assert said.code == 2 and "give --load FILE yourself" in said.err


@pytest.mark.parametrize("name", ["counting.py", "none", "."])
def test_no_checkpoint(check: Check, model: str, tmp_path: Path, name: str) -> None:
    said = check("--resume", str(tmp_path / name), "--load", model)
    assert said.code == 2 and said.err.startswith(f"error: --resume {tmp_path / name}: ")


def test_no_folder(check: Check, model: str, tmp_path: Path) -> None:
    said = check("--load", model, "--all", "--checkpoint", str(tmp_path / "no" / "file"))
    assert said.code == 2 and "there is no folder" in said.err


@pytest.mark.parametrize("name", ["counting.py", ".", "/dev/null"])
def test_nothing_but_a_checkpoint_is_overwritten(check: Check, model: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "counting.py").write_text("mine")
    said = check("--load", model, "--all", "--checkpoint", str(tmp_path / name), "--max-states", "100")
    assert said.code == 2 and "what is there is no checkpoint, and is not overwritten" in said.err
    assert (tmp_path / "counting.py").read_text() == "mine"


def test_only_its_own_leftovers_are_removed(check: Check, model: str, tmp_path: Path) -> None:
    """Process numbers are below 4194304."""
    (tmp_path / "search.20260101").write_text("mine")
    (tmp_path / "search.20260101.unfinished").write_text("of a killed search")
    check("--load", model, "--all", "--checkpoint", str(tmp_path / "search"), "--max-states", "100")
    assert (tmp_path / "search.20260101").exists()
    assert not (tmp_path / "search.20260101.unfinished").exists()


@pytest.mark.slow
def test_ctrl_c(tmp_path: Path, model: str) -> None:
    """In a process of its own, in the midst of a search that would take hours; the time ends it next."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    check = [sys.executable, "-c", "from checker.cli import main; main()"]
    asked = [*check, "--load", model, "--property", "fine", "--counters", "11", "--scenario", "first"]
    with subprocess.Popen(
        [*asked, "--progress"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if json.loads(line).get("depth", 0) > 3:
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate()
    assert process.returncode == 3 and "incomplete" in out and "interrupted" in out
    command = shlex.split(err.partition("to go on: ")[2])
    depth = int(re.search(r"every state up to depth (\d+)", " ".join(out.split()))[1])  # type: ignore[index]
    again = subprocess.run(
        [*check, *command[1:], "--time", "1s", "--json"], env=environment, capture_output=True, check=False
    )
    assert again.returncode == 3
    assert json.loads(again.stdout)["runs"][0]["covered_depth"] >= depth
