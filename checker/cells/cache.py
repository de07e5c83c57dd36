"""Results of searches by content: a search is not repeated while nothing that it depends on has changed.

Whatever the model is made of counts, and the tool itself: any byte of them may change a verdict. Only whole
searches are kept, so no limit is part of the key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from checker import contents
from checker.cells.results import Searched, as_data, from_data
from checker.language.world import World
from checker.request import Request, Wanted
from checker.store import Store

KEPT = 5000  # entries


class Cache(Store):
    def __init__(self) -> None:
        super().__init__("cells", KEPT)

    def known(self, key: str | None, design: str) -> Searched | None:
        try:
            content = None if key is None else self.read(key)
            return None if content is None else from_data(json.loads(content), design)
        except (ValueError, KeyError, TypeError):
            return None

    def note(self, key: str | None, searched: Searched) -> None:
        whole = not searched.ended and all(each.all_causes for each in searched.violated)
        if key is not None and whole and contents.is_steady():
            self.keep(key, json.dumps(as_data(searched), sort_keys=True).encode())


def key_of(world: World, wanted: Sequence[Wanted], request: Request) -> str | None:
    """What the result of one search depends on. None: nothing is to be kept."""
    names = repr([each.name for each in wanted])
    return contents.key_of(world, names, request.engine, "each cause" if request.each_cause else "")
