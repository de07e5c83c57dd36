"""What a step is called in a column: after the functions of the model that did the work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum

from checker.language import Index
from checker.traces.changes import Change
from checker.traces.effects import Effect
from checker.traces.seen import EventLike, StepLike
from checker.traces.values import call, in_order, shown

MOST_NAMES = 3  # that one line of a column names
Calls = dict[tuple[Index | None, str], str]  # actor and function: its latest call, as it is shown


def text_of(
    step: StepLike, wrote: Sequence[Effect], changes: Sequence[Change], called: Calls, ongoing: Calls
) -> str:
    """A start by its call, an action in angle brackets, and what goes on by the functions that wrote."""
    event = step.event
    if event.kind == "action":
        return f"<{call(event.name, event.arguments)}>"
    if event.kind == "start":
        return call(event.name, event.arguments)
    return _what_went_on(step, wrote, changes, called, ongoing) + "".join(
        f": {value.name}" for value in step.chosen if isinstance(value, Enum)
    )


def _what_went_on(
    step: StepLike, wrote: Sequence[Effect], changes: Sequence[Change], called: Calls, ongoing: Calls
) -> str:
    """The calls, made by the operation and its sub-operations themselves, in which something was written; of
    several of one function, the one that went on. Among those that are named is one whose change lasts."""
    event = step.event
    if not wrote or any(isinstance(value, Enum) for value in step.chosen):
        return _towards(step, called)
    called = {**called, **ongoing}
    outermost = dict(zip(step.lines, step.under, strict=True))
    names: dict[str, bool] = {}
    for effect in wrote:
        made = effect.made(changes)
        for name in _names(effect, made, outermost, event, called):
            names[name] = names.get(name, False) or bool(made)
    kept = list(names)[:MOST_NAMES]
    if not any(names[name] for name in kept):  # a lock that is taken and let go says less than what follows
        kept[-1:] = [next((name for name in names if names[name]), kept[-1])]
    return ", ".join(kept) + (", ..." if len(names) > MOST_NAMES else "")


def _names(
    effect: Effect,
    made: Sequence[Change],
    outermost: Mapping[tuple[str, int], str],
    event: EventLike,
    called: Calls,
) -> list[str]:
    """The call that a statement stands in; of the operation's own ones, the places that they changed."""
    helper = outermost.get((effect.file, effect.line), "")
    if helper:
        return [as_shown(helper, event.actor)]
    if effect.function == event.name:
        return [_assigned(change) for change in made] or [effect.text]
    return [called.get((event.actor, effect.function), f"{effect.function}()")]


def _assigned(change: Change) -> str:
    if isinstance(change.old, frozenset) and isinstance(change.new, frozenset):
        words = [("gains", change.new - change.old), ("loses", change.old - change.new)]
        told = (f"{word} {', '.join(map(shown, in_order(members)))}" for word, members in words if members)
        return f"{change.path} {' and '.join(told)}"
    return f"{change.path} = {shown(change.new)}"


def _towards(step: StepLike, called: Calls) -> str:
    """A block that writes nothing: the function that it has come to, or where it chose the one it was in."""
    chain = step.chain_before if step.chosen else step.chain_after
    name = chain[-1].function if chain else step.event.name
    return called.get((step.event.actor, name), f"{name}()")


def as_shown(text: str, actor: Index | None) -> str:
    """`take(<Kernel>, task0, lock1)` as `take(lock1)`: the state and the actor are known."""
    name, _, rest = text.partition("(")
    rest = re.sub(r"<\w+\.(\w+): [^<>]*>", r"\1", rest)  # a member of an Enum, by its name
    arguments = re.sub(r"<\w[^<>]*>", "", rest.removesuffix(")")).split(", ")
    return f"{name}({', '.join(each for each in arguments if each and each != repr(actor))})"
