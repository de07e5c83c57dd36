"""What a step changed in the state."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checker.language import Index
from checker.language.world import World
from checker.traces.seen import Snapshot
from checker.traces.values import shown


@dataclass(frozen=True)
class Change:
    path: str
    old: object
    new: object
    entries: frozenset[str] = frozenset()  # the members that it is about: those on its way, old and new ones

    def __str__(self) -> str:
        return f"{self.path}: {shown(self.old)} -> {shown(self.new)}"

    @property
    def field(self) -> str:
        """`tlb` of `cpu[0].tlb`."""
        return re.sub(r"\[[^\]]*\]", "", self.path).rpartition(".")[2]

    @property
    def fields(self) -> frozenset[str]:
        """The names on its way: `cpu` and `tlb` of `cpu[0].tlb`."""
        return frozenset(re.sub(r"\[[^\]]*\]", "", self.path).split("."))


def changes_between(world: World, before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    return tuple(
        Change(cell.path, old, new, members_in(cell.steps, old, new))
        for cell, old, new in zip(world.cells, before, after, strict=True)
        if type(old) is not type(new) or old != new
    )


def members_in(*values: object) -> frozenset[str]:
    """The names of the members in values, at any depth: `page0`."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, Index):
            found.add(shown(value))
        elif isinstance(value, tuple | set | frozenset):
            found |= members_in(*value)
    return frozenset(found)
