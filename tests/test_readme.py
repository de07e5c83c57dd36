"""The README shows what the command prints, its examples work, and its commands are those of .ci/run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Check, check

__all__ = ["check"]  # the fixture

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COMMAND = [sys.executable, "-c", "from checker.cli import main; main()"]
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="no graphviz")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def block_with(words: str) -> str:
    (found,) = [block for block in blocks("python") if words in block]
    return found


def printed_by_a_process(*words: str) -> tuple[int, str]:
    """Exit code and standard output of `check` with these words, typed in the repository."""
    done = subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout


def test_the_shown_output_is_what_is_printed() -> None:
    (block,) = blocks("console")
    command, _, shown = block.partition("\n")
    prompt, name, *words = shlex.split(command)
    assert (prompt, name) == ("$", "check")
    code, printed = printed_by_a_process(*words)
    assert code == 1
    assert printed.partition("\nWhat each step changed")[0].rstrip() == shown.rstrip()


@pytest.fixture
def bank() -> str:
    return block_with("def withdraw")


@pytest.mark.parametrize("engine", ["native", "python"])
def test_two_tasks_are_inside_after_four_steps(check: Check, bank: str, engine: str, tmp_path: Path) -> None:
    file = tmp_path / "bank.py"
    file.write_text(bank)
    assert "prints the four steps that put both tasks inside" in README
    said = check("--load", str(file), "--property", "alone", "--engine", engine)
    assert said.code == 1
    assert "alone: violated (in default, 4 steps)" in said.out


@pytest.mark.parametrize("engine", ["native", "python"])
def test_without_the_second_yield_it_holds(check: Check, bank: str, engine: str, tmp_path: Path) -> None:
    assert re.search(r"Remove the second `yield` and\s+it holds", README)
    lines = bank.splitlines()
    second = [number for number, line in enumerate(lines) if re.match(r" +yield\b", line)][1]
    del lines[second]
    file = tmp_path / "bank.py"
    file.write_text("\n".join(lines) + "\n")
    said = check("--load", str(file), "--property", "alone", "--engine", engine)
    assert said.code == 0
    assert "alone: holds" in said.out


def test_the_property_of_a_reader(tmp_path: Path) -> None:
    """In a process of its own: the model of the kernel would keep the property."""
    file = tmp_path / "mine.py"
    file.write_text(block_with("def mine"))
    (command,) = re.findall(r"`check (--load mine\.py .*?)`\s+checks it", README)
    words = [str(file) if word == "mine.py" else word for word in shlex.split(command)]
    code, printed = printed_by_a_process(*words)
    assert code == 1
    assert "mine: violated" in printed


def test_the_table_of_commands_names_what_exists(check: Check) -> None:
    names = set(re.findall(r"--property ([\w-]+)", README)) - {"mine", "alone", "NAME"}
    known = check("list").out
    assert names and all(f"  {name}\n" in known for name in names)


@pytest.mark.parametrize(
    ("word", "more"),
    [
        ("can", []),
        ("bisect", ["--scenario", "init-on-free"]),
        pytest.param("graph", [], marks=needs_dot),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_command_of_the_table_is_understood(
    check: Check, word: str, more: list[str], tmp_path: Path
) -> None:
    """Those that take little time, or do in one scenario; what they say is not the README's to tell."""
    (command,) = re.findall(rf"`check ({word} .*?)`", README)
    said = check(*shlex.split(command.replace("states.svg", str(tmp_path / "states.svg"))), *more)
    assert said.code in (0, 1), said.err


def plain(command: str) -> str:
    """Without the folder of the virtual environment, and without -q."""
    command = re.sub(r'"\$folder/venv([\w/]*)"', r".venv\1", command).replace(".venv/bin/", "")
    return " ".join(word for word in command.split() if word != "-q")


def test_the_commands_are_those_of_the_gate() -> None:
    gate = [plain(line) for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    setup, test = (block.strip() for block in blocks("sh"))
    make, install, first = (plain(part) for part in setup.split(" && "))
    assert make == "python3 -m venv .venv" and make in gate
    assert install in gate
    assert first.startswith("check --property ")
    assert any(line.startswith("check --property ") for line in gate)
    assert plain(test) in gate
