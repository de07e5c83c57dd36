"""Independent counters: as many states as one likes, 10 ** counters of them."""

from typing import Annotated

from checker.language import Array, Index, Range, action, bounds, invariant, state


@bounds
class Bounds:
    counters: int = 4


class Counter(Index, size="counters"):
    pass


@state(bounds=Bounds)
class Counters:
    value: Array[Counter, Annotated[int, Range(0, 9)]]


@action(Counter)
def count(k: Counters, me: Counter) -> None:
    k.value[me] = (k.value[me] + 1) % 10


@invariant
def small(k: Counters) -> bool:
    return all(k.value[c] < 10 for c in Counter)
