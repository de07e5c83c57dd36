"""A ring buffer: when all consumers have stopped, the producer waits for ever."""

from __future__ import annotations

from enum import Enum

from checker.language import (
    Array,
    Index,
    Range,
    Set,
    Steps,
    Unsigned,
    bounds,
    choose,
    invariant,
    operation,
    reachable,
    state,
    step_invariant,
    when,
)


@bounds
class Size:
    slots: int = 2
    consumers: int = 2


class Slot(Index, size="slots"): ...


class Consumer(Index, size="consumers"): ...


class Producer(Index, size=1): ...


class Kind(Enum):
    DATA = "data"
    STOP = "stop"

    @property
    def last(self) -> bool:
        return self is Kind.STOP


@state(bounds=Size)
class Ring:
    slot: Array[Slot, tuple[Kind, Producer] | None]
    head: Unsigned(3)
    tail: Unsigned(3)
    got: Array[Consumer, Range(0, 2)]
    stopped: Set[Consumer]
    lock: Consumer | None


def at(n: Unsigned(3)) -> Slot:
    return Slot(int(n) % len(Slot))


def is_empty(k: Ring) -> bool:
    return k.head == k.tail


@operation(Producer)
def produce(k: Ring, me: Producer) -> Steps:
    kind = choose(Kind.DATA, Kind.STOP)
    while k.head - k.tail == len(Slot):
        yield
    k.slot[at(k.head)] = (kind, me)
    yield
    k.head += 1
    return


def take(k: Ring, me: Consumer) -> Steps[Kind]:
    while k.lock is not None:
        yield
    k.lock = me
    yield
    while is_empty(k):
        yield
    found = k.slot[at(k.tail)]
    assert found is not None, f"{me} takes from an empty slot"
    kind, _ = found
    k.slot[at(k.tail)] = None
    k.tail += 1
    yield
    k.lock = None
    return kind


@operation(Consumer)
def consume(k: Ring, me: Consumer) -> Steps:
    when(me not in k.stopped)
    kind = yield from take(k, me)
    if kind.last:
        k.stopped |= {me}
    else:
        k.got[me] = min(k.got[me] + 1, 2)


@invariant
def few(k: Ring) -> bool:
    """The ring holds at most its size."""
    return int(k.head - k.tail) <= len(Slot)


@reachable
def all_stop(k: Ring) -> bool:
    """All consumers stop."""
    return all(c in k.stopped for c in Consumer)


@step_invariant
def monotone(before: Ring, after: Ring) -> bool:
    """Nobody starts again."""
    return before.stopped <= after.stopped
