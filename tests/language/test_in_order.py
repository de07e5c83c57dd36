"""Python's own sets are gone through in index order, whatever the hashes of their members are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = """
from enum import Enum
from checker.language import *

class Cpu(Index, size=2): ...

class Mode(Enum):
    IDLE = 0
    A = 1
    B = 2
    C = 3

GOOD = {Mode.C, Mode.B, Mode.A}

@state
class K:
    mode: Mode
    busy: Set[Mode]

def pick(k: K) -> Mode:
    for m in GOOD:
        if m not in k.busy:
            return m
    return Mode.IDLE

@operation(Cpu)
def op(k: K, me: Cpu) -> Steps:
    m = pick(k)
    k.busy.add(m)
    k.mode = m
    yield
    rest = {x for x in Mode if x not in k.busy}
    for r in rest:
        k.mode = r
        break
    yield
    k.busy.discard(m)

@invariant
def never_b(k: K) -> bool:
    return k.mode is not Mode.B

@invariant
def never_c(k: K) -> bool:
    return k.mode is not Mode.C
"""


@pytest.mark.parametrize("engine", ["native", "python"])
def test_hashes_make_no_difference(tmp_path: Path, engine: str) -> None:
    (tmp_path / "modes.py").write_text(MODEL)
    command = "from checker.cli import main; main()"
    words = ["--load", "modes.py", "--all", "--engine", engine]
    said = []
    for seed in ("1", "2", "5"):
        done = subprocess.run(
            [sys.executable, "-c", command, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1, done.stderr
        said.append([line for line in done.stdout.split("\n") if line.startswith(("never", " "))])
    assert "never-b: violated (in default, 2 steps)" in "\n".join(said[0])
    assert "never-c: holds" in "\n".join(said[0])
    steps = [[line for line in lines if "mode: " in line] for lines in said]
    assert steps[0] == steps[1] == steps[2]
