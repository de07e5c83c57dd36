"""A task that takes a lock, works, and then waits for the same lock: lost before it has taken it."""

from checker.language import Index, Range, Steps, operation, state


class Task(Index, size=1): ...


@state
class Kernel:
    lock: Task | None
    work: Range(0, 3)


def reclaim(k: Kernel, me: Task) -> Steps:
    yield
    while k.lock is not None:
        yield


@operation(Task)
def write(k: Kernel, me: Task) -> Steps:
    yield
    k.lock = me
    yield
    k.work = 1
    yield
    yield from reclaim(k, me)
    k.lock = None
