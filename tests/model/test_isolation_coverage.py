"""Every atomic block of the operations about isolation, broken memory and hibernation is run somewhere."""

from __future__ import annotations

from searches import MODEL, search

FILES = (
    "contig",
    "hibernate",
    "isolate_range",
    "memory_failure",
    "memory_hotplug",
    "page_isolation",
    "page_reporting",
)
PLACES = tuple(f"model/{file}.py" for file in FILES)
SCENARIOS = ("unpoison-and-hotplug", "hibernation", "resume", "contig", "reporting", "repair", "soft-offline")


def test_every_block_fires_in_some_scenario() -> None:
    fired: dict[str, int] = {}
    for scenario in SCENARIOS:
        for block, count in search(scenario, "v4", states=100_000).fired.items():
            name, _, place = block.partition(":")
            if place.startswith(PLACES):
                fired[place] = fired.get(place, 0) + count
                fired[name] = fired.get(name, 0) + count
    operations = {
        operation.name
        for operation in MODEL.operations
        if operation.function.__module__.rpartition(".")[2] in FILES
    }
    assert operations and operations <= set(fired)
    assert all(fired.values())
