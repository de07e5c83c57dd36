"""Which atomic blocks are more than one access in reality, and which of them lack the writer's lock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from checker.engines.accesses import Access, Survey, survey
from checker.engines.statements import Site
from checker.engines.successors import Successors
from checker.language.world import World

MOST_STATES = 3_000  # of one scenario, unless --max-states says otherwise


class Progress(Protocol):
    """The live line: told which scenario begins, called with numbers while it runs, told to go away."""

    def start(self, scenario: str) -> None: ...
    def __call__(self, now: object) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class Touch:
    """An access as the text of the model has it. `many`: to several elements in one run of the block."""

    field: str
    write: bool
    site: Site
    locks: frozenset[str]
    many: bool

    @property
    def weight(self) -> int:
        return 2 if self.many else 1


@dataclass
class Block:
    """An atomic block, for all operations that run it."""

    place: str  # file:line
    operations: list[str] = field(default_factory=list)
    runs: set[frozenset[Touch]] = field(default_factory=set)


@dataclass
class Usage:
    """How a field is used that is written under a lock somewhere."""

    field: str
    locks: frozenset[str]
    readers: list[Site]  # that hold none of these locks
    writers: list[Site]


class Atomicity:
    """What surveys of some worlds say."""

    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.shared: set[str] = set()
        self.lock_words: set[str] = set()
        self.surveys: list[tuple[World, Survey]] = []
        self.every_block: set[str] = set()
        self.unseen: list[str] = []  # scenarios that were not begun

    def add(self, world: World, found: Survey) -> None:
        self.surveys.append((world, found))
        with world:
            self.every_block |= {
                block for block in Successors(world, False).blocks() if not _is_action(world, block)
            }
        self.lock_words |= {found.fields[cell] for cell in found.lock_words}
        self.shared |= {
            found.fields[cell]
            for cell, who in found.touched.items()
            if len(who) > 1 and cell in found.written
        }
        for name, runs in found.blocks.items():
            operation, _, place = name.partition(":")
            block = self.blocks.setdefault(place, Block(place))
            if operation not in block.operations:
                block.operations.append(operation)
            block.runs |= {frozenset(_touches(found, run)) for run in runs}

    @property
    def complete(self) -> bool:
        return not self.unseen and all(found.complete for _, found in self.surveys)

    @property
    def never_run(self) -> list[str]:
        places = {block.partition(":")[2] for block in self.every_block}
        return sorted(places - self.blocks.keys())

    # ---- blocks -----------------------------------------------------------------------------------------

    def uncovered(self, run: Iterable[Touch]) -> Iterator[Touch]:
        """The accesses to what others touch too, that no lock covers which the actor holds."""
        for touch in run:
            if touch.field in self.shared and touch.field not in self.lock_words and not touch.locks:
                yield touch

    def wanting(self) -> list[tuple[Block, list[Touch]]]:
        """Blocks that make more than one such access without a comment, and these accesses."""
        return list(self._with_several(lambda touch: not touch.site.reason))

    def explained(self) -> list[tuple[Block, list[Touch]]]:
        """Blocks that make more than one such access, but for a stated reason."""
        wanting = {block.place for block, _ in self.wanting()}
        return [each for each in self._with_several(lambda touch: True) if each[0].place not in wanting]

    def _with_several(self, counts: object) -> Iterator[tuple[Block, list[Touch]]]:
        assert callable(counts)
        for block in sorted(self.blocks.values(), key=lambda each: _order(each.place)):
            touches: dict[Touch, None] = {}
            for run in block.runs:
                found = [touch for touch in self.uncovered(run) if counts(touch)]
                if sum(touch.weight for touch in found) > 1:
                    touches.update(dict.fromkeys(found))
            if touches:
                yield block, sorted(touches, key=_touch_order)

    # ---- fields -----------------------------------------------------------------------------------------

    def usages(self) -> list[Usage]:
        """The shared fields that are written under a lock, and touched without it."""
        by_field: dict[str, set[Touch]] = {}
        for block in self.blocks.values():
            for run in block.runs:
                for touch in run:
                    if touch.field in self.shared and touch.field not in self.lock_words:
                        by_field.setdefault(touch.field, set()).add(touch)
        found = [_usage(name, touches) for name, touches in sorted(by_field.items())]
        return [each for each in found if each.locks and (each.readers or each.writers)]


def _usage(name: str, touches: set[Touch]) -> Usage:
    locks = frozenset(lock for touch in touches if touch.write for lock in touch.locks)
    bare = [touch for touch in touches if not touch.locks & locks]
    sites = [{touch.site for touch in bare if touch.write is write} for write in (False, True)]
    readers, writers = (sorted(each, key=_site_order) for each in sites)
    return Usage(name, locks, readers, writers)


def _touches(found: Survey, run: frozenset[Access]) -> Iterator[Touch]:
    cells: Counter[tuple[str, bool, Site, frozenset[str]]] = Counter()
    for access in run:
        cells[found.fields[access.cell], access.write, access.site, access.locks] += 1
    for (name, write, site, locks), count in cells.items():
        yield Touch(name, write, site, locks, count > 1)


def _is_action(world: World, block: str) -> bool:
    return block.partition(":")[0] in {action.name for action in world.actions}


def _order(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


def _site_order(site: Site) -> tuple[str, int, int]:
    return site.file, site.line, site.column


def _touch_order(touch: Touch) -> tuple[tuple[str, int, int], str, bool]:
    return _site_order(touch.site), touch.field, touch.write


def atomicity_of(
    worlds: Sequence[World], most_states: int, seconds: float | None, progress: Progress | None
) -> Atomicity:
    """Survey each world; the time, if it is limited, is for all of them."""
    result, began = Atomicity(), time.monotonic()
    try:
        for world in worlds:
            left = None if seconds is None else max(0.0, seconds - (time.monotonic() - began))
            if progress is not None:
                progress.start(world.scenario.name)
            found = survey(world, most_states, left, progress)
            result.add(world, found)
            if found.interrupted:
                break
    finally:
        if progress is not None:
            progress.stop()
    result.unseen = [world.scenario.name for world in worlds[len(result.surveys) :]]
    return result
