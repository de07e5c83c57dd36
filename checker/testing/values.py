"""Hypothesis: states of a model, reachable or not, for what is to be tried on any of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, currently_in_test_context, given, note, settings
from hypothesis import strategies as st
from hypothesis.control import cleanup

from checker.language.context import ActiveWorld, current
from checker.language.kinds import OptionalType, RangeType, SetType, TupleType, Type, WordType, members
from checker.language.place import Store
from checker.language.scenario import Scenario
from checker.language.words import Word
from checker.language.world import Snapshot, World
from checker.testing.asking import model_asked, world_for
from checker.traces.values import shown

OperationOf = Callable[[object], object | None]
_before: list[tuple[ActiveWorld | None, OperationOf | None]] = []  # what was in force before the test drew


def states(
    state: type,
    *,
    scenario: Scenario | str | None = None,
    design: str | None = None,
    switches: Mapping[str, object] | None = None,
    bounds: Mapping[str, int] | None = None,
) -> st.SearchStrategy[Any]:
    """Any state that the types allow: each field by itself, whether it can be reached or not.

    It may be changed. Bounds and switches are in force until the test is done; nobody is inside an operation.
    """
    warmed()
    model = model_asked((), scenario, state)
    world = world_for(model, scenario, design, switches or {}, bounds or {})
    with world:
        cells = st.tuples(*(_values(cell.type) for cell in world.cells))
    return cells.map(lambda cells: _state(world, cells))


@functools.cache
def warmed() -> None:
    """What Hypothesis does once: it looks for numbers to try in the source of all modules of a project. Done
    within a test, its health check would take that for a slow strategy; and a test in a test is refused."""
    if currently_in_test_context():
        return

    @settings(
        max_examples=1,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers())
    def draw(number: int) -> None: ...

    draw()


def in_force(world: World, operation_of: OperationOf) -> None:
    """Until the test that draws is done."""
    if not _before:
        _before.append((current.world, current.operation_of))
        cleanup(_restore)
    current.world, current.operation_of = world, operation_of


def _restore() -> None:
    current.world, current.operation_of = _before.pop()


def _state(world: World, cells: Snapshot) -> Any:
    in_force(world, lambda actor: None)
    fields = (f"{cell.path}={shown(value)}" for cell, value in zip(world.cells, cells, strict=True))
    note(f"{world.model.name}: {', '.join(fields)}")
    return world.state_of(Store(list(cells)))


def _values(of: Type) -> st.SearchStrategy[Any]:
    """The simplest first, which is what a field has at first."""
    if isinstance(of, SetType):
        found = members(of.of)
        return st.frozensets(st.sampled_from(found)) if found else st.just(frozenset())
    if isinstance(of, WordType):
        return st.integers(of.lo, of.hi).map(lambda number: Word(of, number))
    if isinstance(of, TupleType):
        return st.tuples(*map(_values, of.items))
    if isinstance(of, RangeType):
        return st.integers(of.lo, of.hi)
    if isinstance(of, OptionalType):
        return st.none() | _values(of.of)
    return st.sampled_from(members(of))
