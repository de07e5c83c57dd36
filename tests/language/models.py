"""One small state that most tests of the language use."""

from __future__ import annotations

import enum
from typing import Annotated

from checker.language import (
    Array,
    Index,
    Range,
    Record,
    Set,
    Steps,
    bounds,
    initial,
    invariant,
    operation,
    record,
    state,
    switch,
    switches,
)


@bounds
class Bounds:
    cpus: int = 2
    pages: int = 2


class Callers(enum.Enum):
    POSTED = 0
    OBEDIENT = 1


@switches(presets={"old": {"scrub": False}, "new": {}}, default="new")
class Design:
    scrub: bool = switch(True, "patch 3: scrub when a page is mapped again")
    callers: Callers = switch(Callers.POSTED, "how callers behave")


class Kind(enum.Enum):
    MAPPED = 0
    UNMAPPED = 1


class Cpu(Index, size="cpus"):
    """A processor."""


class Block(Index, size=2):
    """A pageblock."""


class Page(Index, within=Block, size="pages"):
    """A page."""


class Irq(Index, of=Cpu):
    """A processor's interrupt."""


@record
class Frame(Record):
    owner: Cpu | None
    kind: Kind
    secret: bool = True
    pair: tuple[Page, bool]

    def is_free(self) -> bool:
        return self.owner is None

    @property
    def is_mapped(self) -> bool:
        return self.kind is Kind.MAPPED


@state(bounds=Bounds, design=Design)
class Kernel:
    page: Array[Page, Frame]
    tlb: Array[Cpu, Set[tuple[Kind, Page]]]
    sent: Array[Cpu, Array[Cpu, bool]]
    idle: Set[Cpu]
    count: Annotated[int, Range(0, "cpus")]
    order: Range(1, 3) | None  # type: ignore[valid-type]
    first: Page

    def free_pages(self) -> list[Page]:
        return [p for p in Page if self.page[p].is_free()]


@initial
def boot(k: Kernel) -> None:
    k.idle = set(Cpu)


@operation(Cpu)
def take(k: Kernel, me: Cpu, page: Page, quickly: bool) -> Steps:
    """Take a page."""
    k.page[page].owner = me
    yield


@invariant(rung="latent", severity="leak")
def nothing(k: Kernel) -> bool:
    return True
