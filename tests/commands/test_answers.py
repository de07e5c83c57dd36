"""The answers of `check` about properties, as a user types it: what is printed, and the exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import MODELS, Check

UNMAPPING = ["--load", str(MODELS / "unmapping.py")]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_violation_is_shown_as_lockdep_would(check: Check, engine: str) -> None:
    said = check("--property", "no-stale-tlb", "--engine", engine, *UNMAPPING)
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "=" * 58
    assert lines[1] == "WARNING: possible corruption  [no-stale-tlb, broken]"
    assert re.fullmatch(r"page0 was freed while cpu[01] can still translate it", lines[3])
    assert any("free_page(page0)" in line for line in lines)
    assert any("<fill_tlb(page0)>" in line for line in lines)
    assert "       page[0].free: False -> True" in lines
    assert any(line.startswith("no-stale-tlb: violated (in free-only, 3 steps") for line in lines)
    assert all(
        len(line) <= 75 and line.isascii()
        for line in lines
        if "load" not in line and "models_for" not in line
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_what_holds_says_what_it_rests_on(check: Check, engine: str) -> None:
    said = check("--property", "no-stale-tlb", "--design", "repaired", "--engine", engine, *UNMAPPING)
    assert said.code == 0, said.out
    text = " ".join(said.out.split())
    assert "no-stale-tlb: holds" in text
    for part in (
        "states",
        "transitions",
        "depth",
        "bytes/state",
        "bounds cpus=2, pages=1",
        "flush_first=true",
    ):
        assert part in text
    assert "mapping a page is one step" in text
    assert "weak memory is not modelled" in text
    assert "never fired" in text


@pytest.mark.parametrize("engine", ENGINES)
def test_all_properties_and_what_was_never_exercised(check: Check, engine: str) -> None:
    said = check(
        "--all", "--scenario", "free-and-take", "--design", "repaired", "--engine", engine, *UNMAPPING
    )
    assert said.code == 3
    assert "never-asked: not exercised" in said.out
    for name in ("all-is-well", "freed-when-unmapped", "a-page-is-free", "deadlock", "no-stale-tlb"):
        assert f"{name}: holds" in said.out


def test_the_command_that_is_shown_shows_it_again(check: Check) -> None:
    words = ["--property", "no-stale-tlb", "--set", "callers=obedient", "--cpus", "3", *UNMAPPING]
    first = check(*words)
    again = " ".join(first.out.split("again:\n")[1].split("\n\n")[0].replace("\\\n", " ").split())
    assert "--set callers=obedient" in again and "--cpus 3" in again and "--scenario free-only" in again
    second = check(*again.split()[1:])
    assert (second.code, second.out.split("again:")[0]) == (first.code, first.out.split("again:")[0])


@pytest.mark.parametrize("engine", ENGINES)
def test_can_and_never(check: Check, engine: str) -> None:
    free = "k.page[Page[0]].free"
    yes = check("can", free, "--engine", engine, *UNMAPPING)
    assert yes.code == 0 and "can: yes" in yes.out and "REACHABLE" in yes.out
    no = check("can", f"{free} and k.page[Page[0]].mapped", "--engine", engine, *UNMAPPING)
    assert no.code == 1 and "in no reachable state" in no.out
    never = check("never", f"any({free} and k.page[p].mapped for p in Page)", "--engine", engine, *UNMAPPING)
    assert never.code == 0 and "never: holds" in never.out
    inside = check("can", "running(Cpu(0)) and not running(Cpu(1))", "--engine", engine, *UNMAPPING)
    assert inside.code == 0, "`running` may be asked of, whether the file imports it or not"
    once = check("never", free, "--engine", engine, *UNMAPPING)
    assert once.code == 1 and "never: violated" in once.out


def test_options_before_a_question_count_too(check: Check) -> None:
    said = check(*UNMAPPING, "--cpus", "1", "can", "k.page[Page[0]].free")
    assert said.code == 0 and "cpus=1" in said.out


def test_json_is_one_object(check: Check) -> None:
    said = check("--property", "no-stale-tlb", "--property", "all-is-well", "--json", *UNMAPPING)
    found = json.loads(said.out)
    assert said.code == found["exit_code"] == 1
    stale, well = found["verdicts"]
    assert (stale["answer"], well["answer"]) == ("violated", "holds")
    assert [step["operation"] for step in stale["trace"]["steps"]].count("fill_tlb") == 1
    assert found["runs"][0]["states"] > 0 and found["assumed"]


def test_a_file_of_five_lines(check: Check, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from checker.language import invariant\n"
        "from unmapping import Kernel, Page, Cpu\n"
        "@invariant\n"
        "def mine(k: Kernel) -> bool:\n"
        "    return not any(k.page[p].free for p in Page)\n"
    )
    said = check("--property", "mine", *UNMAPPING, "--load", str(mine))
    assert said.code == 1 and "mine: violated" in said.out and "p = page0" in said.out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_trace_over_an_assumed_step_is_conditional(check: Check, tmp_path: Path, engine: str) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from checker.language import step_invariant\n"
        "from unmapping import Kernel, Page\n"
        "@step_invariant\n"
        "def stays_free(before: Kernel, after: Kernel) -> bool:\n"
        "    return all(after.page[p].free or not before.page[p].free for p in Page)\n"
    )
    words = ["--property", "stays-free", "--engine", engine, *UNMAPPING, "--load", str(mine)]
    said = check(*words)
    assert said.code == 1
    assert "CONDITIONAL: the trace takes an assumed step: mapping a page is one step" in said.out
    assert "stays-free: conditionally violated" in said.out
    found = json.loads(check(*words, "--json").out)["verdicts"][0]
    assert found["conditional"] is True and found["kind"] == "step"


def test_a_finding_that_does_not_replay_is_our_own_bug(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.engines import python
    from checker.engines.replaying import Replay

    monkeypatch.setattr(python, "replay", lambda *_: Replay([], False, "step 2 is not enabled"))
    said = check("--property", "no-stale-tlb", *UNMAPPING)
    assert said.code == 2
    assert "INTERNAL ERROR" in said.err and "step 2 is not enabled" in said.err
    assert "WARNING" not in said.out and "violated" not in said.out


WITNESSED = """
from checker.language import action, invariant, state

@state
class S:
    on: bool
    off: bool

@action
def flip(k: S) -> None:
    k.on = not k.on

def is_on(k: S) -> bool:
    return k.on

def is_off(k: S) -> bool:
    return k.off

@invariant(witness=is_on)
def seen(k: S) -> bool:
    return not (k.on and k.off)

@invariant(witness=is_on)
def seen_too(k: S) -> bool:
    return not (k.on and k.off)

@invariant(witness=is_off)
def unseen(k: S) -> bool:
    return not (k.on and k.off)
"""


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_witness_says_whether_a_property_was_exercised(check: Check, tmp_path: Path, engine: str) -> None:
    file = tmp_path / "witnessed.py"
    file.write_text(WITNESSED)
    both = ("--property", "seen", "--property", "seen_too")  # by the same witness
    assert check("--load", str(file), *both, "--engine", engine).code == 0
    said = check("--load", str(file), "--property", "unseen", "--engine", engine)
    assert said.code == 3 and "not exercised" in said.out
