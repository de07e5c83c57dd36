"""Indexes that a scenario declares symmetric, and members that change places only together with others."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from checker.compiler import compile_program
from checker.engines import native
from checker.engines.outcome import Limits, Outcome
from checker.engines.replaying import replay
from checker.language import World, model_of
from checker.language.errors import CheckerError, UnsupportedConstruct

Load = Callable[..., ModuleType]

MODEL = """
from __future__ import annotations
from checker.language import *

class Cpu(Index, size="cpus"): ...
class Task(Index, size="tasks"): ...
class Va(Index, within=Cpu, size=2): ...

@bounds
class Bounds:
    cpus: int = 3
    tasks: int = 3

@state(bounds=Bounds)
class K:
    cpu_of: Array[Task, Cpu]
    tlb: Array[Cpu, Set[Va]]
    owner: Array[Va, Task | None]
    turn: Task | None
    flag: bool

@initial
def boot(k: K) -> None:
    for t in Task:
        k.cpu_of[t] = Cpu(int(t) % Bounds.cpus)

def belongs_to(k: K, v: Va, c: Cpu) -> bool:
    owner = k.owner[v]
    if owner is None:
        return False
    return k.cpu_of[owner] == c

def flush(k: K, c: Cpu) -> None:
    k.tlb[c].clear()

def flush_if_empty(k: K, c: Cpu) -> None:
    assert len(k.tlb[c]) == 0, "there is something"
    k.tlb[c].clear()

@operation(Task)
def work(k: K, me: Task) -> Steps:
    v = choose(k.cpu_of[me].vas)
    {body}
    yield
    k.owner[v] = me

@operation(Task)
def named(k: K, me: Task) -> Steps:
    k.turn = Task(0)
    yield

@invariant
def claim(k: K) -> bool:
    return {claim}

Scenario("all", "", runs={{Task: [work]}}, symmetric=[Cpu, Task])
Scenario("names one", "", runs={{Task: [work, named]}}, symmetric=[Cpu, Task])
Scenario("undeclared", "", runs={{Task: [work, named]}})
"""
BODY = "k.tlb[k.cpu_of[me]].add(v)"
CLAIM = "sum(1 for v in Va if k.owner[v] is not None) < 9"


def program(load: Load, scenario: str = "all", body: str = BODY, claim: str = CLAIM, **bounds: int) -> Any:
    model = model_of(load(MODEL.format(body=body, claim=claim), "").K)
    world = World(model, scenario, bounds)
    return compile_program(world, [*model.properties.values(), "deadlock"], reduced=True)


def searched(program: Any) -> Outcome:
    return native.explore(program, None, Limits(keep_going=True))


def test_tasks_change_places_with_the_cpus_on_which_they_stay(load: Load) -> None:
    found = program(load)
    assert found.statistics["interchangeable"] == ["Task 0, 1, 2 with Cpu"]
    reduced, full = searched(found), searched(found.unreduced(["claim", "deadlock"]))
    assert (full.states, reduced.states) == (12**3, math.comb(12 + 2, 3))  # which three, but not whose


@pytest.mark.parametrize(
    ("cpus", "tasks", "interchangeable"),
    [
        (3, 2, ["Task 0, 1 with Cpu"]),  # the third CPU keeps its place
        (2, 3, ["Task 0, 2"]),  # CPU 0 has both of them, and CPU 1 has one
        (1, 1, None),
    ],
)
def test_where_there_are_not_as_many(load: Load, cpus: int, tasks: int, interchangeable: Any) -> None:
    found = program(load, cpus=cpus, tasks=tasks)
    assert found.statistics.get("interchangeable") == interchangeable
    full = searched(found.unreduced(["claim", "deadlock"]))
    assert (searched(found).states < full.states) == (interchangeable is not None)


def test_tasks_that_move_need_no_cpu_to_go_with_them(load: Load) -> None:
    found = program(load, body="k.cpu_of[me] = choose(Cpu)")
    assert found.statistics["interchangeable"] == ["Task 0, 1, 2", "Cpu 0, 1, 2"]


def test_the_same_trace_length_and_one_that_replays(load: Load) -> None:
    claim = "sum(1 for v in Va if k.owner[v] is not None) < 3"
    found = program(load, claim=claim)
    violation = searched(found).violations["claim"]
    full = searched(found.unreduced(["claim", "deadlock"])).violations["claim"]
    assert violation.depth == full.depth
    assert replay(found.world, violation, list(found.world.model.properties.values())).agrees


def test_a_scenario_whose_operations_name_a_member_is_refused(load: Load) -> None:
    with pytest.raises(UnsupportedConstruct, match="Task is symmetric, but a member of Task is named"):
        program(load, "names one")
    assert "interchangeable" not in program(load, "undeclared").statistics


def test_what_cannot_be_symmetric(load: Load) -> None:
    text = MODEL.format(body=BODY, claim="not k.flag").replace("symmetric=[Cpu, Task]", 'symmetric=["Cpu"]')
    with pytest.raises(CheckerError, match="scenario all: symmetric='Cpu' is not an Index"):
        load(text, "")


@pytest.mark.parametrize(
    ("loop", "why"),
    [("flush(k, c)", None), ("flush_if_empty(k, c)", "what fails first in a loop over Task")],
)
def test_a_helper_that_cannot_fail_may_be_performed_for_each(load: Load, loop: str, why: str | None) -> None:
    statistics = program(load, body=f"for c in Cpu:\n        {loop}").statistics
    told = statistics.get("told apart because", [])
    assert ("interchangeable" in statistics, len(told)) == (why is None, int(why is not None))
    assert why is None or why in told[0]


@pytest.mark.parametrize(
    ("claim", "symmetric"),
    [
        ("not any(belongs_to(k, v, c) and k.flag for c in Cpu for v in Va)", True),
        ("all(k.turn is None or k.flag or k.cpu_of[k.turn] == c for c in Cpu)", True),
        ("all(k.flag or k.cpu_of[k.turn] == c for c in Cpu)", False),
    ],
)
def test_what_an_early_return_keeps_from_failing(load: Load, claim: str, symmetric: bool) -> None:
    """A test that returns, and one that stands beside others, says what holds behind it."""
    statistics = program(load, claim=claim).statistics
    assert ("interchangeable" in statistics) == symmetric
    if not symmetric:
        assert "what can fail inside all()" in statistics["told apart because"][0]
