"""Which cells of a state a predicate or a block reads: what its answer depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from checker.engines.accesses import Cells
from checker.engines.positions import Position, Steps
from checker.engines.stepping import Operations, Result, Stepper
from checker.language.index import Index
from checker.language.place import Store
from checker.language.steps import Action
from checker.language.world import Snapshot, World


class _Noted:
    """The numbers of the cells that were read."""

    def __init__(self) -> None:
        self.cells: set[int] = set()

    def note(self, at: Any, write: bool) -> None:
        if not write:
            self.cells.update(range(at.start or 0, at.stop) if isinstance(at, slice) else (at,))


def cells_read(world: World, snapshots: Sequence[Snapshot], predicate: Callable[..., Any]) -> set[int]:
    """Those that a predicate reads in these states, up to its answer."""
    noted = _Noted()
    views = []
    for snapshot in snapshots:
        cells = Cells(snapshot)
        cells.recorder = noted
        views.append(world.state_of(Store(cells, read_only=True)))
    predicate(*views)
    return noted.cells


class Reader(Stepper):
    """Runs single blocks, and keeps what the last one read."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.cells = Cells(self.store.cells)
        self.store.cells = self.cells
        self.watching = self._watch
        self.read: set[int] = set()

    @contextmanager
    def _watch(self, _generator: Steps | None) -> Iterator[None]:
        noted = _Noted()
        self.cells.recorder = noted
        try:
            yield
        finally:
            self.cells.recorder = None
            self.read = noted.cells

    def resumed(
        self, actor: int, position: Position, snapshot: Snapshot, inside: Operations
    ) -> Result | None:
        """What the block of an actor does that goes on from there, with the first of every choice."""
        self.read = set()
        operation, history = position.operation, position.history
        return self.step(actor, operation, position.arguments, history, snapshot, inside, ())[0]

    def acted(
        self,
        action: Action,
        actor: Index | None,
        arguments: tuple[Any, ...],
        snapshot: Snapshot,
        inside: Operations,
    ) -> Result | None:
        self.read = set()
        return self.act(action, actor, arguments, snapshot, inside, ())[0]
