"""Operations whose state spaces have closed forms. The tests beside this folder work each of them out.

Every actor repeats its operation for ever and most of them share nothing, so that the reachable states are
the product of what each actor can be in by itself. Each scenario gives one operation to all the actors.
"""

from checker.language import (
    Index,
    Scenario,
    Steps,
    any_order,
    bounds,
    choose,
    operation,
    state,
)


@bounds
class Bounds:
    walkers: int = 3
    steps: int = 3
    stones: int = 3


class Walker(Index, size="walkers"):
    """An actor."""


class Stone(Index, size="stones"):
    """Something to step on."""


@state(bounds=Bounds)
class Path:
    bridge: Walker | None  # who is on the bridge, which carries one
    turn: Walker


@operation(Walker)
def walk(k: Path, me: Walker) -> Steps:
    """m yields."""
    for _ in range(Bounds.steps):
        yield


def stretch(k: Path, me: Walker) -> Steps:
    for _ in range(Bounds.steps):
        yield


def detour(k: Path, me: Walker) -> Steps:
    yield from stretch(k, me)


@operation(Walker)
def walk_in_a_part(k: Path, me: Walker) -> Steps:
    """The same m yields, two sub-operations down."""
    yield from detour(k, me)


@operation(Walker)
def walk_there_and_back(k: Path, me: Walker) -> Steps:
    """One sub-operation called from two places: 2m yields."""
    yield from stretch(k, me)
    yield from stretch(k, me)


@operation(Walker)
def set_out_somehow(k: Path, me: Walker) -> Steps:
    """A choice that is forgotten at once: more transitions, no more states."""
    foot = choose(range(4))
    if foot > 4:
        return
    for _ in range(Bounds.steps):
        yield


@operation(Walker)
def hurry_or_rest(k: Path, me: Walker) -> Steps:
    """A choice that is remembered until the last yield."""
    hurry = choose(False, True)
    for _ in range(Bounds.steps):
        yield
    if not hurry:
        yield


@operation(Walker)
def walk_from(k: Path, me: Walker, stone: Stone) -> Steps:
    """A parameter that stays live for m yields."""
    for _ in range(Bounds.steps):
        yield
    assert int(stone) < Bounds.stones


@operation(Walker)
def step_on_every_stone(k: Path, me: Walker) -> Steps:
    """One yield per stone, in any order."""
    for stone in any_order(set(Stone)):
        yield
        assert int(stone) < Bounds.stones


@operation(Walker)
def cross_the_bridge(k: Path, me: Walker) -> Steps:
    """A wait for a lock that is then held for m yields."""
    while k.bridge is not None:
        yield
    k.bridge = me
    for _ in range(Bounds.steps):
        yield
    k.bridge = None


@operation(Walker)
def pass_the_turn(k: Path, me: Walker) -> Steps:
    """A wait for one's turn, which then goes to the next actor."""
    while k.turn != me:
        yield
    k.turn = Walker((int(me) + 1) % Bounds.walkers)


Scenario("walk", "m yields each", runs={Walker: [walk]})
Scenario("walk-in-a-part", "m yields in a sub-operation of a sub-operation", runs={Walker: [walk_in_a_part]})
Scenario("walk-there-and-back", "a sub-operation called twice", runs={Walker: [walk_there_and_back]})
Scenario("two-walks", "two operations to begin", runs={Walker: [walk, walk_in_a_part]})
Scenario("once", "m yields, once each", once={Walker: [walk]})
Scenario("set-out-somehow", "a choice forgotten at once", runs={Walker: [set_out_somehow]})
Scenario("hurry-or-rest", "a choice remembered", runs={Walker: [hurry_or_rest]})
Scenario("walk-from", "a parameter remembered", runs={Walker: [walk_from]})
Scenario("step-on-every-stone", "yields in any order", runs={Walker: [step_on_every_stone]})
Scenario("cross-the-bridge", "a wait for a lock", runs={Walker: [cross_the_bridge]})
Scenario("pass-the-turn", "a wait for one's turn", runs={Walker: [pass_the_turn]})
