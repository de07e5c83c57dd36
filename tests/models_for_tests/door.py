"""A door with a key that may slip: what each design of it lets happen, and how that is brought about."""

from enum import Enum

from checker.language import (
    Array,
    Index,
    Question,
    Scenario,
    Steps,
    action,
    assumed,
    choose,
    invariant,
    operation,
    state,
    switch,
    switches,
    when,
)


class Turned(Enum):
    OPENS = "the lock turns"
    SLIPS = "it slips"


@switches(
    presets={"v1": {"locks": False}, "v2": {}, "proposed": {"checks_again": True}},
    series={"v1": 2, "v2": 3},
    default="v2",
)
class Design:
    """Two postings.

    `proposed` is v2 with one change. `checks_again`: whoever sees the key slip goes away.
    """

    locks: bool = switch(True, "v2: the door has a key; v1: it has none")
    checks_again: bool = switch(False, "under review")
    worn: bool = switch(
        True,
        "environment: the key is worn\n\nTrigger: whoever has used it for years.\n\nProvoke: file it down.",
    )


class Task(Index, size=2): ...


@state(design=Design)
class Hall:
    """A hall with one door.

    Hold: ask it to wait.
    """

    key: Task | None
    inside: Array[Task, bool]
    seen: bool


@operation(Task)
def enter(k: Hall, me: Task) -> Steps:
    """hall/door.c, enter(): a task goes in and comes out.

    Trigger: anybody, by the bell.
    """
    if Design.locks:
        turned = yield from turn(k, me)
        if turned is Turned.SLIPS and Design.checks_again:
            return
    yield
    k.inside[me] = True
    yield
    k.inside[me] = False
    if k.key == me:
        k.key = None


def turn(k: Hall, me: Task) -> Steps[Turned]:
    """hall/key.c, turn(): the key, if it is there.

    Provoke: pull while it is turned.
    """
    yield
    while k.key is not None:
        yield
    if Design.worn:
        turned = choose(Turned)
        if turned is Turned.SLIPS:
            return turned
    k.key = me
    return Turned.OPENS


@action
def look(k: Hall) -> None:
    """Somebody looks in.

    Provoke: knock.
    """
    when(any(k.inside[t] for t in Task))
    assumed("the door has a window")
    k.seen = True


Scenario("worn-key", "two tasks, and a key that may slip", runs={Task: [enter]})
Scenario("good-key", "two tasks, and a key that does not", once={Task: [enter]}, design={"worn": False})


@invariant(severity="corruption", says="{one} and {other} are both inside")
def alone(k: Hall) -> bool:
    """Only one task is inside at a time.

    Words of the porter, 1 May.
    """
    return not any(k.inside[one] and k.inside[other] for one in Task for other in Task if one < other)


@invariant(severity="leak")
def unseen(k: Hall) -> bool:
    """Nobody is seen."""
    return not k.seen


Question(
    "Does a key do?",
    source="The porter's, 2 May.",
    alternatives={"none": {"locks": False}, "a key": {}, "a careful one": {"checks_again": True}},
    properties=["alone"],
    scenarios=["worn-key", "good-key"],
    design="v2",
    state=Hall,
)
