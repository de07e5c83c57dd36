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
FLUSH = """        if choose(True, False):
            m.tlb[c].clear()
        m.tlb[c].discard(p)
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
    assert code == 1 and said.partition("Why:")[0].count("<fill(") == 1
    code, said = checked(tmp_path, capsys, without_flush, "--property", "no-stale-tlb", "--no-reduction")
    drawn = said.partition("Why:")[0]
    assert code == 1 and drawn.count("<fill(") == 1 and "--no-reduction" in said


def test_states_that_others_stand_for_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MODEL.replace("        m.tlb[c].discard(p)\n", FLUSH).replace(
        "import Array", "import choose, Array"
    )
    code, reduced = checked(tmp_path, capsys, text, "--all", "--json")
    other, full = checked(tmp_path, capsys, text, "--all", "--json", "--no-reduction")
    (one,), (two,) = json.loads(reduced)["runs"], json.loads(full)["runs"]
    assert code == other == 0 and one["left_out"] > 0 == two["left_out"]
    _, said = checked(tmp_path, capsys, text, "--all")
    assert f"left out, as another state stands for them: {one['left_out']:,} states" in said


def test_what_prevents_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = checked(tmp_path, capsys, MODEL + WANTS_ABSENCE, "--all")
    line = MODEL.count("\n") + WANTS_ABSENCE[: WANTS_ABSENCE.index("return")].count("\n") + 1
    told = "".join(said.split())  # a long path is broken anywhere
    assert code == 1 and "reduced counts" not in said
    assert f"tlb.py:{line}:all_are_cachedcanbeviolatedbytheabsenceofmembersoftlb[]" in told


STEPS = """
@step_invariant
def nothing_stale(before: Machine, after: Machine) -> bool:
    return not any(p in after.tlb[c] and not before.present[p] for c in Cpu for p in Page)
"""


def test_a_reduction_that_cannot_answer_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = MODEL.replace("import Array", "import step_invariant, Array") + STEPS
    code, said = checked(tmp_path, capsys, text, "--all")
    assert code == 1 and "reduced counts" not in said
    assert "searched again: nothing_stale: hardware steps alone may violate it" in said


DRAINED = """
from checker.language import *

class Page(Index, size=2): ...
class Task(Index, size=2): ...

@state
class Machine:
    dirty: Set[Page]
    turns: Range(0, 1)

@action
def soil(m: Machine, page: Page) -> None:
    m.dirty.add(page)

@action
def write_back(m: Machine, page: Page) -> None:
    when(page in m.dirty)
    m.dirty.discard(page)

@operation(Task)
def turn(m: Machine, me: Task) -> Steps:
    m.turns = 1 - m.turns
    yield

@invariant
def in_turn(m: Machine) -> bool:
    return m.turns < 2

@always_possible
def clean(m: Machine) -> bool:
    return len(m.dirty) == 0
"""


def test_hardware_that_need_not_run_is_not_said_to_be_unable_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = checked(tmp_path, capsys, DRAINED, "--all")
    line = DRAINED[: DRAINED.index("def write_back")].count("\n") + 1
    told = "".join(said.split())
    assert code == 0 and "never fired" not in said
    assert f"notseentofire,bythereduction(see--no-reduction):{tmp_path}/tlb.py:{line}" in told
    code, said = checked(tmp_path, capsys, DRAINED, "--all", "--no-reduction")
    assert code == 0 and "never fired: no atomic block, all were run" in said


ALIKE = """
from checker.language import *

class Cpu(Index, size=3): ...
class Task(Index, size=3): ...
class Page(Index, size=2): ...

@state
class Machine:
    cpu: Array[Task, Cpu]
    tlb: Array[Cpu, Set[Page]]
    free: Array[Page, bool]

@initial
def boot(m: Machine) -> None:
    for task in Task:
        m.cpu[task] = Cpu(int(task))

@operation(Task)
def access(m: Machine, me: Task, page: Page) -> Steps:
    m.tlb[m.cpu[me]].add(page)
    m.free[page] = False
    yield

@operation(Task)
def free(m: Machine, me: Task, page: Page) -> Steps:
    for cpu in LOOP:
        yield
        m.tlb[cpu].discard(page)
    m.free[page] = True
    yield

@invariant
def no_stale_tlb(m: Machine) -> bool:
    return not any(m.free[page] and page in m.tlb[cpu] for cpu in Cpu for page in Page)

Scenario("alike", "Tasks that run the same.", runs={Task: [access, free]}, symmetric=[Cpu, Task])
"""


def test_tasks_and_their_cpus_that_a_scenario_calls_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ALIKE.replace("LOOP", "any_order(Cpu)")
    asked = ["--scenario", "alike", "--property", "no-stale-tlb"]
    code, said = checked(tmp_path, capsys, text, *asked)
    assert code == 1 and "interchangeable: Task 0, 1, 2 with Cpu" in said
    _, reduced = checked(tmp_path, capsys, text, *asked, "--json")
    other, full = checked(tmp_path, capsys, text, *asked, "--json", "--no-reduction")
    (one,), (two,) = json.loads(reduced)["runs"], json.loads(full)["runs"]
    assert other == code and one["states"] * 3 < two["states"] and one["depth"] == two["depth"]


def test_a_loop_in_the_order_of_numbers_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tlb.py"
    file.write_text(ALIKE.replace("LOOP", "Cpu"))
    line = ALIKE[: ALIKE.index("for cpu in LOOP")].count("\n") + 1
    assert run(["--load", str(file), "--scenario", "alike", "--property", "no-stale-tlb"]) == 2
    said = capsys.readouterr().err
    assert f"tlb.py:{line}:5: error: Cpu is symmetric, but a loop over Cpu" in said and "any_order" in said
