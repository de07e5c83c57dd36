"""Results of searches by content: a search is not repeated while nothing that it depends on has changed.

Whatever the model is made of counts, and the tool itself: any byte of them may change a verdict. Of the
design, what the model has read counts. Only whole searches are kept, so no limit is part of the key; within
one run, in which the limits are the same, every search is made once.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from checker.cells.job import Job
from checker.cells.results import Searched, as_data, from_data
from checker.kept import Kept

KEPT = 10_000  # entries


class Cache:
    def __init__(self) -> None:
        self._kept = Kept("cells", KEPT)
        self._of_this_run: dict[str, list[tuple[Mapping[str, object], Searched]]] = {}

    def known(self, job: Job) -> Searched | None:
        for values, searched in self._of_this_run.get(job.key or "", ()):
            if all(job.world.design[name] == value for name, value in values.items()):
                return dataclasses.replace(searched, design=job.design)
        try:
            content = self._kept.find(job.key, job.world)
            return None if content is None else from_data(json.loads(content), job.design)
        except (ValueError, KeyError, TypeError):
            return None

    def note(self, job: Job, searched: Searched) -> None:
        """A result that was found just now."""
        if job.key is None:
            return
        values = {name: job.world.design[name] for name in job.world.switches_read}
        self._of_this_run.setdefault(job.key, []).append((values, searched))
        if not searched.ended and all(each.all_causes for each in searched.violated):
            self._kept.keep(job.key, job.world, json.dumps(as_data(searched), sort_keys=True).encode())

    def tidy(self) -> None:
        self._kept.tidy()
