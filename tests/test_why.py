"""The explanation under a trace: what made it possible, who would have prevented it, who waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checker.finding import trace_of
from checker.language.model import Model
from checker.language.world import World
from checker.loading import load_file
from checker.request import Request, wanted_properties, world_of
from checker.traces.trace import Why
from checker.verdict import Run

MODELS = Path(__file__).parent / "models_for_tests"
Explained = Callable[..., Why]


def explained(file: str | Path, property: str, scenario: str = "default") -> Why:
    """Of the shortest trace that the python engine finds."""
    from checker.engines import python
    from checker.language.model import model_of

    module = load_file(str(file))
    model: Model = model_of(next(v for v in vars(module).values() if hasattr(v, "__state__")))
    request = Request(properties=(property,), engine="python", loads=(str(file),))
    wanted = wanted_properties(request, model)
    world: World = world_of(request, model, model.scenarios[scenario])
    found = [each.found if each.found is not None else "deadlock" for each in wanted]
    outcome = python.explore(world, found)
    violation = next(iter(outcome.violations.values()))
    return trace_of(request, Run(world, tuple(wanted), outcome, "python"), violation, wanted[0]).why


def test_the_step_whose_change_is_needed() -> None:
    why = explained(MODELS / "unmapping.py", "no_stale_tlb", "free-only")
    assert why.origin == 1
    made, shows, *_ = why.reasons
    assert "<fill_tlb(page0)>" in made and "tlb[0]: {} -> {page0}" in made
    assert "without that change there is no violation" in made
    assert shows.startswith("step 3, cpu0 in free_page()")
    assert why.circle == ()


LATE = """
from checker.language import Array, Index, Steps, action, invariant, operation, state

class Cpu(Index, size=1): ...

@state
class Kernel:
    cached: bool
    free: bool

def flush(k: Kernel) -> None:
    k.cached = False

@operation(Cpu)
def release(k: Kernel, me: Cpu) -> Steps:
    flush(k)
    yield
    k.free = True
    yield
    flush(k)

@action
def fill(k: Kernel) -> None:
    k.cached = not k.free or k.cached

@invariant
def none_is_cached(k: Kernel) -> bool:
    return not (k.free and k.cached)
"""


def test_who_came_too_early_and_who_too_late(tmp_path: Path) -> None:
    file = tmp_path / "late_flush.py"
    file.write_text(LATE)
    reasons = " / ".join(explained(file, "none_is_cached").reasons)
    assert "step 2, <fill()>" in reasons
    assert "was on its way to take it back, 1 step after the end: too late" in reasons


CLEARED_EARLY = """
from checker.language import Array, Index, Steps, initial, invariant, operation, state

class Task(Index, size=2): ...

@state
class Kernel:
    stale: bool
    flushed: bool
    locked: bool
    freed: bool

@initial
def boot(k: Kernel) -> None:
    k.stale = True

@operation(Task)
def remove(k: Kernel, me: Task) -> Steps:
    while k.locked:
        yield
    k.locked = True
    yield
    k.locked = False
    yield
    if k.stale:
        k.stale = False
        yield
        k.flushed = True
    yield
    k.freed = True

@invariant
def flush_before_free(k: Kernel) -> bool:
    return k.flushed or not k.freed
"""


def test_what_one_left_behind_sent_another_one_its_way(tmp_path: Path) -> None:
    """The bit is cleared before the flush that it stands for; that a lock was free sent nobody anywhere."""
    file = tmp_path / "cleared_early.py"
    file.write_text(CLEARED_EARLY)
    reasons = explained(file, "flush_before_free").reasons
    (crossed,) = [reason for reason in reasons if "another way" in reason]
    assert crossed.endswith("stale: True -> False")
    first, _, second = crossed.partition(" would have gone another way but for step ")
    assert ("task0" in first) != ("task0" in second)
    line = CLEARED_EARLY[: CLEARED_EARLY.index("    if k.stale")].count("\n") + 1
    assert first.endswith(f"cleared_early.py:{line},")


def test_of_an_initial_state_there_is_nothing_to_say(tmp_path: Path) -> None:
    file = tmp_path / "never_flushed.py"
    file.write_text(CLEARED_EARLY.replace("k.stale = True", "k.freed = True", 1))
    assert explained(file, "flush_before_free") == Why()


def test_nobody_is_sent_anywhere_by_what_comes_to_nothing(tmp_path: Path) -> None:
    """Without the flush the bit decides nothing: whoever frees a page first has done it alone."""
    file = tmp_path / "never_flushed.py"
    file.write_text(CLEARED_EARLY.replace("k.flushed = True", "k.flushed = False"))
    assert not any("another way" in reason for reason in explained(file, "flush_before_free").reasons)


def test_two_locks_are_a_circle_of_two() -> None:
    why = explained(MODELS / "two_locks.py", "deadlock")
    first, second = why.circle
    assert first.startswith("-> #0 task0 waits at ") and "which is task1's to change" in first
    assert second.startswith("-> #1 task1 waits at ") and "which is task0's to change" in second
    assert why.origin is not None


@pytest.mark.slow
def test_it_is_the_one_who_waits_that_comes_to_the_wait() -> None:
    """Others may go on after that."""
    why = explained(MODELS / "ring.py", "deadlock")
    assert len(why.circle) == 1 and "producer0 in produce()" in why.reasons[-1]


def test_the_circle_goes_through_an_interrupt_that_cannot_be_taken() -> None:
    why = explained(MODELS / "irqs_off.py", "deadlock")
    assert len(why.circle) == 3
    text = " ".join(why.circle)
    assert "waits at" in why.circle[0] and "<take_ipi(cpu" in text and "cannot happen at" in text
    who, other = ("0", "1") if "lock = task1" in text else ("1", "0")
    assert f"lock = task{other} " in text and f"task{other}'s to change" in text
    assert f"pending[{who}] = True " in text and f"<take_ipi(cpu{who})>'s to change" in text
    assert f"irqs_off[{who}] = True " in text and f"task{who}'s to change" in text


ALONE = """
from checker.language import Index, Steps, operation, state

class Cpu(Index, size=1): ...

@state
class Kernel:
    locked: bool

@operation(Cpu)
def lock_twice(k: Kernel, me: Cpu) -> Steps:
    k.locked = True
    yield
    while k.locked:
        yield
"""


def test_who_waits_for_what_only_they_have_written(tmp_path: Path) -> None:
    file = tmp_path / "alone_model.py"
    file.write_text(ALONE)
    why = explained(file, "deadlock")
    (link,) = why.circle
    assert "locked = True (since step 1), which it wrote itself, and nobody was seen to write back" in link
    assert why.origin is None  # it is the last step as well


def test_no_circle_is_made_up_where_nobody_wrote_what_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "alone_model.py"
    file.write_text(ALONE.replace("locked: bool", "locked: bool = True").replace("    k.locked = True\n", ""))
    assert explained(file, "deadlock").circle == ()


@pytest.mark.parametrize("name", ["unmapping.py", "two_locks.py"])
def test_it_is_the_same_each_time(name: str) -> None:
    property = "no_stale_tlb" if name == "unmapping.py" else "deadlock"
    scenario = "free-only" if name == "unmapping.py" else "default"
    assert explained(MODELS / name, property, scenario) == explained(MODELS / name, property, scenario)
