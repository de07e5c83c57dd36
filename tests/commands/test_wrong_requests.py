"""What `check` says of a wrong request, or of a wrong file, and where."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.a_model import model_file
from tests.commands.conftest import MODELS, Check

UNMAPPING = ["--load", str(MODELS / "unmapping.py")]
ENGINES = [
    "python",
    pytest.param("native", marks=pytest.mark.skipif(find_compiler() is None, reason="no C compiler")),
]

WRONG = [
    (["--property", "no-stale-tlp"], "did you mean `no-stale-tlb`?"),
    (["--property", "no-stale-tlb", "--design", "brokn"], "did you mean `broken`?"),
    (["--property", "no-stale-tlb", "--scenario", "free-onyl"], "did you mean `free-only`?"),
    (["--property", "no-stale-tlb", "--set", "flush-fist=true"], "did you mean `flush-first`?"),
    (["--property", "no-stale-tlb", "--set", "callers=obdient"], "did you mean `obedient`?"),
    (["--property", "no-stale-tlb", "--set", "callers"], "NAME=VALUE"),
    (["--property", "no-stale-tlb", "--cpu", "3"], "--cpus"),
    (["--property", "no-stale-tlb", "--cpus", "many"], "--cpus"),
    (["--property", "no-stale-tlb", "--memory", "lots"], "50M"),
    (["--property", "no-stale-tlb", "--time", "soon"], "10s"),
    (["--property", "no-stale-tlb", "--engine", "turbo"], "native"),
    (["--propertey", "x"], "--property"),
    (["shwo", "x"], "did you mean `show`?"),
    (["no-stale-tlb"], "--property no-stale-tlb"),
    (["show", "no-stale"], "no-stale-tlb"),
    (["can", "k.pge[Page[0]].free"], "did you mean `page`?"),
    (["can", "Pge"], "EXPR:1:1: error: `Pge` is not a name of the model (did you mean `Page`?)"),
    (["can", "k.page[Page[0]].free =="], "EXPR:1:24: error: invalid syntax"),
    (["can"], "EXPR"),
    (["--design", "broken"], "--property NAME"),
]


@pytest.mark.parametrize(
    ("words", "part"), WRONG, ids=lambda each: " ".join(each) if isinstance(each, list) else ""
)
def test_a_wrong_request_says_what_was_probably_meant(check: Check, words: list[str], part: str) -> None:
    said = check(*words, *UNMAPPING)
    assert said.code == 2
    assert part in said.err and "error:" in said.err and not said.out
    assert "Traceback" not in said.err


def test_a_wrong_request_in_json(check: Check) -> None:
    said = check("--property", "no-stale-tlp", "--json", *UNMAPPING)
    found = json.loads(said.out)
    assert said.code == found["exit_code"] == 2 and "no-stale-tlp" in found["error"]["text"]


HEAD = "from checker.language import invariant\nfrom unmapping import Kernel, Page, Cpu\n\n\n@invariant\n"
BAD_FILES = {
    "syntax": (
        "def mine(k: Kernel -> bool:\n    return True\n",
        r"mine\.py:6:20: error: invalid syntax",
    ),
    "typo": (
        "def mine(k: Kernl) -> bool:\n    return True\n",
        r"mine\.py:6:13: error: .*Kernl.*did you mean `Kernel`",
    ),
    "field": (
        "def mine(k: Kernel) -> bool:\n    return not k.page[Page(0)].fre\n",
        r"(?s)mine\.py:7(:\d+)?: error: .*`fre`.*did you mean `free`",
    ),
    "no bool": (
        "def mine(k: Kernel) -> bool:\n    return k.page[Page(0)]\n",
        r"mine\.py:[67](:\d+)?: error: ",
    ),
    "nothing": (
        "def mine(k: Kernel) -> bool:\n    k.page[Page(0)].free\n",
        r"mine\.py:[567](:\d+)?: error: ",
    ),
    "raises": ("def mine(k: Kernel) -> bool:\n    return [True][7]\n", r"mine\.py:7(:\d+)?: error: "),
    "writes": (
        "def mine(k: Kernel) -> bool:\n    k.page[Page(0)].free = True\n    return True\n",
        r"mine\.py:[67](:\d+)?: error: ",
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_wrong_file_is_refused_with_the_place(check: Check, tmp_path: Path, name: str, engine: str) -> None:
    body, expected = BAD_FILES[name]
    (tmp_path / "mine.py").write_text(HEAD + body)
    said = check("--property", "mine", "--engine", engine, *UNMAPPING, "--load", str(tmp_path / "mine.py"))
    assert said.code == 2
    assert re.search(expected, said.err), said.err
    assert "\n    " in said.err and "Traceback" not in said.err


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_what_the_compiler_refuses_still_runs_in_python(check: Check, tmp_path: Path) -> None:
    words = model_file(tmp_path, predicate='len("x" * (1 + sum(1 for c in sorted(list(Cpu))))) < 9')
    refused = check("--property", "quiet", *words)
    assert refused.code == 2
    assert re.search(r"model\.py:23:\d+: error: ", refused.err) and "^" in refused.err
    assert "--engine python" in refused.err
    assert check("--property", "quiet", "--engine", "python", *words).code in (0, 3)


def test_files_that_are_not_there_or_define_two_models(check: Check, tmp_path: Path) -> None:
    assert "no such file" in check("list", "--load", "nowhere.py").err
    first = model_file(tmp_path)
    second = tmp_path / "second.py"
    second.write_text((tmp_path / "model.py").read_text())
    said = check("list", *first, "--load", str(second))
    assert said.code == 2 and "2 models" in said.err
