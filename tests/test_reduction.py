"""Reductions as a user meets them: on by default, said beside the counts, and put off by --no-reduction."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.cli import run

MODEL = """
from checker.language import Array, Index, Set, Steps, action, initial, invariant, operation, state, when

class Cpu(Index, size=2): ...
class Page(Index, size=3): ...

@state
class Machine:
    present: Array[Page, bool]
    tlb: Array[Cpu, Set[Page]]
    free: Array[Page, bool]

@initial
def boot(m: Machine) -> None:
    for p in Page:
        m.present[p] = True

@action(Cpu)
def fill(m: Machine, me: Cpu, p: Page) -> None:
    when(m.present[p] and p not in m.tlb[me])
    m.tlb[me].add(p)

@operation(Cpu)
def unmap(m: Machine, me: Cpu, p: Page) -> Steps:
    when(m.present[p])
    m.present[p] = False
    yield
    for c in Cpu:
        m.tlb[c].discard(p)
        yield
    m.free[p] = True
    yield
    m.free[p] = False
    m.present[p] = True

@invariant
def no_stale_tlb(m: Machine) -> bool:
    return not any(m.free[p] and p in m.tlb[c] for c in Cpu for p in Page)
"""
WANTS_ABSENCE = """
@invariant
def all_are_cached(m: Machine) -> bool:
    return any(p in m.tlb[Cpu(0)] for p in Page) or not m.free[Page(0)]
"""


def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, *words: str) -> tuple[int, str]:
    file = tmp_path / "tlb.py"
    file.write_text(text)
    code = run(["--load", str(file), *words])
    return code, capsys.readouterr().out


def test_the_same_answer_from_fewer_states(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, reduced = checked(tmp_path, capsys, MODEL, "--all", "--json")
    other, full = checked(tmp_path, capsys, MODEL, "--all", "--json", "--no-reduction")
    (one,), (two,) = json.loads(reduced)["runs"], json.loads(full)["runs"]
    assert code == other == 0
    assert one["reduced"] and one["statistics"]["eager actions"] == ["fill"]
    assert not two["reduced"] and "eager actions" not in two["statistics"]
    assert one["states"] * 5 < two["states"]


def test_the_text_calls_the_counts_reduced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = checked(tmp_path, capsys, MODEL, "--property", "no-stale-tlb")
    assert code == 0 and "reduced states)" in said and "(reduced counts)" in said
    assert "taken at once, not interleaved: fill" in said
    _, said = checked(tmp_path, capsys, MODEL, "--property", "no-stale-tlb", "--no-reduction")
    assert "reduced" not in said and "interleaved:" not in said


def test_a_trace_has_the_fills_that_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without_flush = MODEL.replace("        m.tlb[c].discard(p)\n", "")
    code, said = checked(tmp_path, capsys, without_flush, "--property", "no-stale-tlb")
    assert code == 1 and said.partition("What each step changed")[0].count("<fill(") == 1
    code, said = checked(tmp_path, capsys, without_flush, "--property", "no-stale-tlb", "--no-reduction")
    drawn = said.partition("What each step changed")[0]
    assert code == 1 and drawn.count("<fill(") == 1 and "--no-reduction" in said


def test_what_prevents_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = checked(tmp_path, capsys, MODEL + WANTS_ABSENCE, "--all")
    line = MODEL.count("\n") + WANTS_ABSENCE[: WANTS_ABSENCE.index("return")].count("\n") + 1
    told = "".join(said.split())  # a long path is broken anywhere
    assert code == 1 and "reduced counts" not in said
    assert f"tlb.py:{line}:all_are_cachedcanbeviolatedbytheabsenceofmembersoftlb[]" in told
