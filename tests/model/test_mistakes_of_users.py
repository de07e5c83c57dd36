"""A mistake in what a user of unmapped memory does is noticed; without it nothing is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from searches import has_compiler

ROOT = Path(__file__).parents[2]
BROKEN = Path(__file__).parent / "broken_users.py"
CASES = [
    ("hook-flushes-not", "guest-memory", "gmem-y1", "no-stale-tlb"),
    ("bit-stays", "guest-memory", "gmem-v12", "free-pages-are-in-no-file"),
    ("restores-not", "guest-memory", "gmem-v12", "mapped-means-usable"),
    ("zaps-late", "secretmem", "gmem-x1", "file-pages-stay-out-of-direct-map-strong"),
    ("zap-fails", "secretmem-failures", "gmem-x1", "file-pages-stay-out-of-direct-map"),
    ("zap-fails", "guest-memory-failures", "gmem-v12", "file-pages-stay-out-of-direct-map"),
    ("undoes-not", "secretmem-threads", "gmem-x1", "mapped-means-usable"),
    ("undoes-not", "secretmem-threads", "gmem-x2", "no-stale-tlb"),
    ("zeroes-not", "secretmem", "base", "no-residue"),
    ("zeroes-not", "secretmem", "gmem-x1", "no-residue"),
    ("flushes-not", "secretmem", "gmem-x2", "no-stale-tlb"),
    ("clears-not", "guest-memory", "gmem-x3", "contents-are-own-or-zero"),
    ("guest-keeps", "guest-memory", "gmem-v12", "only-owners-reach-pages"),
    ("guest-keeps", "guest-memory", "gmem-x3", "only-owners-reach-pages"),
    ("process-keeps", "secretmem", "gmem-x2", "only-owners-reach-pages"),
    ("puts-early", "secretmem-close", "base", "only-owners-reach-pages"),
]


SCRIPT = """
import sys
from checker.cli import run

*words, mistake = sys.argv[1:]
print(run([*words, f"mistake={mistake}"]))
print(run([*words, "mistake=none"]))
"""


def answers_of(*words: str) -> list[dict[str, str]]:
    """By property, what `check` says with a mistake and without. In a process of its own, as what is replaced
    stays so."""
    command = [sys.executable, "-c", SCRIPT, "--json", "--load", str(BROKEN), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said = [json.loads(text) for text in re.split(r"^\d$", done.stdout, flags=re.MULTILINE)[:-1]]
    return [{each["property"]: each["answer"] for each in data["verdicts"]} for data in said]


@pytest.mark.slow
@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.parametrize(("mistake", "scenario", "design", "found"), CASES)
def test_a_mistake_is_noticed(mistake: str, scenario: str, design: str, found: str) -> None:
    asked = ("--property", found, "--scenario", scenario, "--design", design)
    assert answers_of(*asked, "--set", mistake) == [{found: "violated"}, {found: "holds"}]
