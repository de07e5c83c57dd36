"""Which operations no search had under way on two actors: interleavings that nobody has looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement

from checker.language.steps import Operation
from checker.verdict import Run

Pair = tuple[str, str]
SHOWN = 4


def apart(runs: Sequence[Run]) -> tuple[list[Pair], int]:
    """The pairs that no search gave to two actors and ran both of, and how many pairs there are."""
    if not runs:
        return [], 0
    operations = runs[0].world.model.current_operations
    pairs = [
        (a, b)
        for a, b in combinations_with_replacement(operations, 2)
        if a is not b or any(run.world.size(a.actor) > 1 for run in runs)
    ]
    met = {pair for run in runs for pair in _met(run)}
    return [(a.name, b.name) for a, b in pairs if frozenset((a.name, b.name)) not in met], len(pairs)


def _met(run: Run) -> Iterator[frozenset[str]]:
    fired = {block.partition(":")[0] for block, count in run.outcome.fired.items() if count}
    actors = run.world.actors
    for number, one in enumerate(actors):
        for other in actors[number + 1 :]:
            for a in _ran(one.all_operations, fired):
                for b in _ran(other.all_operations, fired):
                    yield frozenset((a, b))


def _ran(operations: Sequence[Operation], fired: set[str]) -> list[str]:
    return [operation.name for operation in operations if operation.name in fired]


def sentence(runs: Sequence[Run]) -> str:
    """What a *holds* says of them; empty if every two met."""
    found, number = apart(runs)
    if not found:
        return ""
    shown = ", ".join(f"{a} + {b}" for a, b in found[:SHOWN])
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (
        f"{len(found)} of {number} pairs of operations never ran on two actors of one scenario "
        f"(check pairs tries them): {shown}{more}"
    )
