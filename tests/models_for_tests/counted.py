"""Two tasks count under a lock; some do it with care, and some do not."""

from checker.language import Array, Index, Range, Scenario, Steps, invariant, lock, operation, state


class Task(Index, size=2):
    pass


@state
class K:
    holder: Task | None
    number: Range(0, 2)
    seen: Range(0, 2)
    mine: Array[Task, Range(0, 2)]
    flag: bool
    doubted: bool


@lock(covers=("number", "seen"))
def the_lock(k: K, me: Task) -> bool:
    return k.holder == me


def take(k: K, me: Task) -> Steps:
    yield
    while k.holder is not None:
        yield
    k.holder = me


@operation(Task)
def careful(k: K, me: Task) -> Steps:
    """Everything under the lock, and a field that only its own task uses."""
    yield from take(k, me)
    k.number = (k.number + 1) % 3
    k.seen = k.number
    k.holder = None
    k.mine[me] = 2
    k.mine[me] = 1


@operation(Task)
def careless(k: K, me: Task) -> Steps:
    """Without the lock: two accesses in one block."""
    yield
    k.seen = (k.seen + 1) % 3
    k.number = (k.number + 1) % 3


@operation(Task)
def exchange(k: K, me: Task) -> Steps:
    yield
    was = k.flag  # atomic: test_and_set_bit
    k.flag = True  # atomic: test_and_set_bit
    yield
    if not was:
        k.flag = False


# atomic: it is one instruction
def toggle(k: K) -> None:
    k.doubted = not k.doubted
    k.flag = k.doubted


@operation(Task)
def in_a_helper(k: K, me: Task) -> Steps:
    yield
    toggle(k)


@invariant
def same(k: K) -> bool:
    return k.holder is not None or k.seen == k.number


Scenario("with-care", runs={Task: [careful, exchange, in_a_helper]})
Scenario("without", runs={Task[0]: [careless], Task[1]: [careless]})
Scenario("mixed", runs={Task[0]: [careful], Task[1]: [careless]})
