"""What a command does not need is not imported: that would take longer than most searches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MODEL = Path(__file__).parent / "benchmarks" / "shootdown.py"
SLOW_TO_IMPORT = (
    "networkx",
    "z3",
    "jinja2",
    "itf_py",
    "rich",
    "checker.compiler.compile",
    "checker.commands.graph",
)


def imported_by(folder: Path, *words: str) -> set[str]:
    """The modules that there are at the end of a command."""
    program = (
        f"import sys; from checker.cli import run; code = run({list(words)!r})\n"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_CACHE_HOME": str(folder)},
    )
    return set(found.stderr.split())


def test_a_verdict_on_a_program_that_was_compiled_before_needs_no_compiler(tmp_path: Path) -> None:
    words = ("--load", str(MODEL), "--property", "no_stale_tlb", "--cpus", "2", "--pages", "2")
    assert "checker.compiler.compile" in imported_by(tmp_path, *words)
    assert imported_by(tmp_path, *words).isdisjoint(SLOW_TO_IMPORT)


@pytest.mark.parametrize("words", [("list",), ("--version",)])
def test_looking_needs_neither_compiler_nor_graphs(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert imported_by(tmp_path, *words).isdisjoint(SLOW_TO_IMPORT)


def test_ctrl_c_while_it_is_imported(tmp_path: Path) -> None:
    """As if it came while the first of its modules runs."""
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from checker.__main__ import main; main()"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (3, "", "interrupted: nothing was decided\n")


def test_what_costs_no_answer_is_a_notice(tmp_path: Path) -> None:
    """Not a warning of Python's, with a line of this program."""
    (tmp_path / "file").write_text("")
    found = subprocess.run(
        [sys.executable, "-m", "checker", "--load", str(MODEL), "--all", "--cpus", "2", "--pages", "2"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "file")},
    )
    assert found.stderr and all(line.startswith("notice: not using") for line in found.stderr.splitlines())
