"""The replay of a counterexample knows what the predicate of a state may ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.engines import python
from checker.language import Index, Steps, World, invariant, model_of, operation, running, state
from checker.loading import load_file


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


CHOOSING = """
from checker.language import Index, Steps, any_order, choose, invariant, operation, state, switch, switches

@switches(presets={"two": {}, "one": {"few": True}})
class Design:
    few: bool = switch(False, "fewer to choose from")

class Task(Index, size=1): ...
class Page(Index, size=2): ...

@state(design=Design)
class Kernel:
    first: Page | None
    last: Page | None

@operation(Task)
def take(k: Kernel, me: Task) -> Steps:
    k.last = choose({p for p in Page if int(p) == 0 or not Design.few})
    yield
    for p in any_order({p for p in Page if int(p) == 0 or not Design.few}):
        k.first = p if k.first is None else k.first

@invariant
def first_comes_first(k: Kernel) -> bool:
    return k.first != Page(1)

@invariant
def first_is_chosen(k: Kernel) -> bool:
    return k.last != Page(1)
"""


@pytest.mark.parametrize("name", ["first_comes_first", "first_is_chosen"])
def test_a_choice_that_another_design_does_not_have_cannot_be_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "choosing_model.py").write_text(CHOOSING)
    module = load_file(str(tmp_path / "choosing_model.py"))
    model = model_of(module.Kernel)
    (violation,) = python.explore(World(model), [model.properties[name]]).violations.values()
    replayed = python.replay(World(model, design={"few": True}), violation, [model.properties[name]])
    assert not replayed.agrees and replayed.why.endswith("choice 1 of only 1 candidates")


ASSUMING = """
from checker.language import Index, Steps, assumed, invariant, operation, state

class Task(Index, size=1): ...

@state
class Kernel:
    flushed: bool
    freed: bool

@operation(Task)
def free(k: Kernel, me: Task) -> Steps:
    assumed("a flush is one step")
    k.flushed = True
    yield
    assumed("a free is one step")
    k.freed = True
    yield
    assumed("a return is one step")

@invariant
def never_freed(k: Kernel) -> bool:
    return not k.freed
"""


@pytest.mark.parametrize("watched", [True, False])
def test_a_step_assumes_what_its_own_block_passes(tmp_path: Path, watched: bool) -> None:
    """A block runs after those before it were run again, which assumed things of their own."""
    (tmp_path / "assuming.py").write_text(ASSUMING)
    module = load_file(tmp_path / "assuming.py")
    world = World(module.Kernel)
    violation = python.explore(world, [module.never_freed]).violations["never_freed"]
    replayed = python.replay(world, violation, watched=watched)
    assert replayed.agrees
    texts = ("a flush is one step",), ("a free is one step",)
    assert tuple(step.assumed for step in replayed.steps) == texts
    assert replayed.assumed == ("a flush is one step", "a free is one step")
    assert [bool(step.lines) for step in replayed.steps] == [watched, watched]
    assert [step.changes for step in replayed.steps] == [
        (("flushed", False, True),),
        (("freed", False, True),),
    ]
