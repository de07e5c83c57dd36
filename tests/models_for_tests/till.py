"""A till with coins in it; two tasks, and an interrupt on their CPU. `check pairs` finds what nobody wrote a
scenario for.
"""

from checker.language import (
    Array,
    Index,
    Pairs,
    Range,
    Steps,
    initial,
    invariant,
    lock,
    operation,
    state,
    when,
)


class Cpu(Index, size=1):
    pass


class Irq(Index, of=Cpu):
    pass


class Task(Index, size=2):
    pass


@state
class Till:
    coins: Range(0, 2)
    counted: Range(0, 2)
    counting: bool
    holder: Task | None
    served: Array[Task, bool]


@lock(covers="coins")
def held(k: Till, me: Task) -> bool:
    return k.holder == me


@initial
def empty(k: Till) -> None:
    k.coins = 0


def stocked(k: Till) -> None:
    k.coins = 2


@operation(Task)
def take(k: Till, me: Task) -> Steps:
    """Under the lock: take a coin, if there is one."""
    while k.holder is not None:
        yield
    k.holder = me
    if k.coins == 0:
        k.holder = None
        return
    yield
    k.coins -= 1
    k.holder = None
    yield
    k.served[me] = True


@operation(Task)
def give(k: Till, me: Task) -> Steps:
    """Under the lock: put a coin back."""
    while k.holder is not None:
        yield
    when(k.coins < 2)
    k.holder = me
    yield
    k.coins += 1
    k.holder = None


@operation(Task)
def count(k: Till, me: Task) -> Steps:
    """Without the lock, and nobody but `take` minds."""
    when(not k.counting)
    k.counting, k.counted = True, k.coins
    yield
    k.counting = False


@operation(Irq)
def tick(k: Till, me: Irq) -> Steps:
    """Waits for a holder that no longer counts: never comes to its end."""
    yield
    when(k.holder is not None and k.coins == 0)
    k.counting = False


@invariant
def counted_right(k: Till) -> bool:
    return not k.counting or k.counted == k.coins


Pairs("empty", "two tasks, nothing in the till", between=(Task[0], Task[1]), initial=empty)
Pairs("stocked", "two tasks, two coins", between=(Task[0], Task[1]), initial=stocked)
Pairs("interrupted", "a task and an interrupt", between=(Task[0], Irq[0]), initial=stocked)
