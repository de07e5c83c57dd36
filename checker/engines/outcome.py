"""What every engine takes and returns: limits, events, violations and the outcome of a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checker.engines.estimating import Estimate
from checker.language.index import Index

Snapshot = tuple[Any, ...]

# Why a search ended before its end.
TIME, MEMORY, STATES, DEPTH = "time limit", "memory limit", "state limit", "depth limit"
INTERRUPTED = "interrupted"
UNDECIDED = "the reduction cannot decide it"


@dataclass(frozen=True)
class Limits:
    """None: no limit. `memory` in bytes. `keep_going`: search on when every wanted property is violated."""

    max_depth: int | None = None
    max_states: int | None = None
    memory: int | None = None
    seconds: float | None = None
    threads: int | None = None
    keep_going: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a running search stands."""

    states: int
    transitions: int
    depth: int
    frontier: int
    memory_bytes: int
    seconds: float
    rate: float = 0.0  # states a second
    estimate: Estimate | None = None  # of all states

    def seconds_left(self, states: float) -> float | None:
        """Until there are so many; None if that cannot be said."""
        return max(0.0, states - self.states) / self.rate if self.rate > 0 else None


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True)
class Event:
    """One transition. `choices`: the numbers of the candidates that each `choose` took, in order."""

    kind: str  # "start" | "resume" | "action"
    actor: Index | None
    name: str  # of the operation or action
    arguments: tuple[Any, ...] = ()
    choices: tuple[int, ...] = ()


@dataclass(frozen=True)
class Violation:
    """`events` lead from `initial` to the bad state; for assert, step and model error the last one is bad.

    `depth` is the number of events and one more, the level of the bad state. For a reachable property (in
    `Outcome.reached`) the "bad" state is the one in which it holds.
    """

    property: str
    kind: str  # "invariant", "step", "assert", "model error", "deadlock", "always possible" or "reachable"
    depth: int
    events: list[Event]
    initial: Snapshot
    message: str = ""
    location: str | None = None  # file:line


@dataclass(frozen=True)
class ConditionCount:
    """How often an atomic condition of a property was true and false."""

    text: str
    location: str  # file:line:column
    true: int
    false: int
    deciding: bool


@dataclass
class Outcome:
    """A search. Counts are as TLC's: the first level has depth 1, self-loops are transitions."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    seconds_before: float = 0.0  # of these, those before it was resumed
    memory_bytes: int = 0
    bytes_per_state: float = 0.0
    complete: bool = False
    reduced: bool = False  # some actions were not interleaved: the counts are smaller than all there is
    left_out: int = 0  # states that were found, and not looked at, as another one stands for them
    undecided: frozenset[str] = frozenset()  # properties that the reduction leaves open
    in_full: list[str] = field(default_factory=list)  # why one that is reduced less, or not, had to answer
    stop_not_met: bool = False  # it gave up at a wait that hardware ends: one that passes none may answer
    statistics: dict[str, Any] = field(default_factory=dict)  # of that one's program
    ended: str | None = None  # why not complete; None if every wanted property was decided before
    covered_depth: int = 0  # every state up to this level was found and looked at
    violations: dict[str, Violation] = field(default_factory=dict)
    reached: dict[str, Violation] = field(default_factory=dict)
    conditions: dict[str, list[ConditionCount]] = field(default_factory=dict)
    proved: dict[str, str] = field(default_factory=dict)  # for any number of steps, and how
    not_inductive: dict[str, str] = field(default_factory=dict)  # a step that breaks it, from some state
    fired: dict[str, int] = field(default_factory=dict)  # transitions per block, "name:file:line"

    last_lines: set[str] = field(default_factory=set)  # operations that came to it, where it is marked

    def exercised(self, name: str) -> bool:
        """Whether some condition that could have decided against the property was evaluated."""
        counts = self.conditions.get(name, [])
        return any(count.deciding and count.true + count.false > 0 for count in counts)
