"""Two-phase commit as in Lamport's TwoPhase.tla, action for action.

Messages are never removed: the set of messages ever sent is a set of managers that said "prepared", and
whether "commit" and "abort" were sent. A manager obeys the coordinator's message whatever state it is in,
again and again, as the published module has it.
"""

from enum import Enum

from checker.language import Array, Index, Set, action, bounds, invariant, state, when


@bounds
class Bounds:
    managers: int = 3


class Manager(Index, size="managers"):
    """A resource manager."""


class Progress(Enum):
    WORKING = 0
    PREPARED = 1
    COMMITTED = 2
    ABORTED = 3


class Decision(Enum):
    OPEN = 0
    COMMIT = 1
    ABORT = 2


@state(bounds=Bounds)
class System:
    progress: Array[Manager, Progress]
    decision: Decision
    known: Set[Manager]  # tmPrepared: the managers the coordinator knows to be prepared
    prepared_sent: Set[Manager]
    commit_sent: bool
    abort_sent: bool


@action
def commit(s: System) -> None:
    """TMCommit"""
    when(s.decision is Decision.OPEN and all(m in s.known for m in Manager))
    s.decision = Decision.COMMIT
    s.commit_sent = True


@action
def abort(s: System) -> None:
    """TMAbort"""
    when(s.decision is Decision.OPEN)
    s.decision = Decision.ABORT
    s.abort_sent = True


@action(Manager)
def receive_prepared(s: System, sender: Manager) -> None:
    """TMRcvPrepared(rm)"""
    when(s.decision is Decision.OPEN and sender in s.prepared_sent)
    s.known.add(sender)


@action(Manager)
def prepare(s: System, me: Manager) -> None:
    """RMPrepare(rm)"""
    when(s.progress[me] is Progress.WORKING)
    s.progress[me] = Progress.PREPARED
    s.prepared_sent.add(me)


@action(Manager)
def choose_to_abort(s: System, me: Manager) -> None:
    """RMChooseToAbort(rm)"""
    when(s.progress[me] is Progress.WORKING)
    s.progress[me] = Progress.ABORTED


@action(Manager)
def receive_commit(s: System, me: Manager) -> None:
    """RMRcvCommitMsg(rm)"""
    when(s.commit_sent)
    s.progress[me] = Progress.COMMITTED


@action(Manager)
def receive_abort(s: System, me: Manager) -> None:
    """RMRcvAbortMsg(rm)"""
    when(s.abort_sent)
    s.progress[me] = Progress.ABORTED


@invariant
def consistent(s: System) -> bool:
    """No manager commits while another one aborts."""
    return not any(
        s.progress[a] is Progress.ABORTED and s.progress[b] is Progress.COMMITTED
        for a in Manager
        for b in Manager
    )
