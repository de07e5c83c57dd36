"""What is said of a file that is no model: no traceback, the place, and never somebody else's exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checker.cli import run

MODEL = """\
from checker.language import Index, Range, action, invariant, state

class {index}(Index, size=2): ...

@state
class {state}:
    n: Range(0, 3)

@action
def up(k: {state}, i: {index}) -> None:
    k.n = min(3, k.n + int(i))

@invariant
def small(k: {state}) -> bool:
    return k.n < 4
"""


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("empty_one.py", "", "empty_one.py:1:1: error: nothing is declared in this file"),
        (
            "only_state.py",
            "from checker.language import *\n@state\nclass S:\n    x: bool\n",
            "nothing is declared",
        ),
        ("no_syntax.py", "def f(:\n", "no_syntax.py:1:7: error: invalid syntax"),
        ("no_module.py", "import nonexistent_module\n", "no_module.py:1:1: error: ModuleNotFoundError"),
        ("leaves.py", "import sys\nsys.exit(0)\n", "leaves.py:2:1: error: this ends the program"),
        ("raises.py", "x = 1\n1 // 0\n", "raises.py:2:1: error: ZeroDivisionError"),
        ("notes.txt", "not Python", "notes.txt: not a Python file"),
        ("binary_one.py", "\x00\x01", "error: source code string cannot contain null bytes"),
        ("encoded.py", "# -*- coding: nope -*-\n", "encoded.py: error: unknown encoding: nope"),
    ],
)
def test_files_that_are_no_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    assert run(["--load", str(tmp_path / name), "--all"]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err and not said.out


def test_missing_files_and_directories(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file, message in ((tmp_path, "this is a directory"), (tmp_path / "no.py", "there is no such file")):
        assert run(["--load", str(file), "--all"]) == 2
        assert message in capsys.readouterr().err


def test_a_model_that_the_file_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Properties of it may stand in a file of their own, which names the model's module only."""
    (tmp_path / "steps_of_it.py").write_text(MODEL.format(index="Thing", state="Things"))
    (tmp_path / "claims.py").write_text(
        "import steps_of_it\nfrom checker.language import invariant\n\n@invariant\n"
        "def tiny(k: steps_of_it.Things) -> bool:\n    return k.n < 3\n"
    )
    assert run(["--load", str(tmp_path / "claims.py"), "--property", "tiny", "--engine", "python"]) == 1
    assert "n: 2 -> 3" in capsys.readouterr().out
    sys.modules.pop("steps_of_it")


def test_a_step_invariant_takes_two_states(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one_state.py"
    file.write_text(
        MODEL.format(index="One", state="Ones")
        .replace("@invariant", "@step_invariant")
        .replace("import Index, Range, action, invariant", "import Index, Range, action, step_invariant")
    )
    assert run(["--load", str(file), "--all"]) == 2
    assert "needs 2 parameters at least: the states before and after" in capsys.readouterr().err


def test_a_wrong_type_is_wrong_for_either_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "endless.py"
    file.write_text(MODEL.format(index="Two", state="Twos").replace("n: Range(0, 3)", "n: int"))
    assert run(["--load", str(file), "--all"]) == 2
    said = capsys.readouterr().err
    assert f"{file}:7:5: error: Twos.n: int is not finite" in said and "--engine python" not in said


@pytest.mark.parametrize("engine", ["native", "python"])
def test_an_index_without_members_has_no_first_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    file = tmp_path / f"none_{engine}.py"
    text = MODEL.format(index="Slot", state="Slots").replace("size=2", "size=0")
    file.write_text(text.replace("    n: Range(0, 3)\n", "    n: Range(0, 3)\n    at: Slot\n"))
    assert run(["--load", str(file), "--all", "--engine", engine]) == 2
    said = capsys.readouterr().err
    assert "a field of type Slot has no value" in said and "Traceback" not in said


def test_files_that_import_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one_of_two.py").write_text("from other_of_two import x\ny = 1\n")
    (tmp_path / "other_of_two.py").write_text("from one_of_two import y\nx = 1\n")
    assert run(["--load", str(tmp_path / "one_of_two.py"), "--all"]) == 2
    said = capsys.readouterr().err
    assert "other_of_two.py:1:1: error: ImportError" in said and "import each other" in said


def test_claims_that_a_model_imports_are_not_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = (
        "from checker.language import *\n@obligation\ndef {}(a: Unsigned(8)) -> bool:\n    return a == a\n"
    )
    (tmp_path / "imported_claims.py").write_text(claim.format("of_others"))
    file = tmp_path / "with_claims.py"
    text = MODEL.format(index="ClaimIndex", state="ClaimState") + claim.format("its_own")
    file.write_text("import imported_claims\n" + text)
    assert run(["list", "--load", str(file)]) == 0
    said = capsys.readouterr().out
    assert "its-own" in said and "of-others" not in said


def test_names_that_are_not_ascii(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "umlauts.py"
    text = MODEL.format(index="Zähler", state="Größe").replace("small", "höchstens").replace("< 4", "< 1")
    file.write_text(text)
    assert run(["--load", str(file), "--property", "höchstens"]) == 1
    assert "[höchstens]" in capsys.readouterr().out
    assert run(["--load", str(file), "--property", "höchstens", "--format", "mail"]) == 1
    said = capsys.readouterr().out
    assert said.isascii() and "h\\xf6chstens" in said
