"""Models whose steps are written a second time here, as plain functions: their states are counted without
anything of the checker, and have to be as many as either engine finds."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import pytest

Search = Callable[..., Any]
Successors = Callable[[Any], Iterator[Hashable]]


def counted(first: Hashable, successors: Successors) -> tuple[int, int, int]:
    """States, transitions and levels, breadth-first."""
    seen, level, transitions, depth = {first}, [first], 0, 0
    while level:
        depth += 1
        found = [after for state in level for after in successors(state)]
        transitions += len(found)
        level = [after for after in dict.fromkeys(found) if after not in seen]
        seen.update(level)
    return len(seen), transitions, depth


def put(values: tuple[Any, ...], at: int, value: Any) -> tuple[Any, ...]:
    return (*values[:at], value, *values[at + 1 :])


def dekker(s: Any) -> Iterator[Hashable]:
    """Where each stands: idle, before the test, backing off, inside, before the last line."""
    at, wants, turn = s
    for me in (0, 1):
        other = 1 - me
        if at[me] == "idle":
            yield put(at, me, "test"), put(wants, me, True), turn
        elif at[me] == "test" and not wants[other]:
            yield put(at, me, "inside"), wants, turn
        elif at[me] == "test" and turn != me:
            yield put(at, me, "back"), put(wants, me, False), turn
        elif at[me] in ("test", "test again"):
            yield from _again(s, me)
        elif at[me] == "back" and turn == me:
            yield put(at, me, "test again"), put(wants, me, True), turn
        elif at[me] == "inside":
            yield put(at, me, "last"), wants, other
        elif at[me] == "last":
            yield put(at, me, "idle"), put(wants, me, False), turn


def _again(s: Any, me: int) -> Iterator[Hashable]:
    """From the end of the loop: another place than before it, with the same test."""
    at, wants, turn = s
    if not wants[1 - me]:
        yield put(at, me, "inside"), wants, turn
    elif turn != me:
        yield put(at, me, "back"), put(wants, me, False), turn
    else:
        yield put(at, me, "test again"), wants, turn


def alternating_bit(s: Any) -> Iterator[Hashable]:
    sender, receiver, sent, received, message, answer = s
    if message is None:
        yield sender, receiver, sent, received, (sender, sent), answer
    else:
        yield sender, receiver, sent, received, None, answer
        if message[0] == receiver:
            yield sender, not receiver, sent, message[1], None, answer
        else:
            yield sender, receiver, sent, received, None, answer
    if answer is None:
        yield sender, receiver, sent, received, message, not receiver
    else:
        yield sender, receiver, sent, received, message, None
        if answer == sender:
            yield not sender, receiver, (sent + 1) % 3, received, message, None
        else:
            yield sender, receiver, sent, received, message, None


def election(s: Any) -> Iterator[Hashable]:
    inbox, elected, started = s
    for me, identity in enumerate((2, 0, 3, 1)):
        after = (me + 1) % 4
        if not started[me]:
            yield put(inbox, after, inbox[after] | {identity}), elected, put(started, me, True)
        for got in inbox[me]:
            rest = put(inbox, me, inbox[me] - {got})
            if got == identity:
                yield rest, put(elected, me, True), started
            elif got > identity:
                yield put(rest, after, rest[after] | {got}), elected, put(started, me, True)
            else:
                yield rest, elected, started


def spinlock(s: Any) -> Iterator[Hashable]:
    """Whoever has begun and waits tries again only if that changes the count of the tries."""
    at, taken, tries = s
    for me in (0, 1):
        if at[me] == "inside":
            yield put(at, me, "idle"), False, tries
        elif not taken:
            yield put(at, me, "inside"), True, tries
        elif at[me] == "idle" or tries < 3:
            yield put(at, me, "waits"), taken, min(tries + 1, 3)


NOBODY: frozenset[int] = frozenset()
MODELS = {
    "dekker": ("Shared", ["mutual_exclusion", "both_idle"], dekker, (("idle",) * 2, (False,) * 2, 0), 42),
    "alternating_bit": (
        "Link",
        ["in_order", "goes_on"],
        alternating_bit,
        (False, False, 0, 0, None, None),
        76,
    ),
    "election": ("Ring", ["the_largest"], election, ((NOBODY,) * 4, (False,) * 4, (False,) * 4), 120),
    "spinlock": ("Lock", ["mutual_exclusion", "deadlock"], spinlock, (("idle",) * 2, False, 0), 24),
}


@pytest.mark.parametrize("name", MODELS)
def test_as_many_states_as_are_counted_by_hand(search: Search, engine: str, name: str) -> None:
    state, properties, successors, first, states = MODELS[name]
    outcome = search(name, state, engine, properties)
    assert (outcome.states, outcome.transitions, outcome.depth) == counted(first, successors)
    assert outcome.states == states and outcome.complete and not outcome.violations
