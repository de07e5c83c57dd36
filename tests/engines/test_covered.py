"""States that another one stands for are taken out of table and array, whatever else happens there."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.checkpoint import Keeper, read
from checker.engines.outcome import Limits, Outcome
from checker.language import World
from checker.loading import load_model

pytestmark = pytest.mark.skipif(native.find_compiler() is None, reason="no C compiler")

MODEL = """
from checker.language import *

@bounds
class Bounds:
    pages: int = 3
    bits: int = 2

class Cpu(Index, size=2): ...
class Page(Index, size="pages"): ...
Stamp = Unsigned("bits")

@state(bounds=Bounds)
class Machine:
    present: Array[Page, bool]
    tlb: Array[Cpu, Set[Page]]
    work: Array[Cpu, Stamp]
    noted: Array[Cpu, Page]

@initial
def boot(m: Machine) -> None:
    for p in Page:
        m.present[p] = True

@action(Cpu)
def fill(m: Machine, me: Cpu, page: Page) -> None:
    when(m.present[page])
    m.tlb[me].add(page)

@operation(Cpu)
def change(m: Machine, me: Cpu, page: Page, whole: bool) -> Steps:
    m.present[page] = not m.present[page]
    m.noted[me] = page
    m.work[me] = (m.work[me] + 1) & 3
    if whole:
        m.tlb[me].clear()
    else:
        m.tlb[me].discard(page)
    yield

@invariant
def few(m: Machine) -> bool:
    return sum(1 for c in Cpu for p in m.tlb[c] if not m.present[p]) < 3

@invariant
def never_all(m: Machine) -> bool:
    return not all(m.noted[c] == Page(2) and m.work[c] == 2 for c in Cpu)
"""
CROWDED = ("-DHASH_BITS=8", "-DFIRST_BUCKETS=64", "-DSMALL_PART=16")  # buckets overflow into the next ones


def program_of(folder: Path, bounds: dict[str, int], reduced: bool = True) -> Any:
    file = folder / "covered_model.py"
    file.write_text(MODEL)
    sys.modules.pop(file.stem, None)
    model = load_model([str(file)])
    return compile_program(World(model, "default", bounds), list(model.properties.values()), reduced=reduced)


def told(outcome: Outcome) -> Outcome:
    """All but what depends on the machine."""
    return dataclasses.replace(outcome, seconds=0.0, seconds_before=0.0, memory_bytes=0, bytes_per_state=0.0)


def explore(program: Any, *flags: str, keeper: Keeper | None = None, **limits: Any) -> Outcome:
    limits = {"threads": 1, "keep_going": True, **limits}
    return native.explore(program, None, Limits(**limits), extra_flags=("-O0", *flags), keeper=keeper)


@pytest.mark.parametrize(("bounds", "words"), [({}, 1), ({"bits": 40}, 2)])
def test_taken_out_of_a_crowded_table(bounds: dict[str, int], words: int, tmp_path: Path) -> None:
    program = program_of(tmp_path, bounds)
    assert program.words == words
    plain = explore(program)
    assert plain.complete and plain.left_out > 0
    assert told(explore(program, *CROWDED)) == told(plain)
    assert told(explore(program, *CROWDED, "-DSMALL_LEVEL=16", threads=4)) == told(plain)


def test_stopped_anywhere_and_gone_on_with(tmp_path: Path) -> None:
    program = program_of(tmp_path, {})
    whole = explore(program)
    path = tmp_path / "search"
    for most in range(500, whole.states, whole.states // 7):
        saved = read(path) if path.exists() else None
        keeper = Keeper(path, {}, always=True, saved=saved)
        explore(program, keeper=keeper, max_states=most)
    keeper = Keeper(path, {}, always=True, saved=read(path))
    assert told(explore(program, keeper=keeper)) == told(whole)


def test_what_is_left_stands_for_the_others(tmp_path: Path) -> None:
    program, full = program_of(tmp_path, {}), explore(program_of(tmp_path, {}, reduced=False))
    reduced = explore(program)
    assert set(reduced.violations) == set(full.violations) == {"few", "never_all"}
    for name, violation in reduced.violations.items():
        steps = [event for event in violation.events if event.kind != "action"]
        assert len(steps) == len([e for e in full.violations[name].events if e.kind != "action"])
    assert reduced.states + reduced.left_out < full.states
