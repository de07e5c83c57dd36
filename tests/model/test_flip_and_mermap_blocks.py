"""Which functions of the flip and of the mermap have blocks that a scenario about them never comes to, and
why; and that each block is run in some scenario, in some version.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from searches import search, slow_but

MODEL = Path(__file__).parents[2] / "model"
FILES = ("flip", "direct_map", "mermap", "clear")

# Where a flip fails, it has changed nothing yet.
NO_UNDO = {"undo_direct_map"}
# Where every region has its table, mermap_get() makes none.
TABLES = {"mermap_get"}
# Where each task needs one slot at a time, one is free.
FREE_SLOT = {"clear_page_reserved"}
# Where some page of each block stays in use, nothing is flipped.
NO_FLIP = {"flip_blocks", "clear_blocks", "set_direct_map_valid_noflush", *NO_UNDO}
# Where one task maps one page, addresses do not run out.
NO_REWIND = {"mermap_alloc"}

UNREACHED = {
    "flip": NO_UNDO,
    "stale-after-free": NO_UNDO | TABLES | FREE_SLOT,
    "flip-failure": set(),
    "failure-race": set(),
    "two-flips": NO_UNDO,
    "flip-and-alloc": NO_UNDO,
    "neighbours": NO_UNDO,
    "two-removals": NO_FLIP | TABLES | FREE_SLOT,
    "mermap": TABLES,
    "mermap-preempted": TABLES,
    "mermap-migration": TABLES,
    "mermap-two-processes": TABLES,
    "no-slot": NO_FLIP | TABLES,
    "two-address-spaces": NO_UNDO | TABLES | FREE_SLOT,
    "removal-and-close": NO_FLIP | TABLES | FREE_SLOT,
    "reserved-mapping": TABLES,
    "break-before-make": TABLES,
    "freed-in-interrupt": TABLES | NO_REWIND,
}

# Together they come to every block of these files.
RUNS = [
    ("flip-failure", "v4"),
    ("huge-entry", "v4"),
    ("stale-after-free", "v4"),
    ("failure-race", "v1"),
    ("no-slot", "v4"),
    ("mermap", "v4"),
    ("mermap", "ephmap"),
    ("fork", "v2"),
    ("exit-with-file", "proposed"),
]


def scenarios_of(*names: str) -> list[str]:
    texts = [(MODEL / "scenarios" / f"{name}.py").read_text() for name in names]
    return re.findall(r'^Scenario\(\n    "([^"]+)"', "".join(texts), re.M)


def enclosing(file: str, line: int) -> str:
    """The innermost function around a line of the model."""
    tree = ast.parse((MODEL / f"{file}.py").read_text())
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno).name


def fired(scenario: str, design: str) -> dict[tuple[str, int], int]:
    """How often each block of these files was run, whichever operation came there."""
    counts: dict[tuple[str, int], int] = {}
    for block, count in search(scenario, design, states=200_000).fired.items():
        found = re.search(r"model/(\w+)\.py:(\d+)$", block)
        if found and found[1] in FILES:
            place = (found[1], int(found[2]))
            counts[place] = counts.get(place, 0) + count
    return counts


def test_the_table_has_every_scenario_about_them() -> None:
    assert list(UNREACHED) == scenarios_of("flip", "mermap")


@pytest.mark.parametrize("scenario", slow_but(["flip-failure", "mermap"], zip(UNREACHED, strict=True)))
def test_what_a_scenario_does_not_come_to(scenario: str) -> None:
    never = {enclosing(*place) for place, count in fired(scenario, "v4").items() if count == 0}
    assert never == UNREACHED[scenario]


@pytest.mark.slow
def test_every_block_is_run() -> None:
    total: dict[tuple[str, int], int] = {}
    for scenario, design in RUNS:
        for place, count in fired(scenario, design).items():
            total[place] = total.get(place, 0) + count
    assert {file for file, _ in total} == set(FILES)
    assert [place for place, count in total.items() if count == 0] == []
