"""Small models that the tests of the python engine share."""

from __future__ import annotations

from typing import Annotated

from checker.language import (
    Array,
    Index,
    Range,
    Scenario,
    Set,
    Steps,
    action,
    always_possible,
    any_order,
    assumed,
    choose,
    invariant,
    operation,
    reachable,
    record,
    running,
    state,
    step_invariant,
    when,
)
from checker.language.steps import Operation


class Task(Index, size=2):
    """Who runs."""


class Lock(Index, size=2):
    """What is held."""


@record
class Holder:
    owner: Task | None
    taken: Annotated[int, Range(0, 3)]


@state
class Locks:
    lock: Array[Lock, Holder]
    counter: Annotated[int, Range(0, 3)]
    flag: bool
    seen: Set[Task]


def take(k: Locks, me: Task, which: Lock) -> Steps[bool]:
    """Wait for a lock, and take it."""
    yield
    while k.lock[which].owner is not None:
        yield
    k.lock[which].owner = me
    return True


def drop(k: Locks, me: Task, which: Lock) -> None:
    assert k.lock[which].owner is me, "dropped by a stranger"
    k.lock[which].owner = None


@operation(Task)
def forwards(k: Locks, me: Task) -> Steps:
    """Lock 0, then 1."""
    yield from take(k, me, Lock(0))
    yield from take(k, me, Lock(1))
    drop(k, me, Lock(1))
    drop(k, me, Lock(0))


@operation(Task)
def backwards(k: Locks, me: Task) -> Steps:
    """Lock 1, then 0."""
    yield from take(k, me, Lock(1))
    yield from take(k, me, Lock(0))
    drop(k, me, Lock(1))
    drop(k, me, Lock(0))


@operation(Task)
def increment(k: Locks, me: Task) -> Steps:
    """Not atomic: reads, lets others run, writes."""
    before = k.counter
    yield
    k.counter = before + 1


@operation(Task)
def through_a_reference(k: Locks, me: Task, which: Lock) -> Steps:
    """A name for a place lives across a yield, and means the place as it then is."""
    holder = k.lock[which]
    before = holder.taken
    yield
    when(holder.taken < 3)
    assert holder.taken == k.lock[which].taken
    holder.taken = holder.taken + 1
    if before == 0 and holder.taken == 2:
        k.flag = True


@operation(Task)
def careless(k: Locks, me: Task) -> Steps:
    """An assert that fails when the other one is inside as well."""
    k.seen.add(me)
    yield
    assert len(k.seen) == 1, "both are here"
    k.seen.discard(me)


@operation(Task)
def overflows(k: Locks, me: Task) -> Steps:
    yield
    k.counter = k.counter + 1


@operation(Task)
def chooses(k: Locks, me: Task) -> Steps:
    """Two choices in one block, one of them in a helper."""
    if choose(False, True):
        helper(k)
    yield


def helper(k: Locks) -> None:
    assumed("read nowhere")
    k.counter = choose(range(3))


@operation(Task)
def spins(k: Locks, me: Task) -> Steps:
    """A loop without a yield that goes round `counter` * 2,000 times."""
    rounds = k.counter * 2_000
    while rounds > 0:
        rounds -= 1
    k.counter = (k.counter + 1) % 4
    yield


@operation(Task)
def in_any_order(k: Locks, me: Task) -> Steps:
    for which in any_order(set(Lock)):
        k.lock[which].owner = me
        yield
        k.lock[which].owner = None


@operation(Task, forever=True)
def serves(k: Locks, me: Task) -> Steps:
    """Meant to wait for ever."""
    while True:
        while not k.flag:
            yield
        k.flag = False


@operation(Task)
def asks(k: Locks, me: Task) -> Steps:
    when(not k.flag)
    k.flag = True
    yield


@operation(Task)
def notices(k: Locks, me: Task) -> Steps:
    """Looks at whether the other one is inside an operation."""
    k.flag = running(Task(1 - int(me)))
    yield


@action(Task)
def raise_flag(k: Locks, me: Task) -> None:
    when(not k.flag)
    k.flag = True


@action
def count_up(k: Locks, by: Annotated[int, Range(1, 2)]) -> None:
    when(k.counter + by <= 3)
    k.counter = k.counter + by


def both(*operations: Operation) -> dict[object, list[Operation]]:
    return {Task: list(operations)}


Scenario("one-order", runs=both(forwards), actions=[])
Scenario("two-orders", runs={Task[0]: [forwards], Task[1]: [backwards]}, actions=[])
Scenario("lost-update", once=both(increment), actions=[])
Scenario("references", once=both(through_a_reference), actions=[])
Scenario("careless", runs=both(careless), actions=[])
Scenario("overflow", runs={Task[0]: [overflows]}, actions=[])
Scenario("choices", runs={Task[0]: [chooses]}, actions=[])
Scenario("spins", runs={Task[0]: [spins]}, actions=[])
Scenario("any-order", runs={Task[0]: [in_any_order]}, actions=[])
Scenario("server", runs={Task[0]: [serves], Task[1]: [asks]}, actions=[])
Scenario("server-alone", runs={Task[0]: [serves, chooses]}, actions=[])
Scenario("notices", runs=both(notices), actions=[])
Scenario("flag", state=Locks, actions=[raise_flag])
Scenario("count", state=Locks, actions=[count_up])


def choose_counter(k: Locks) -> None:
    k.counter = choose(1, 3, 1)


Scenario("chosen-start", runs={Task[0]: [increment]}, actions=[], initial=choose_counter)


@invariant
def at_most_two(k: Locks) -> bool:
    return k.counter <= 2


@invariant
def nobody_twice(k: Locks) -> bool:
    return not any(
        k.lock[a].owner is k.lock[b].owner for a in Lock for b in Lock if a < b and both_held(k, a, b)
    )


def both_held(k: Locks, a: Lock, b: Lock) -> bool:
    return k.lock[a].owner is not None and k.lock[b].owner is not None


@invariant
def guarded(k: Locks) -> bool:
    """Holds of states with the flag only."""
    if not k.flag:
        return True
    return k.counter == 0


@step_invariant
def counts_by_one(before: Locks, after: Locks) -> bool:
    return after.counter <= before.counter + 1


@step_invariant
def loses_nothing(before: Locks, after: Locks) -> bool:
    """Whoever writes the counter changes it."""
    return after.counter >= before.counter


@reachable
def counted_to_two(k: Locks) -> bool:
    return k.counter == 2


@always_possible
def can_be_zero(k: Locks) -> bool:
    return k.counter == 0


@invariant
def not_a_bool(k: Locks) -> bool:
    return k.counter  # type: ignore[return-value]


@invariant
def and_of_an_int(k: Locks) -> bool:
    return k.flag or (not k.flag and k.counter)  # type: ignore[return-value]


@invariant
def out_of_range(k: Locks) -> bool:
    return k.lock[Lock(k.counter + 2)].owner is None


@invariant
def writes(k: Locks) -> bool:
    k.flag = False
    return True


@invariant
def asks_who_runs(k: Locks) -> bool:
    return not (running(Task(0), increment) and running(Task(1), increment))
