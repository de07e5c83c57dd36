"""docs/testing.md: its example is run by pytest, and what it says of it is what comes out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "testing.md").read_text()


def said_by_pytest(code: str, folder: Path) -> str:
    (folder / "test_lock.py").write_text(code)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lock.py"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300).stdout


@pytest.mark.slow
def test_the_example_does_what_the_text_says(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    passed, line, failed = re.findall(r"says `(.*?)`\. Without the line `(.*?)` it says `(.*?)`", TEXT)[0]
    assert passed in said_by_pytest(code, tmp_path)
    broken = "\n".join(each for each in code.splitlines() if each.strip() != line)
    assert broken.count("\n") == code.count("\n") - 2
    said = said_by_pytest(broken, tmp_path)
    assert failed in said
    assert "are both inside" in said and "check --property alone --load test_lock.py" in said
