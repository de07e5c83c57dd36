"""docs/patches.md shows what the command prints for the file that it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "patches.md").read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    folder = tmp_path_factory.mktemp("patch")
    (folder / "v5.py").write_text(code)
    return folder


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: what is replaced stays so."""
    program = "from checker.cli import main; main()"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_what_is_shown_is_what_is_printed(folder: Path) -> None:
    (block,) = re.findall(r"```console\n\$ check (.*?)```", PAGE, re.DOTALL)
    command, _, shown = block.partition("\n")
    printed = check(folder, *shlex.split(command))
    assert printed.returncode == 1, printed.stderr
    assert printed.stdout.startswith(shown)


@pytest.mark.slow
def test_the_trace_names_the_new_function_and_the_verdict_says_so(folder: Path) -> None:
    words = ("--load", "v5.py", "--property", "no-stale-tlb", "--scenario", "flip", "--design")
    assert check(folder, *words, "v4").returncode == 0
    printed = check(folder, *words, "v5")
    assert printed.returncode == 1, printed.stderr
    assert "in place of flush_unmapped_blocks there is maybe_flush, v5.py:14" in " ".join(
        printed.stdout.split()
    )
