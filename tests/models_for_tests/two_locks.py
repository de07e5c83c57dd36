"""Two tasks take two locks, each in its own order."""

from checker.language import Array, Index, Steps, operation, state


class Task(Index, size=2):
    pass


class Lock(Index, size=2):
    pass


@state
class Kernel:
    holder: Array[Lock, Task | None]


def take(k: Kernel, me: Task, lock: Lock) -> Steps:
    yield
    while k.holder[lock] is not None:
        yield
    k.holder[lock] = me


@operation(Task)
def one_way(k: Kernel, me: Task) -> Steps:
    yield from take(k, me, Lock(0))
    yield from take(k, me, Lock(1))
    k.holder[Lock(0)] = None
    k.holder[Lock(1)] = None


@operation(Task)
def other_way(k: Kernel, me: Task) -> Steps:
    yield from take(k, me, Lock(1))
    yield from take(k, me, Lock(0))
    k.holder[Lock(0)] = None
    k.holder[Lock(1)] = None
