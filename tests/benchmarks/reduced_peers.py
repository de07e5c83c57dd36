"""SPIN with its partial order reduction and Rumur with its symmetry, on models written naturally for each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import measure
from peers import COMPILE, missing, number

HERE = Path(__file__).parent
SIZES: tuple[dict[str, int], ...] = (
    {"cpus": 2, "pages": 3, "initiators": 2},
    {"cpus": 3, "pages": 2, "initiators": 2},
)
NOTE = """SPIN is compiled with `-DNOREDUCE` and without. `shootdown.pml` has one step for each block, and
the counts of `shootdown.py`; `shootdown_natural.pml` sends IPIs as messages, has local variables and `xr` for
each channel, and therefore finer steps and more states. `shootdown_symmetric.m` has scalarsets and the counts
of `symmetric_shootdown.py`; *heuristic* is Rumur's default, *exhaustive* its canonical form. Once each, one
thread; of SPIN's time a table of 2^25 slots, most of them unused here, takes nearly a second."""
LIMIT = 150.0


def rows(folder: Path, own: Callable[[str, dict[str, int]], Iterator[Any]]) -> Iterator[list[str]]:
    for bounds in SIZES:
        for found in _rows_of(bounds, folder, own):
            print(found, flush=True)
            yield found


def _rows_of(
    bounds: dict[str, int], folder: Path, own: Callable[[str, dict[str, int]], Iterator[Any]]
) -> Iterator[list[str]]:
    shown = "/".join(map(str, bounds.values()))
    for model in ("shootdown", "symmetric_shootdown"):
        whole, both = own(model, bounds)
        pair = [(each.outcome.states, each.processor) for each in (whole, both)]
        yield [f"check, {model}.py", shown, *_compared(*pair), both.reductions]
    for model in ("shootdown", "shootdown_natural"):
        pair = [_spin(model, bounds, reduced, folder) for reduced in (False, True)]
        yield [f"SPIN, {model}.pml", shown, *_compared(*pair), "partial order"]
    whole = _rumur(bounds, "off", folder)
    for way in ("heuristic", "exhaustive"):
        yield ["Rumur, shootdown_symmetric.m", shown, *_compared(whole, _rumur(bounds, way, folder)), way]


def _compared(whole: Any, reduced: Any) -> list[str]:
    """States, reduced states, factor, time, reduced time; a text instead where there are no figures."""
    if isinstance(whole, str) or isinstance(reduced, str):
        cells = [each if isinstance(each, str) else f"{each[0]:,}" for each in (whole, reduced)]
        return [*cells, "-", "-", "-"]
    times = [f"{each[1]:.2f} s" for each in (whole, reduced)]
    return [f"{whole[0]:,}", f"{reduced[0]:,}", f"{whole[0] / reduced[0]:.1f}x", *times]


def _spin(model: str, bounds: dict[str, int], reduced: bool, folder: Path) -> tuple[int, float] | str:
    if problem := missing("spin", "gcc"):
        return problem
    work = folder / f"{model}-{'-'.join(map(str, bounds.values()))}-{reduced}"
    work.mkdir()
    shutil.copy(HERE / f"{model}.pml", work)
    defines = [f"-D{name.upper()}={value}" for name, value in bounds.items()]
    flags = ["-DSAFETY", "-DMEMLIM=6000", "-w", *([] if reduced else ["-DNOREDUCE"]), "-o", "pan", "pan.c"]
    for command in (["spin", *defines, "-a", f"{model}.pml"], [*COMPILE, *flags]):
        done = measure.run(command, 120, work)
        if not done.ok:
            return done.why_not
    run = measure.run(["./pan", "-E", "-m20000000", "-w25"], LIMIT, work)
    if run.timed_out:
        return run.why_not
    if (
        not run.ok
        or "errors: 0" not in run.output
        or "too small" in run.output
        or "out of memory" in run.output
    ):
        return "not all within its memory"
    return int(number(r"(\S+) states, stored", run.output)), run.processor


def _rumur(bounds: dict[str, int], symmetry: str, folder: Path) -> tuple[int, float] | str:
    if problem := missing("rumur", "gcc"):
        return problem
    text = (HERE / "shootdown_symmetric.m").read_text()
    for name, value in bounds.items():
        text = re.sub(rf"{name.upper()}: \d+;", f"{name.upper()}: {value};", text)
    work = folder / f"rumur-{'-'.join(map(str, bounds.values()))}-{symmetry}"
    work.mkdir()
    (work / "model.m").write_text(text)
    options = ["--deadlock-detection", "off", "--threads", "1", "--symmetry-reduction", symmetry]
    for command in (
        ["rumur", *options, "--output", "model.c", "model.m"],
        [*COMPILE, "-std=c11", "-o", "model", "model.c", "-lpthread"],
    ):
        done = measure.run(command, 120, work)
        if not done.ok:
            return done.why_not
    run = measure.run(["./model"], LIMIT, work)
    return (int(number(r"(\d+) states, \d+ rules", run.output)), run.processor) if run.ok else run.why_not
