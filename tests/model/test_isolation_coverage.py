"""Every atomic block of the operations about isolation, broken memory and hibernation is run somewhere."""

from __future__ import annotations

import pytest
from searches import MODEL, search

FILES = (
    "contig",
    "hibernate",
    "isolate_range",
    "memory_failure",
    "memory_hotplug",
    "page_isolation",
    "page_reporting",
    "unpoison",
)
PLACES = tuple(f"model/{file}.py" for file in FILES)
SCENARIOS = ("unpoison-and-hotplug", "hibernation", "resume", "contig", "reporting", "repair", "soft-offline")


def fired_in(*scenarios: str) -> dict[str, int]:
    """How often each of their operations and blocks was run."""
    fired: dict[str, int] = {}
    for scenario in scenarios:
        for block, count in search(scenario, "v4", states=100_000).fired.items():
            name, _, place = block.partition(":")
            if place.startswith(PLACES):
                fired[place] = fired.get(place, 0) + count
                fired[name] = fired.get(name, 0) + count
    return fired


@pytest.mark.slow
def test_every_block_fires_in_some_scenario() -> None:
    fired = fired_in(*SCENARIOS)
    operations = {
        operation.name
        for operation in MODEL.operations
        if operation.function.__module__.rpartition(".")[2] in FILES
    }
    assert operations and operations <= set(fired)
    assert all(fired.values())


def test_a_hibernation_runs_all_of_its_blocks() -> None:
    """Where another process has to be frozen."""
    fired = fired_in("hibernation")
    assert fired and all(fired.values())
