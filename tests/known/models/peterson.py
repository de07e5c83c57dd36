"""Peterson's mutual exclusion for n processes, step for step as in CMurphi's n_peterson.m.

    L0: j := 1
    L1: Q[i] := j                          a process enters level j,
    L2: turn[j] := i                       lets the others pass there,
    L3: wait until (for all k != i: Q[k] < j) or turn[j] != i
        j := j + 1; if j < N goto L1
    L4: critical section; Q[i] := 1; goto L0

Q starts at 0 and is left at 1, no turn is defined at first, and j keeps its value from one round to the
next. A process that finds the wait of L3 closed executes its rule all the same and changes nothing, so
every process has exactly one rule in every state.
"""

from enum import Enum
from typing import Annotated

from checker.language import Array, Index, Range, action, bounds, invariant, record, state, when


@bounds
class Bounds:
    processes: int = 3


class Process(Index, size="processes"):
    """A process."""


class Level(Index, size="processes"):
    """A level of the competition: 1 .. processes - 1 (0 is never entered)."""


class Label(Enum):
    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4


@record
class Local:
    at: Label
    j: Annotated[int, Range(0, "processes")]
    q: Annotated[int, Range(0, "processes")]


@state(bounds=Bounds)
class Shared:
    process: Array[Process, Local]
    turn: Array[Level, Process | None]


@action(Process)
def begin(s: Shared, me: Process) -> None:
    when(s.process[me].at is Label.L0)
    s.process[me].j = 1
    s.process[me].at = Label.L1


@action(Process)
def enter_level(s: Shared, me: Process) -> None:
    when(s.process[me].at is Label.L1)
    s.process[me].q = s.process[me].j
    s.process[me].at = Label.L2


@action(Process)
def let_others_pass(s: Shared, me: Process) -> None:
    when(s.process[me].at is Label.L2)
    s.turn[Level(s.process[me].j)] = me
    s.process[me].at = Label.L3


@action(Process)
def wait(s: Shared, me: Process) -> None:
    when(s.process[me].at is Label.L3)
    level = s.process[me].j
    if s.turn[Level(level)] != me or all(s.process[p].q < level for p in Process if p != me):
        s.process[me].j = level + 1
        s.process[me].at = Label.L1 if level + 1 < Bounds.processes else Label.L4


@action(Process)
def leave(s: Shared, me: Process) -> None:
    when(s.process[me].at is Label.L4)
    s.process[me].q = 1
    s.process[me].at = Label.L0


@invariant
def mutual_exclusion(s: Shared) -> bool:
    """At most one process is in its critical section."""
    return all(
        not (s.process[p].at is Label.L4 and s.process[q].at is Label.L4)
        for p in Process
        for q in Process
        if p != q
    )
