"""`check` on the benchmark's models, run as a user runs it and measured from outside."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import measure
from peers import Result, Size, best_of

HERE = Path(__file__).parent
SHOOTDOWN = HERE / "shootdown.py"
WIDE = HERE / "shootdown_wide.py"
TWO_PHASE = HERE.parent / "known" / "models" / "two_phase.py"
CHECK = [sys.executable, "-c", "from checker.cli import main; main()"]
FRAMES = {
    1: 1,
    2: 31,
    4: 4095,
    8: 2**22 - 1,  # of the size WIDER
}  # the bound of shootdown_wide.py that makes its states so many words wide


@dataclass(frozen=True)
class Asked:
    """One question to `check`."""

    model: Path
    claim: str  # the property's name
    bounds: Mapping[str, int]
    threads: int = 1

    @property
    def command(self) -> list[str]:
        words = [*CHECK, "--load", str(self.model), "--property", self.claim]
        words += ["--threads", str(self.threads), "--no-reduction"]  # the peers visit every state
        for name, value in self.bounds.items():
            words += [f"--{name}", str(value)]
        return words


def shootdown(size: Size, threads: int = 1) -> Asked:
    return Asked(SHOOTDOWN, "no-stale-tlb", size.bounds, threads)


def wide(size: Size, words: int, threads: int = 1) -> Asked:
    return Asked(WIDE, "no-stale-tlb", {**size.bounds, "frames": FRAMES[words]}, threads)


def two_phase(managers: int, threads: int = 1) -> Asked:
    return Asked(TWO_PHASE, "consistent", {"managers": managers}, threads)


def explore(asked: Asked, times: int, timeout: float) -> Result:
    """The search's own time, that to get it ready, and the peak memory of the whole process."""
    result = best_of(times, lambda: _once(asked, timeout))
    return replace(result, prepare=_preparation(asked))


def _preparation(asked: Asked) -> float:
    """Starting Python, reading the model, generating and compiling C: a cold run that stops at once."""
    with tempfile.TemporaryDirectory() as cache:
        command = [*asked.command, "--max-depth", "1"]
        return measure.run(command, 120, environment={"XDG_CACHE_HOME": cache}).seconds


def _once(asked: Asked, timeout: float) -> Result:
    run = measure.run([*asked.command, "--json"], timeout)
    if not run.ok:
        return Result("check", problem=run.why_not)
    answer = json.loads(run.output[run.output.index("{") :])
    search = answer["runs"][0]
    if answer["verdicts"][0]["answer"] != "holds" or not search["complete"] or search["engine"] != "native":
        return Result("check", problem=f"{answer['verdicts'][0]['answer']}, {search['engine']} engine")
    return Result("check", search["states"], search["transitions"], search["seconds"], 0, run.peak_bytes)


def words_of(asked: Asked) -> int:
    """How many 64-bit words a packed state takes."""
    from checker.compiler import compile_program
    from checker.language import World
    from checker.loading import load_model

    model = load_model([str(asked.model)])
    found = model.properties[asked.claim.replace("-", "_")]
    return int(compile_program(World(model, "default", asked.bounds), [found]).words)


def seconds_to_verdict(asked: Asked, cold: bool, times: int) -> tuple[float, str]:
    """From the command to its end: the median of several runs, or why there is none."""
    taken = []
    with tempfile.TemporaryDirectory() as shared:
        for number in range(times + 1):
            cache = tempfile.mkdtemp(dir=shared) if cold else shared
            run = measure.run(asked.command, 120, environment={"XDG_CACHE_HOME": cache})
            if not run.ok:
                return 0.0, run.why_not
            if number:  # the first one fills the caches, and Python's own
                taken.append(run.seconds)
    return sorted(taken)[len(taken) // 2], ""
