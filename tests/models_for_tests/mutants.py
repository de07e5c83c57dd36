"""One lock, and a step of each kind whose loss is noticed or is not."""

from checker.language import (
    Array,
    Index,
    Range,
    Scenario,
    Steps,
    action,
    always_possible,
    invariant,
    operation,
    reachable,
    state,
    switch,
    switches,
    when,
)


class Task(Index, size=2): ...


@switches(presets={"locked": {}, "unlocked": {"locking": False}}, default="locked")
class Design:
    locking: bool = switch(True, "whether the lock is taken")


@state(design=Design)
class Shop:
    lock: Task | None
    inside: Array[Task, bool]
    stock: Range(0, 2) = 2
    log: bool
    lamp: bool


def take(s: Shop, me: Task) -> Steps:
    yield  # mutant merge: the window before a lock is only there to be faithful
    while s.lock is not None:
        yield
    s.lock = me


def give(s: Shop) -> None:
    s.lock = None


@operation(Task)
def buy(s: Shop, me: Task) -> Steps:
    if Design.locking:
        yield from take(s, me)
    s.inside[me] = True
    s.log = True
    yield
    if s.stock == 0:
        s.inside[me] = False
        give(s)
        return
    s.stock -= 1
    s.inside[me] = False
    give(s)


@operation(Task)
def never(s: Shop, me: Task) -> Steps:
    when(s.lamp)
    s.stock = 0
    yield


@action
def refill(s: Shop) -> None:
    when(s.stock == 0)
    s.stock = 2


def open_for(s: Shop, me: Task) -> bool:
    return s.lock == me


@operation(Task)
def look(s: Shop, me: Task) -> Steps:
    yield
    assert not open_for(s, me)


@invariant
def alone(s: Shop) -> bool:
    return not all(s.inside[t] for t in Task)


@reachable
def sold_out(s: Shop) -> bool:
    return s.stock == 0


@always_possible
def full_again(s: Shop) -> bool:
    return s.stock == 2


@invariant
def no_lock_of_both(s: Shop) -> bool:
    return not all(open_for(s, t) for t in Task)


Scenario("shopping", "two tasks buy", runs={Task: [buy]})
Scenario("looking", "one buys and looks", runs={Task[0]: [buy, look, never]})
