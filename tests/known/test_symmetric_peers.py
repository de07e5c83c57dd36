"""Models written for the peers say the same as those written for this tool, where they are to."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checker.compiler.compile import Compilation, compile_program
from checker.compiler.eager import Reduction
from checker.engines import native
from checker.language import World
from checker.loading import load_model

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
BOUNDS = {"cpus": 2, "pages": 2, "initiators": 2}


def test_rumur_counts_the_same_orbits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rumur's canonical form and ours, where hardware is interleaved; and both without symmetry."""
    if shutil.which("rumur") is None or native.find_compiler() is None:
        pytest.skip("no rumur, or no C compiler")
    model = load_model([str(BENCHMARKS / "symmetric_shootdown.py")])
    world: Any = World(model, "default", BOUNDS)
    monkeypatch.setattr(Compilation, "_reduce", lambda *_: Reduction())
    for symmetry, reduced in (("off", False), ("exhaustive", True)):
        program = compile_program(world, [model.properties["no_stale_tlb"]], reduced=reduced)
        assert program.is_reduced is reduced
        own = native.explore(program)
        assert _rumur(tmp_path, symmetry) == (own.states, own.transitions)


def _rumur(folder: Path, symmetry: str) -> tuple[int, int]:
    source = folder / "model.c"
    options = ["--deadlock-detection", "off", "--symmetry-reduction", symmetry, "--output", str(source)]
    subprocess.run(["rumur", *options, str(BENCHMARKS / "shootdown_symmetric.m")], check=True)
    flags = ["-O1", "-w", "-march=native", "-std=c11", str(source), "-o", str(folder / "model"), "-lpthread"]
    subprocess.run(["cc", *flags], check=True)
    said = subprocess.run([str(folder / "model")], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) states, (\d+) rules", said)
    assert found is not None, said
    return int(found[1]), int(found[2])
