"""Why a property is violated, as far as running the trace tells: who made it possible, and who would have
prevented it.

Nothing here knows what a model means. A fact is a cell and its value; what made it is the last step whose
change, taken back, prevents the violation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checker.engines.outcome import Violation
from checker.language.errors import CheckerError, shown_path
from checker.language.properties import Property
from checker.language.world import World
from checker.traces.changes import Change
from checker.traces.effects import Effect, effects
from checker.traces.trace import TraceStep, Why
from checker.traces.values import call, shown

if TYPE_CHECKING:
    from checker.engines.influence import Influence

MOST_STATES = 150  # that are looked at after the end: some tenths of a second
WAITING = ("deadlock", "always possible")


@dataclass(frozen=True)
class _Fact:
    """A cell, and the number from 0 of the step that gave it its value. `sure`: taken back, it prevents."""

    cell: int
    writer: int
    sure: bool


def why_of(
    world: World,
    violation: Violation,
    found: Property | None,
    replayed: Sequence[Any],
    steps: Sequence[TraceStep],
) -> Why:
    """What can be said; it is an explanation only, and never hides a counterexample."""
    from checker.engines.influence import influence

    try:
        if violation.kind in WAITING:
            return _why_stuck(world, violation, replayed, steps)
        fact = _fact(world, violation, found, replayed)
        crossed = influence(world, replayed)
        origins = [
            *([fact.writer] if fact is not None else []),
            *([crossed.by] if crossed is not None else []),
        ]
        if not origins:
            return Why()
        reasons = _reasons(world, violation, found, replayed, steps, fact, crossed)
        return Why(origins[0] + 1, tuple(reasons))
    except CheckerError:
        return Why()


def _fact(
    world: World, violation: Violation, found: Property | None, replayed: Sequence[Any]
) -> _Fact | None:
    from checker.engines.blame import blame

    about = blame(world, violation, found)
    if about.writer is not None and about.cell is not None:
        return _Fact(about.cell, about.writer, True)
    return _last_written(world, violation, found, replayed)


def _last_written(
    world: World, violation: Violation, found: Property | None, replayed: Sequence[Any]
) -> _Fact | None:
    """The last step before the violating one that wrote something which the property reads."""
    from checker.engines.aftermath import stepping
    from checker.engines.reading import cells_read
    from checker.engines.replaying import standing

    if found is None or len(replayed) < 2:
        return None
    states = [replayed[-1].before, replayed[-1].after] if violation.kind == "step" else [replayed[-1].after]
    with stepping(world), standing(world, replayed):
        read = cells_read(world, states, found.function)
    for number in reversed(range(len(replayed) - 1)):
        changed = [cell for cell in sorted(read) if _changes(replayed[number], cell)]
        if changed:
            return _Fact(changed[-1], number, False)
    return None


def _changes(step: Any, cell: int) -> bool:
    from checker.engines.replaying import differs

    return differs(step.before[cell], step.after[cell])


def _reasons(
    world: World,
    violation: Violation,
    found: Property | None,
    replayed: Sequence[Any],
    steps: Sequence[TraceStep],
    fact: _Fact | None,
    crossed: Influence | None,
) -> Iterator[str]:
    if fact is not None:
        yield from _made(world, replayed, steps, fact)
    if crossed is not None:
        yield _crossed(world, replayed, steps, crossed)
    yield f"step {len(steps)}, {_who(steps[-1])} at {steps[-1].place}, is where it shows"
    if fact is not None and violation.kind in ("invariant", "step"):
        yield from _too_late(world, violation, found, replayed, fact)


def _made(world: World, replayed: Sequence[Any], steps: Sequence[TraceStep], fact: _Fact) -> Iterator[str]:
    """Which change it was, and who wrote there too."""
    writer, path = replayed[fact.writer], world.cells[fact.cell].path
    change = Change(path, writer.before[fact.cell], writer.after[fact.cell])
    effect = (
        "without that change there is no violation" if fact.sure else "what the property reads of it last"
    )
    who, wrote = _who(steps[fact.writer]), effects(writer.lines)
    at = next((each for each in reversed(wrote) if each.made([change])), None)
    where = f", in {at.function}() at {shown_path(at.file)}:{at.line}" if at is not None else ""
    yield f"step {fact.writer + 1}, {who}, made it possible: {change}{where} ({effect})"
    yield from _too_early(replayed, fact, path, at)


def _crossed(world: World, replayed: Sequence[Any], steps: Sequence[TraceStep], found: Influence) -> str:
    """Where one actor's change sent another one the way it went."""
    by, other = replayed[found.by], steps[found.on]
    place = f"{shown_path(found.at[0])}:{found.at[1]}"
    change = Change(world.cells[found.cell].path, by.before[found.cell], by.after[found.cell])
    return (
        f"step {other.number}, {_who(other)} at {place}, would have gone another way but for step "
        f"{found.by + 1}, {_who(steps[found.by])}: {change}"
    )


def _who(step: TraceStep) -> str:
    return step.text if step.kind == "action" or not step.actor else f"{step.actor} in {step.operation}()"


def _too_early(replayed: Sequence[Any], fact: _Fact, path: str, made: Effect | None) -> Iterator[str]:
    """The last other step that ran a statement which writes such a cell and makes it, or leaves it, as it
    should be; not one that has changed others of that name and not this one."""
    name = _last_name(path)
    good, bad = replayed[fact.writer].before[fact.cell], replayed[fact.writer].after[fact.cell]
    for number in reversed(range(len(replayed))):
        wrote = [each for each in effects(replayed[number].lines) if name in each.fields]
        last, step = wrote[-1] if wrote else None, replayed[number]
        if number == fact.writer or last is None or (last == made and made.counts):
            continue
        changed = [changed for changed, _, _ in step.changes if _last_name(changed) == name]
        if changed and path not in changed:
            continue
        restores = any(_same(step.before[fact.cell], value) for value in (good, bad))
        if number > fact.writer or (restores and _same(step.after[fact.cell], good)):
            when = "before that: too early" if number < fact.writer else "after that, and left it"
            yield (
                f"step {number + 1} writes `{name}` too, in {last.function}() at "
                f"{shown_path(last.file)}:{last.line}, but {when}"
            )
            return


def _last_name(path: str) -> str:
    """`tlb` of `cpu[0].tlb`."""
    return re.sub(r"\[[^\]]*\]", "", path).rpartition(".")[2]


def _too_late(
    world: World,
    violation: Violation,
    found: Property | None,
    replayed: Sequence[Any],
    fact: _Fact,
) -> Iterator[str]:
    """Who would have taken the fact back, if it had come to that."""
    from checker.engines.aftermath import end_of, first_after, stepping

    path = world.cells[fact.cell].path
    with stepping(world):
        end = end_of(world, violation.initial, violation.events)
        good = replayed[fact.writer].before[fact.cell]
        later = first_after(
            world, end, lambda _, edge: _same(edge.result.snapshot[fact.cell], good), MOST_STATES
        )
    if later.found is None:
        if later.complete:
            yield f"no step that can follow gives {path} its old value back"
        return
    event, steps = later.found.edge.event, later.found.steps
    _, _, place = later.found.edge.block.partition(":")
    when = f"{steps} step{'' if steps == 1 else 's'} after the end: too late"
    if event.kind == "action":
        yield f"<{call(event.name, event.arguments)}> would take it back at the earliest, {when}"
        return
    number = next((n for n, actor in enumerate(world.actors) if actor.member is event.actor), None)
    position = end.positions[number] if number is not None else None
    under_way = position is not None and position.operation.name == event.name
    does = "was on its way to take it back" if under_way else "takes it back at the earliest"
    yield f"{shown(event.actor)}, in {event.name}() at {place}, {does}, {when}"


def _same(one: object, other: object) -> bool:
    from checker.engines.replaying import differs

    return not differs(one, other)


def _why_stuck(
    world: World, violation: Violation, replayed: Sequence[Any], steps: Sequence[TraceStep]
) -> Why:
    from checker.engines.waiting import circle

    links = circle(world, replayed, violation.events)
    lines = tuple(_link(number, link, steps) for number, link in enumerate(links))
    written = {link.step: link for link in links if link.step is not None and link.step < len(steps)}
    origin = max(written, default=None)
    reasons = []
    if origin is not None:
        wrote, step = written[origin], steps[origin - 1]
        reasons.append(
            f"step {origin}, {_who(step)} at {step.place}, made it possible: since then {wrote.cell} = "
            f"{shown(wrote.value)}, which is waited for"
        )
    if links:
        does = "closes the circle" if len(links) > 1 else "comes to the wait"
        waiting = {str(link.waiter) for link in links}
        last = next((step for step in reversed(steps) if step.actor in waiting), steps[-1])
        reasons.append(f"step {last.number}, {_who(last)} at {last.place}, {does}")
    return Why(origin, tuple(reasons), lines)


def _link(number: int, link: Any, steps: Sequence[TraceStep]) -> str:
    """One line of the chain, as lockdep numbers them."""
    value = f"{link.cell} = {shown(link.value)}"
    since = f" (since step {link.step})" if link.step is not None else " (from the start)"
    if link.waiter.action:
        does = f"{link.waiter} cannot happen at {link.place}: {value}{since}"
    else:
        does = f"{link.waiter} waits at {link.place}: {link.condition}; {value}{since}"
    if str(link.waiter) == str(link.holder):
        return f"-> #{number} {does}, which it wrote itself, and nobody was seen to write back"
    return f"-> #{number} {does}, which is {link.holder}'s to change"
