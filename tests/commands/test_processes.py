"""`check` in a process of its own: Ctrl-C, pipes, two at once, and none to compile for it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import MODELS, Said

UNMAPPING = ["--load", str(MODELS / "unmapping.py")]
LARGE = ["--load", str(MODELS / "counters.py")]
COMMAND = [sys.executable, "-c", "from checker.cli import main; main()"]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


def as_process(words: Sequence[str], **more: object) -> subprocess.Popen[str]:
    """The same in a process of its own."""
    environment = {**os.environ, **more}  # type: ignore[dict-item]
    return subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def said_by(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


def test_a_pipe_that_is_closed_early_is_no_traceback() -> None:
    process = as_process(["list", *UNMAPPING])
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.wait()


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_says_what_was_covered(engine: str) -> None:
    words = ["--property", "small", "--counters", "14", "--engine", engine, "--progress", *LARGE]
    process = as_process(words)
    assert process.stderr is not None
    while not json.loads(process.stderr.readline()).get("states"):
        pass
    process.send_signal(signal.SIGINT)
    said = said_by(process)
    assert said.code == 3, said.err
    assert "interrupted" in said.out and "states" in said.out and "Traceback" not in said.err


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    words = ["--property", "no-stale-tlb", "--design", "repaired", *UNMAPPING]
    runs = [as_process(words, XDG_CACHE_HOME=str(tmp_path)) for _ in range(2)]
    for said in [said_by(run) for run in runs]:
        assert said.code == 0 and "no-stale-tlb: holds" in said.out, said.err


def test_without_a_compiler_the_python_engine_answers(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    words = ["--property", "no-stale-tlb", *UNMAPPING]
    said = said_by(as_process(words, PATH=str(tmp_path), CC="", XDG_CACHE_HOME=str(tmp_path)))
    assert said.code == 1 and "no C compiler" in said.err and "python engine" in said.out
    assert shutil.which("cc", path=str(tmp_path)) is None


def test_nothing_but_text_in_a_pipe() -> None:
    said = said_by(as_process(["--property", "no-stale-tlb", *UNMAPPING], FORCE_COLOR=""))
    assert "\x1b" not in said.out and "\r" not in said.out and not said.err


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    command = shlex.join([*COMMAND, "list"])
    done = subprocess.run(["bash", "-c", f"{command} | head -1"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("properties") and done.stderr == ""
