"""n philosophers who take the left fork, then the right one, and put both back. They may starve together."""

from enum import Enum

from checker.language import Array, Index, action, bounds, state, when


@bounds
class Bounds:
    seats: int = 5


class Philosopher(Index, size="seats"):
    """A philosopher; fork i lies to the left of philosopher i."""


class Holds(Enum):
    NOTHING = 0
    LEFT = 1
    BOTH = 2


@state(bounds=Bounds)
class Table:
    holds: Array[Philosopher, Holds]


def left_of(me: Philosopher) -> Philosopher:
    return Philosopher((int(me) + Bounds.seats - 1) % Bounds.seats)


def right_of(me: Philosopher) -> Philosopher:
    return Philosopher((int(me) + 1) % Bounds.seats)


@action(Philosopher)
def take_left(t: Table, me: Philosopher) -> None:
    when(t.holds[me] is Holds.NOTHING and t.holds[left_of(me)] is not Holds.BOTH)
    t.holds[me] = Holds.LEFT


@action(Philosopher)
def take_right(t: Table, me: Philosopher) -> None:
    when(t.holds[me] is Holds.LEFT and t.holds[right_of(me)] is Holds.NOTHING)
    t.holds[me] = Holds.BOTH


@action(Philosopher)
def put_back(t: Table, me: Philosopher) -> None:
    when(t.holds[me] is Holds.BOTH)
    t.holds[me] = Holds.NOTHING
