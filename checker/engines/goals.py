"""What must stay possible from every reachable state: deadlock's "idle again", and `@always_possible`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checker.engines.positions import Position
from checker.engines.predicates import Predicate
from checker.language.properties import ALWAYS_POSSIBLE, DEADLOCK
from checker.language.world import World


@dataclass(frozen=True)
class Goal:
    """Holds where actor `actor` is idle, `predicate` is true or (`has_successor`) anything can move."""

    property: str
    kind: str
    message: str
    actor: int | None = None
    predicate: Predicate | None = None
    has_successor: bool = False

    def holds(self, positions: tuple[Position | None, ...], view: Any) -> bool:
        if self.predicate is not None:
            return self.predicate(view)
        if self.actor is None:
            return False
        position = positions[self.actor]
        return position is None or position.operation.forever


def goals_of(world: World, predicates: Sequence[Predicate], deadlock: bool) -> list[Goal]:
    """Idle, for every actor with an operation that is to end; where nobody has operations: a successor."""
    goals = [
        Goal(each.name, "always possible", f"{each.name} can never hold again", predicate=each)
        for each in predicates
        if each.kind == ALWAYS_POSSIBLE
    ]
    if deadlock and not world.actors:
        goals.append(Goal(DEADLOCK, "deadlock", "nothing can move any more", has_successor=True))
    elif deadlock:
        for number, actor in enumerate(world.actors):
            if not all(operation.forever for operation in actor.all_operations):
                message = f"{actor.member} is inside an operation and can never be idle again"
                goals.append(Goal(DEADLOCK, "deadlock", message, actor=number))
    return goals


def lost_states(edges: Sequence[Sequence[int]], holds: Sequence[bool]) -> int | None:
    """The first state from which no state that `holds` can be reached: a sweep backwards over the edges."""
    before: list[list[int]] = [[] for _ in edges]
    for number, successors in enumerate(edges):
        for successor in successors:
            before[successor].append(number)
    fine = list(holds)
    waiting = [number for number, each in enumerate(fine) if each]
    while waiting:
        for number in before[waiting.pop()]:
            if not fine[number]:
                fine[number] = True
                waiting.append(number)
    return next((number for number, each in enumerate(fine) if not each), None)
