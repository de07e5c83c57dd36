"""Takes from a shelf, which is refilled when it is empty: what that costs can be told by a formula.

A refill asks every other worker once, and lasts for `SIZE` takings.
"""

from __future__ import annotations

from enum import Enum

from checker.language import (
    Array,
    Comparison,
    Index,
    Range,
    Scenario,
    Steps,
    bounds,
    cost,
    operation,
    state,
    switch,
    switches,
    when,
)


@bounds
class Bounds:
    workers: int = 2
    size: int = 3


class Asking(Enum):
    """When are the others asked?"""

    EACH = "each time that something is taken"
    REFILL = "when the shelf is refilled"
    NEVER = "never"


@switches(presets={"each": {}, "refill": {"asking": Asking.REFILL}, "never": {"asking": Asking.NEVER}})
class Design:
    asking: Asking = switch(Asking.EACH, "how often")
    stubborn: bool = switch(False, "asks again and again before it takes")


class Worker(Index, size="workers"): ...


@state(bounds=Bounds, design=Design)
class Shelf:
    left: Range(0, "size")
    taken: Range(0, 1)
    asked: Array[Worker, bool]
    asker: Worker | None


def ask(k: Shelf, me: Worker) -> Steps:
    """Asks all others, one after the other, and waits until all have answered."""
    for other in Worker:
        if other != me:
            k.asked[other] = True
            yield
    while any(k.asked[other] for other in Worker):
        yield


@operation(Worker)
def take(k: Shelf, me: Worker) -> Steps:
    while k.asker is not None:
        yield
    k.asker = me
    if k.left == 0:
        k.left = Bounds.size
        if Design.asking is Asking.REFILL:
            yield from ask(k, me)
    if Design.asking is Asking.EACH:
        yield from ask(k, me)
    while Design.stubborn and k.taken == 0:
        yield from ask(k, me)
    yield
    k.left -= 1
    k.taken = 1 - k.taken
    k.asker = None


@operation(Worker)
def answer(k: Shelf, me: Worker) -> Steps:
    when(k.asked[me])
    k.asked[me] = False
    return
    yield


Scenario("one-takes", "one takes, the others answer", runs={Worker[0]: [take], Worker: [answer]})
Scenario("all-take", "all take; each is answered by hand", runs={Worker: [take]}, default=False)
Scenario("once", "each takes once", once={Worker[0]: [take]}, runs={Worker[1]: [answer]}, default=False)


@cost
def taken(before: Shelf, after: Shelf) -> int:
    return 1 if before.taken != after.taken else 0


@cost(per=taken)
def questions(before: Shelf, after: Shelf) -> int:
    return sum(1 for worker in Worker if after.asked[worker] and not before.asked[worker])


@cost
def answers(before: Shelf, after: Shelf) -> int:
    return sum(1 for worker in Worker if before.asked[worker] and not after.asked[worker])


Comparison(
    "How often are the others asked?",
    source="a book",
    alternatives={
        "each time": {"asking": Asking.EACH},
        "on a refill": {"asking": Asking.REFILL},
        "never": {"asking": Asking.NEVER},
    },
    beside={"each time": "1.04 s"},
    scenarios=["one-takes"],
    costs=[questions],
    state=Shelf,
)
