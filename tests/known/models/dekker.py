"""Dekker's algorithm: two processes that share no instruction but reading and writing."""

from checker.language import Array, Index, Steps, always_possible, invariant, operation, running, state


class Process(Index, size=2):
    @property
    def other(self) -> "Process":
        return Process(1 - int(self))


@state
class Shared:
    wants: Array[Process, bool]
    turn: Process
    inside: Array[Process, bool]


@operation(Process)
def critical_section(s: Shared, me: Process) -> Steps:
    s.wants[me] = True
    yield
    while s.wants[me.other]:
        if s.turn != me:
            s.wants[me] = False
            yield
            while s.turn != me:
                yield
            s.wants[me] = True
        yield
    s.inside[me] = True
    yield
    s.inside[me] = False
    s.turn = me.other
    yield
    s.wants[me] = False


@invariant
def mutual_exclusion(s: Shared) -> bool:
    return not all(s.inside[each] for each in Process)


@always_possible
def both_idle(s: Shared) -> bool:
    return not any(running(each) for each in Process)
