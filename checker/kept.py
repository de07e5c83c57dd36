"""What is known of a world by content, where of its switches only those count that were read on the way.

Two designs may differ only in switches that one of them never reads in a scenario. Then the other one does
not read them either: the first switch that is read has the same value in both, so the next one is the same,
and so on to the end. A result is kept with the names of what was read, and found for every design that
agrees there.
"""

from __future__ import annotations

import json

from checker.contents import checksum, is_steady
from checker.language.world import World
from checker.store import Store

Names = tuple[str, ...]


class Kept:
    """`key`: of all that the result depends on but the design; None: nothing is to be kept."""

    def __init__(self, name: str, most: int) -> None:
        self._store = Store(name, most)

    def find(self, key: str | None, world: World) -> bytes | None:
        """What was found is then taken to have read its switches in this world too."""
        for names in self._known(key) if key is not None else ():
            content = self._store.read(_exact(key, names, world))
            if content is not None:
                world.switches_read.update(names)
                return content
        return None

    def keep(self, key: str | None, world: World, content: bytes) -> None:
        """Once everything that makes the result has been read in this world, and perhaps more."""
        if key is None or not is_steady():
            return
        names = tuple(sorted(world.switches_read))
        known = self._known(key)
        if names not in known:
            self._store.keep(key, json.dumps([names, *known]).encode())
        self._store.keep(_exact(key, names, world), content)

    def tidy(self) -> None:
        self._store.tidy()

    def _known(self, key: str) -> list[Names]:
        """Which switches were read, for each way of reading them."""
        content = self._store.read(key)
        try:
            return [tuple(map(str, names)) for names in json.loads(content or b"[]")]
        except (ValueError, TypeError):
            return []


def _exact(key: str | None, names: Names, world: World) -> str:
    values = [(name, repr(world.design.get(name))) for name in names]
    return checksum(f"{key} {values}")
