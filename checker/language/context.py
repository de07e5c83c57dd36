"""What is in force while a model runs: the world, the choices, and who is inside which operation.

One of each at a time: a model is run by one thread, and a module variable keeps its text free of plumbing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from checker.language.errors import OutsideWorld, ReplayFailed

M = TypeVar("M")


class ActiveWorld(Protocol):
    """What the rest of the language needs of a World."""

    @property
    def bounds(self) -> Mapping[str, int]: ...
    def switch(self, name: str) -> object: ...
    def size(self, index: type) -> int: ...
    def members(self, index: type[M]) -> list[M]: ...


class Disabled(BaseException):
    """The block that runs does not exist here: `when` failed, or `choose` had nothing to choose from.

    Not an Exception, so that no `except Exception` of a model swallows it.
    """


class Chooser:
    """Follows a vector of picks, beyond its end the first candidates; `picks` and `sizes` record the run."""

    __slots__ = ("picks", "sizes", "values", "vector")

    def __init__(self, vector: tuple[int, ...] = ()) -> None:
        self.vector = vector
        self.picks: list[int] = []
        self.sizes: list[int] = []
        self.values: list[object] = []  # what was picked, for traces

    def pick(self, count: int) -> int:
        """The number of the candidate to take, of `count` > 0."""
        at = len(self.picks)
        choice = self.vector[at] if at < len(self.vector) else 0
        if choice >= count:
            raise ReplayFailed(f"choice {choice} of only {count} candidates")
        self.picks.append(choice)
        self.sizes.append(count)
        return choice

    def next_vector(self) -> tuple[int, ...] | None:
        """The vector after this run's, in lexicographic order; None after the last."""
        for at in reversed(range(len(self.picks))):
            if self.picks[at] + 1 < self.sizes[at]:
                return (*self.picks[:at], self.picks[at] + 1)
        return None


class _Context:
    """The three things that are in force."""

    __slots__ = ("asked_running", "chooser", "operation_of", "world", "written")

    def __init__(self) -> None:
        self.world: ActiveWorld | None = None
        self.chooser: Chooser | None = None
        self.operation_of: Callable[[object], object | None] | None = None
        self.asked_running = False  # `running` was called: the outcome depends on more than the state
        self.written = False  # the block that runs has changed the state


current = _Context()


def world_in_force() -> ActiveWorld:
    """The active world; reading a bound or a size without one is a mistake of the model."""
    if current.world is None:
        raise OutsideWorld(
            "no world is active: bounds, switches and index sizes are known only while a model runs",
            advice="read them inside an operation, an action, a property or a function that those call",
        )
    return current.world
