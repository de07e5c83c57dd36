"""docs/cost.md: its example, which is that of docs/language.md, gives exactly the text that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.engines.compilers import find_compiler
from tests.commands.conftest import Check

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.skipif(find_compiler() is None, reason="no C compiler")
def test_the_example(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = (DOCS / "language.md").read_text().partition("## Costs\n")[2]
    (model,) = re.findall(r"```python\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    text = (DOCS / "cost.md").read_text()
    command, shown, schedule = re.findall(r"```(?:console|text)\n(.*?)```", text, re.DOTALL)
    (tmp_path / "shop.py").write_text(model)
    monkeypatch.chdir(tmp_path)
    assert check(*command.removeprefix("$ check ").split()).out == shown
    (asked,) = re.findall(r"`check (cost --trace .* --scenario .*)`", text)
    said = check(*asked.split())
    banner, sentence = schedule.splitlines()
    assert sentence in said.lines and any(line.startswith(banner) for line in said.lines)
