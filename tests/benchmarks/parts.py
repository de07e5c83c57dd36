"""The report's second part: sections measured one by one, and kept when the first is written anew."""

from __future__ import annotations

import re
from pathlib import Path

REPORT = Path(__file__).parents[2] / "reports" / "benchmarks.md"
HEADING = "# Reductions and width\n"
ABOUT = """
Written by `python tests/benchmarks/reductions.py`, each section in one run of its own. Times are
processor seconds of the whole process, all threads together: the machine was shared.
"""


def second_part(report: Path = REPORT) -> str:
    """With its heading; empty if there is none."""
    text = report.read_text() if report.is_file() else ""
    return text[text.index(HEADING) :] if HEADING in text else ""


def put_section(title: str, text: str, report: Path = REPORT) -> None:
    """In the place of the section of this title, or at the end."""
    whole = report.read_text() if report.is_file() else ""
    part = second_part(report) or HEADING + ABOUT
    first = whole.removesuffix(second_part(report)).rstrip()
    section = f"## {title}\n\n{text}\n"
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if old.search(part):
        part = old.sub(lambda _: section + "\n", part, count=1)
    else:
        part = f"{part.rstrip()}\n\n{section}"
    report.write_text(f"{first}\n\n{part.rstrip()}\n".lstrip())
