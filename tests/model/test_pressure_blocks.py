"""Every atomic block of the slow path and of what it calls is run in some scenario, in some version."""

from __future__ import annotations

import pytest
from searches import search

FILES = ("slowpath", "compaction", "migrate", "reclaim", "filesystem", "atomic_callers")
RUNS = [
    ("reclaim-in-vain", "v2"),
    ("no-movable-target", "v4"),
    ("compaction-deferred", "proposed"),
    ("compaction-target", "v4"),
    ("capture", "v1"),
    ("pages-on-other-cpu", "proposed"),
    ("reserve", "v2"),
    ("filesystem-lock", "proposed"),
    ("flip-under-scanner", "v4"),
]


@pytest.mark.long
def test_every_block_is_run() -> None:
    fired: dict[str, int] = {}
    for scenario, design in RUNS:
        for block, count in search(scenario, design).fired.items():
            _, file, line = block.rsplit(":", 2)
            fired[f"{file}:{line}"] = fired.get(f"{file}:{line}", 0) + count
    ours = {place: count for place, count in fired.items() if is_ours(place)}
    assert {place.partition(":")[0].rpartition("/")[2].removesuffix(".py") for place in ours} == set(FILES)
    assert [place for place, count in ours.items() if count == 0] == []


def is_ours(place: str) -> bool:
    return any(f"{name}.py:" in place for name in FILES)
