"""The replay of a counterexample knows what the predicate of a state may ask."""

from __future__ import annotations

from checker.engines import python
from checker.language import Index, Steps, World, invariant, operation, running, state


class Task(Index, size=1): ...


@state
class Kernel:
    held: bool


@operation(Task)
def take(k: Kernel, me: Task) -> Steps:
    k.held = True
    yield
    yield


@invariant
def let_go_at_the_end(k: Kernel) -> bool:
    return not k.held or running(Task(0), take)


@invariant
def held_by_nobody(k: Kernel) -> bool:
    return not any(k.held and running(t) for t in Task)


def test_running_is_known_after_the_last_step() -> None:
    world = World(Kernel)
    found = python.explore(world, [let_go_at_the_end, held_by_nobody]).violations
    assert {name: len(each.events) for name, each in found.items()} == {
        "let_go_at_the_end": 3,
        "held_by_nobody": 1,
    }
    for each in found.values():
        assert python.replay(world, each).agrees
