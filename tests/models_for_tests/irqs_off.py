"""A flush waits for an interrupt that a task keeps off while it waits for the lock of the flush."""

from checker.language import Array, Index, Steps, action, operation, state, when


class Cpu(Index, size=2): ...


class Task(Index, size=2): ...


@state
class Kernel:
    lock: Task | None
    irqs_off: Array[Cpu, bool]
    pending: Array[Cpu, bool]


@operation(Task)
def flush(k: Kernel, me: Task) -> Steps:
    while k.lock is not None:
        yield
    k.lock = me
    for c in Cpu:
        if int(c) != int(me):
            k.pending[c] = True
    yield
    while any(k.pending[c] for c in Cpu):
        yield
    k.lock = None


@operation(Task)
def other(k: Kernel, me: Task) -> Steps:
    k.irqs_off[Cpu(int(me))] = True
    yield
    while k.lock is not None:
        yield
    k.lock = me
    yield
    k.lock = None
    k.irqs_off[Cpu(int(me))] = False


@action(Cpu)
def take_ipi(k: Kernel, me: Cpu) -> None:
    when(k.pending[me] and not k.irqs_off[me])
    k.pending[me] = False
