"""What is wrong with a declaration is said before any search: where it stands, what it is, what to write."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from checker.cli import run

HEAD = """\
from enum import Enum
from checker.language import *

class Cpu(Index, size=2): ...
class Page(Index, size=3): ...
class Mode(Enum):
    A = 1

@record
class Frame(Record):
    free: bool

@state
class K:
    flag: bool
    mode: Mode
    page: Array[Page, Frame]

LOG = []

@operation(Cpu)
def op(k: K, me: Cpu) -> Steps:
    yield
    k.flag = not k.flag

"""
LINES = HEAD.count("\n")
PROPERTY = "def p(k: K) -> bool:\n    return k.flag"

# What follows HEAD; the place (of the first line after it: 1) and the text; words of the advice.
APPENDED = [
    (
        "@operation(Cpu)\ndef x(k, me):\n    yield",
        "2:7: error: parameter `k` of x has no type",
        "@state class",
    ),
    (
        "@operation(Cpu)\ndef x(k: K, me: Page) -> Steps:\n    yield",
        "2:13: error: the actor of x is a Cpu",
        "me: Cpu",
    ),
    (
        "@operation(Cpu)\ndef x(k: K, me: Cpu, n: int) -> Steps:\n    yield",
        "2:22: error: int is not finite",
        "Range",
    ),
    ("@operation(Cpu)\ndef x(k: K, me: Cpu) -> None: ...", "2:5: error: x has no `yield`", "@action"),
    ("@operation(Cpu)\nasync def x(k: K, me: Cpu) -> None: ...", "2:11: error: x is `async`", "def"),
    (
        "@enabled(Cpu)\ndef x(k: K, me: Page) -> bool:\n    return k.flag",
        "2:13: error: the actor of x",
        "me: Cpu",
    ),
    ("@action()\ndef x(k: K) -> None: ...", "1:2: error: @action() names no actor", "a bare @action"),
    (
        "@invariant\ndef p(k: K, other: K) -> bool:\n    return k.flag",
        "2:13: error: @invariant takes the state",
        "any(",
    ),
    (
        "@invariant\ndef deadlock(k: K) -> bool:\n    return k.flag",
        "2:5: error: every model has",
        "another name",
    ),
    (
        f"@invariant(sayz='x')\n{PROPERTY}",
        "1:2: error: a property has no `sayz` (did you mean `says`?)",
        "witness",
    ),
    (f"@invariant(witness='x')\n{PROPERTY}", "2:5: error: witness='x' is not a predicate", "function itself"),
    (f"@invariant(scenarios=['x'])\n{PROPERTY}", "2:5: error: scenarios=['x']: there is no scenario", ""),
    (
        f"@invariant(says='{{kk.flag}}')\n{PROPERTY}",
        "2:5: error: says='{kk.flag}': there is no `kk`",
        "in braces",
    ),
    (
        f"@invariant(says='{{k.flga}}')\n{PROPERTY}",
        "2:5: error: says='{k.flga}': K has no field `flga` (did",
        "",
    ),
    (f"@invariant(says='{{k')\n{PROPERTY}", "2:5: error: says='{k': f-string: expecting '}'", "{{ and }}"),
    (
        f"@invariant(says='{{k +}}')\n{PROPERTY}",
        "2:5: error: says='{k +}': f-string: invalid syntax",
        "{{ and }}",
    ),
    ("Scenario('a', run={Cpu: [op]})", "1:1: error: Scenario() has no argument `run` (did", "it takes name"),
    ("Scenario('a', runs={Cpu: op})", "1:1: error: scenario a: op is not a list", "runs={Cpu: [op]}"),
    ("Scenario('a', runs={Cpu[7]: [op]})", "1:1: error: scenario a: cpu7 is out of range", ""),
    ("Scenario('a', runs={Cpu: [op]}, bounds={'cpus': 3})", "1:1: error: scenario a: there is no bound", ""),
    (
        "Scenario('a', runs={Cpu: [op]})\nScenario('a', runs={Cpu: [op]})",
        "2:1: error: there are two scenarios",
        "",
    ),
]
# What is changed in HEAD, the place in it, and what is said of it.
CHANGED = [
    (
        "(Index, size=2)",
        "(Index, size='cpus')",
        "4:1: error: class Cpu(size='cpus'): there is no such",
        "@bounds",
    ),
    ("(Index, size=2)", "(Index, size=-1)", "4:1: error: class Cpu: size=-1 is no number", "size=2"),
    ("(Index, size=2)", "(Index, size=10**6)", "4:1: error: Cpu has 1,000,000 members", "at most"),
    ("    A = 1", "    pass", "16:5: error: K.mode: Mode has no members", "BUSY = 1"),
    ("flag: bool", "flag: bool = 3", "15:5: error: K.flag: its default 3 is not a value of bool", ""),
    ("flag: bool", "flag = True", "15:5: error: K.flag has no type, and so it is no field", "flag: bool"),
    (
        "Page, Frame]",
        "Page, Frame] | None",
        "17:5: error: K.page: `Array[Page, Frame] | None`: a place",
        "only",
    ),
    (
        "free: bool",
        "free: bool\n    next: 'Frame'",
        "12:5: error: K.page: Frame.next: a Frame lies within",
        "Index",
    ),
    ("language import *", "language import invarient", "2:1: error: ImportError: cannot import name", ""),
    (
        "from enum",
        "from .other import x\nfrom enum",
        "1:1: error: ImportError: attempted relative",
        "beside it",
    ),
    (
        "from enum",
        "import nonexistent_one\nfrom enum",
        "1:1: error: ModuleNotFoundError",
        "nonexistent_one.py",
    ),
]
ONLY_PYTHON = [
    ("k.flag = not k.flag", "LOG.append(1)", "24:5: error: `LOG` is not in the state", "field"),
    ("k.flag = not k.flag", "yield 3", "22:5: error: op: `yield 3`", "bare"),
]
_numbers = itertools.count()


def said(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    """What the command says of a model, after the file's name, and the rest."""
    file = folder / f"declared_wrongly_{next(_numbers)}.py"
    file.write_text(text)
    assert run(["--load", str(file), "--all", *more]) == 2
    first, _, rest = capsys.readouterr().err.partition("\n")
    assert "Traceback" not in rest and first.startswith(f"{file}:"), first + rest
    sys.modules.pop(file.stem, None)
    return first.removeprefix(f"{file}:"), rest


@pytest.mark.parametrize(("text", "expected", "advice"), APPENDED)
def test_a_wrong_declaration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str, advice: str
) -> None:
    line, _, rest = expected.partition(":")
    found, more = said(tmp_path, HEAD + text + "\n", capsys)
    assert found.startswith(f"{int(line) + LINES}:{rest}") and advice in more


@pytest.mark.parametrize(("old", "new", "expected", "advice"), CHANGED)
def test_a_wrong_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str, advice: str
) -> None:
    found, more = said(tmp_path, HEAD.replace(old, new, 1), capsys)
    assert found.startswith(expected) and advice in more


@pytest.mark.parametrize(("old", "new", "expected", "advice"), ONLY_PYTHON)
def test_what_python_alone_would_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str, advice: str
) -> None:
    found, more = said(tmp_path, HEAD.replace(old, new, 1), capsys, "--engine", "python")
    assert found.startswith(expected) and advice in more


def test_a_sentence_may_name_what_the_file_defines_further_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sentence.py"
    file.write_text(
        HEAD
        + "@invariant(says='{c}: {later(k)}, {sum(1 for d in Cpu if d != c)}, {len(Cpu)}')\n"
        + "def p(k: K) -> bool:\n    return not any(k.flag and c == Cpu(1) for c in Cpu)\n"
        + "def later(k: K) -> str:\n    return 'set' if k.flag else 'not set'\n"
    )
    assert run(["--load", str(file), "--property", "p"]) == 1
    assert "cpu1: set, 1, 2" in capsys.readouterr().out
