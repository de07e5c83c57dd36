"""Which atomic blocks never ran, and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from checker.language.errors import shown_path
from checker.verdict import Run


def never_fired(runs: Sequence[Run]) -> list[str]:
    """The atomic blocks that were never run, in any of the scenarios that have them."""
    unknown = not_seen_to_fire(runs)
    return [block for block in _not_run(runs) if block not in unknown]


def not_seen_to_fire(runs: Sequence[Run]) -> list[str]:
    """Blocks of hardware that reduced searches did not run: these cannot say that they never could."""
    names = {
        name
        for run in runs
        if run.outcome.reduced
        for kind in ("eager actions", "actions never needed")
        for name in _names(run, kind)
    }
    return [block for block in _not_run(runs) if block.partition(":")[0] in names]


def _names(run: Run, kind: str) -> list[object]:
    found = run.statistics.get(kind)
    return found if isinstance(found, list) else []


def _not_run(runs: Sequence[Run]) -> list[str]:
    counts: Counter[str] = Counter()
    for run in runs:
        counts.update(run.outcome.fired)
    return [block for block, count in counts.items() if count == 0]


def place_of(block: str) -> str:
    """`flip_block:model/flip.py:41` -> `model/flip.py:41`."""
    return block.partition(":")[2] or block


def place_order(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line) if line.isdigit() else 0


def by_file(places: Sequence[str]) -> Iterator[str]:
    """`model/flip.py:41, :88`: the file's name once."""
    before = ""
    for place in places:
        file, _, line = place.rpartition(":")
        yield f":{line}" if file == before else f"{shown_path(file)}:{line}"
        before = file
