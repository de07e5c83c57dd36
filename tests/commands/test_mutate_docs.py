"""docs/mutants.md: its example gives exactly the text that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import Check

TEXT = (Path(__file__).parents[2] / "docs" / "mutants.md").read_text()


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_the_example(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, command, shown = re.findall(r"```(?:python|console|text)\n(.*?)```", TEXT, re.DOTALL)[:3]
    (tmp_path / "counter.py").write_text(model)
    monkeypatch.chdir(tmp_path)
    words = command.removeprefix("$ check ").split()
    assert check(*words).out == shown
