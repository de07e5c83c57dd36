"""What the C side has found, in the words of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checker.engines.outcome import ConditionCount, Event, Outcome, Snapshot, Violation

Words = tuple[int, ...]


@dataclass(frozen=True)
class PackedEvent:
    block: int
    actor: int
    arguments: int
    choices: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """A finding: the states along its trace, and the events between (an event that is bad being the last)."""

    number: int
    states: tuple[Words, ...]
    events: tuple[PackedEvent, ...]


def read_tape(tape: Sequence[int], words: int) -> Iterator[Found]:
    """See write_trail() in trace.h."""
    at = 0

    def take(count: int) -> tuple[int, ...]:
        nonlocal at
        at += count
        return tuple(tape[at - count : at])

    while at < len(tape):
        number, length = take(2)
        states = tuple(take(words) for _ in range(length))
        events = []
        for _ in range(take(1)[0]):
            block, actor, arguments, choices = take(4)
            events.append(PackedEvent(block, actor, arguments, take(choices)))
        yield Found(number, states, tuple(events))


def decode_outcome(program: Any, found: Sequence[Found], outcome: Outcome) -> None:
    """Fill in violations and what was reached. Where several findings are of one property, the first counts:
    the shallowest, then the smallest."""
    ordered = sorted(found, key=lambda f: (len(f.events), f.states[-1], f.number))
    for each in ordered:
        violation = decode_violation(program, each)
        if violation.kind == "reachable":
            outcome.reached.setdefault(violation.property, violation)
        else:
            outcome.violations.setdefault(violation.property, violation)


def decode_violation(program: Any, found: Found) -> Violation:
    name, kind, message, location = _about(program, found.number)
    return Violation(
        property=name,
        kind=kind,
        depth=len(found.events) + 1,
        events=[decode_event(program, event) for event in found.events],
        initial=initial_snapshot(program, found.states[0]),
        message=message,
        location=location,
    )


def _about(program: Any, number: int) -> tuple[str, str, str, str | None]:
    """Property, kind, message and location of a finding, in the order of explore.h."""
    for names, kind in ((program.invariants, "invariant"), (program.steps, "step")):
        if number < len(names):
            return names[number], kind, "", None
        number -= len(names)
    if number < len(program.sites):
        site = program.sites[number]
        return site.property, site.kind, site.message, site.location
    number -= len(program.sites)
    if number < len(program.goals):
        return _about_goal(program.goals[number])
    return program.reachables[number - len(program.goals)], "reachable", "", None


def _about_goal(name: str) -> tuple[str, str, str, str | None]:
    """Deadlock is one property with one goal per actor: "deadlock:task0"."""
    if name.partition(":")[0] != "deadlock":
        return name, "always possible", "", None
    actor = name.partition(":")[2]
    stuck = f"{actor} is inside an operation and can never be idle again"
    message = stuck if actor else "no step is possible"
    return "deadlock", "deadlock", message, None


def decode_event(program: Any, event: PackedEvent) -> Event:
    block = program.blocks[event.block]
    return Event(
        kind=block.kind,
        actor=program.decode_member(event.block, event.actor),
        name=block.name,
        arguments=tuple(program.decode_arguments(event.block, event.arguments)),
        choices=event.choices,
    )


def initial_snapshot(program: Any, words: Words) -> Snapshot:
    """Packing drops what no step reads, so several initial states may be one here; any of them will do."""
    for snapshot in program.world.initial_states():
        if program.pack(snapshot, {}) == words:
            return snapshot
    raise AssertionError(f"no initial state is packed as {words}")


def condition_counts(program: Any, true: Any, false: Any) -> dict[str, list[ConditionCount]]:
    counts: dict[str, list[ConditionCount]] = {}
    number = 0
    for name, conditions in program.conditions.items():
        counts[name] = []
        for condition in conditions:
            place = getattr(condition, "location", None) or f"line {condition.line}"
            counts[name].append(
                ConditionCount(condition.text, place, true[number], false[number], condition.deciding)
            )
            number += 1
    return counts
