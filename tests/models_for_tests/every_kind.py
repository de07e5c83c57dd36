"""Every kind of claim and of type in one little world."""

from enum import Enum

from checker.language import (
    Array,
    Index,
    Range,
    Set,
    Signed,
    Steps,
    Unsigned,
    action,
    always_possible,
    choose,
    invariant,
    operation,
    reachable,
    record,
    state,
    step_invariant,
    when,
)


class Cpu(Index, size=2, symmetric=True): ...


class Page(Index, size=3): ...


class Hand(Enum):
    FREE = "free"
    LOST = "lost"
    HELD = "held"


word, byte = Unsigned(64), Signed(8)


@record
class Slot:
    pair: tuple[Page, Hand]
    maybe: tuple[Page, Hand] | None
    of: Cpu | None
    w: word = word(9223372036854775813)
    s: byte = byte(-3)


@state
class K:
    slot: Array[Page, Slot]
    seen: Set[tuple[Cpu, Page]]
    hands: Set[Hand]
    count: Range(0, 4)
    done: bool


@operation(Cpu)
def work(k: K, me: Cpu, page: Page, hand: Hand) -> Steps:
    yield
    k.slot[page].pair = (page, hand)
    k.slot[page].maybe = choose((page, hand), None)
    k.slot[page].of = me
    k.seen.add((me, page))
    k.hands.add(hand)
    yield
    while k.done:
        yield
    k.count = min(k.count + 1, 4)
    k.slot[page].w = k.slot[page].w + word(4611686018427387904)
    k.slot[page].s = k.slot[page].s - byte(1)


@action
def finish(k: K) -> None:
    when(k.count == 2)
    k.done = True


@invariant
def few(k: K) -> bool:
    return k.count < 3


@step_invariant
def no_drop(before: K, after: K) -> bool:
    return not (after.done and not before.done)


@reachable
def both(k: K) -> bool:
    return any(
        k.slot[p].of is not None and k.slot[q].of is not None and k.slot[p].of != k.slot[q].of
        for p in Page
        for q in Page
    )


@always_possible
def can_go(k: K) -> bool:
    return not k.done


@operation(Cpu)
def bad(k: K, me: Cpu) -> Steps:
    yield
    assert not (k.count == 1 and Hand.HELD in k.hands), "bad hand"
