"""Ranges, indexes and arguments of many values: what needs no table works, and the rest is refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, find, settings

from checker.cli import run as run_command
from checker.compiler import compile_program
from checker.engines import native
from checker.engines import python as reference
from checker.engines.outcome import Limits
from checker.language import World, model_of
from checker.language.errors import CheckerError
from checker.testing.values import states

from .test_gate import load
from .test_types import BY_ENUM, WIDE

QUICK = settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.generate])

WIDE_RANGE = """
from checker.language import *

class Cpu(Index, size=2): ...

@state
class K:
    n: Range(0, 2**30)
    o: Range(-2**30, 2**20) | None

@operation(Cpu)
def op(k: K, me: Cpu{parameter}) -> Steps:
    yield
    k.n = min(k.n + 1, 3)
    yield
    k.o = k.n

@invariant
def low(k: K) -> bool:
    return k.n < 4
"""


def test_a_wide_range_needs_no_table(tmp_path: Path) -> None:
    model = model_of(load(WIDE_RANGE.replace("{parameter}", ""), str(tmp_path)).K)
    world = World(model)
    wanted = [model.properties["low"], "deadlock"]
    program = compile_program(world, wanted)
    compiled = native.explore(program, (), Limits())
    expected = reference.explore(world, wanted, Limits(), project=program.pack)
    assert (compiled.states, compiled.transitions) == (expected.states, expected.transitions)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize(
    ("parameter", "says"),
    [
        (", a: Range(0, 2**30)", "too many values to go through"),
        (", a: Range(0, 2000), b: Range(0, 2000)", "op has 4,004,001 combinations of arguments"),
    ],
)
def test_too_many_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str, parameter: str, says: str
) -> None:
    file = tmp_path / f"{engine}{len(parameter)}.py"
    file.write_text(WIDE_RANGE.replace("{parameter}", parameter))
    assert run_command(["--load", str(file), "--all", "--engine", engine]) == 2
    said = capsys.readouterr()
    assert says in said.err and f"{file.name}:" in said.err and "Traceback" not in said.err


def test_too_large_an_index(tmp_path: Path) -> None:
    text = WIDE_RANGE.replace("{parameter}", "").replace("size=2", "size=2**30")
    module = load(text, str(tmp_path))
    with pytest.raises(CheckerError, match="Cpu has 1,073,741,824 members"):
        World(model_of(module.K)).size(module.Cpu)


@pytest.mark.parametrize("text", [WIDE, BY_ENUM], ids=["wide", "by enum"])
def test_a_trace_is_written_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    wrong = "\n\n@invariant\ndef nothing_moves(k: K) -> bool:\n    return k.last == LAST\n"
    file, itf, page = tmp_path / f"typed{len(text)}.py", tmp_path / "t.itf.json", tmp_path / "t.html"
    file.write_text(text + wrong.replace("LAST", "None" if text is WIDE else "Level.LOW"))
    asked = ["--load", str(file), "--property", "nothing-moves"]
    assert run_command([*asked, "--itf", str(itf), "--html", str(page)]) == 1
    native_said = capsys.readouterr().out
    assert ("va19" if text is WIDE else "area[HIGH].users: {} -> {HIGH}") in native_said
    assert run_command([*asked, "--engine", "python"]) == 1
    assert run_command(["replay", str(itf), "--load", str(file)]) == 1
    assert "still violates nothing-moves" in capsys.readouterr().out
    assert "nothing_moves" in page.read_text()


@pytest.mark.parametrize("text", [WIDE, BY_ENUM], ids=["wide", "by enum"])
def test_states_are_drawn(tmp_path: Path, text: str) -> None:
    """Some state of the types, on which the model's own predicates can be asked."""
    model = model_of(load(text, str(tmp_path)).K)
    few = model.properties["few"].function
    find(states(model.state, scenario="drawn"), lambda k: few(k) is True, settings=QUICK)
