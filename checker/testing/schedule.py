"""Hypothesis: runs of a model, for worlds that are too large to be searched, and for tests of other code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from checker.engines.aftermath import after, key_of, stepping
from checker.engines.outcome import Event
from checker.engines.replaying import Replayer
from checker.engines.successors import Edge, Node, Successors
from checker.language.context import current
from checker.language.scenario import Scenario
from checker.language.world import World
from checker.testing.asking import model_asked, world_for
from checker.testing.values import in_force, warmed
from checker.traces.columns import Style, columns
from checker.traces.text import plain
from checker.traces.trace import Trace, lanes_of, named_cells, trace_steps

MOST_REMEMBERED = 10_000  # blocks, of which each holds a state for each of its outcomes
PICKS = 1 << 16  # more than there are steps to choose from


class Schedule:
    """Steps that were taken one after the other from an initial state. Shown as the columns of a trace."""

    def __init__(self, world: World, nodes: Sequence[Node], events: Sequence[Event]) -> None:
        self.world = world
        self.nodes = tuple(nodes)
        self.events = tuple(events)

    @property
    def states(self) -> Sequence[Any]:
        """The initial state and the one after each step, read-only."""
        return _States(self)

    @property
    def state(self) -> Any:
        """The last one."""
        return self.seen(self.nodes[-1])

    def seen(self, node: Node) -> Any:
        """Its state. `running()` speaks of the one that was asked for last."""
        members = [actor.member for actor in self.world.actors]
        inside = dict(zip(members, node.inside, strict=True))
        current.operation_of = lambda actor: inside.get(actor)  # type: ignore[call-overload]
        return self.world.view(node.snapshot)

    def __repr__(self) -> str:
        lines = map(plain, columns(trace_of(self), Style(marked=False)))
        return "\n".join([f"<schedule of {self.world.scenario.name}, {len(self.events)} steps>", *lines])


class _States(Sequence[Any]):
    """Each is made when it is asked for: a long run of a large model has many."""

    def __init__(self, run: Schedule) -> None:
        self.run = run

    def __len__(self) -> int:
        return len(self.run.nodes)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return [self.run.seen(node) for node in self.run.nodes[which]]
        return self.run.seen(self.run.nodes[which])


def schedules(
    scenario: Scenario | str,
    *,
    steps: int = 30,
    design: str | None = None,
    switches: Mapping[str, object] | None = None,
    bounds: Mapping[str, int] | None = None,
    model: type | None = None,
) -> st.SearchStrategy[Schedule]:
    """Up to so many steps, each one of those that can be taken then. Steps that change nothing are left out.

    A schedule in which an assert fails, or the model does what no model may do, fails the test.
    `model`: the @state class, where the scenario is given by its name and is not one of the installed model.
    """
    warmed()
    found = model_asked((), scenario, model)
    world = world_for(found, scenario, design, switches or {}, bounds or {})
    return _schedules(world, Successors(world, False), steps)


@st.composite
def _schedules(draw: st.DrawFn, world: World, successors: Successors, most: int) -> Schedule:
    if len(successors.memory) > MOST_REMEMBERED:
        successors.memory.clear()
    with stepping(world):
        initial = draw(st.sampled_from(world.initial_states()))
        nodes = [Node(initial, (None,) * len(world.actors), frozenset(), 0, None, None)]
        events: list[Event] = []
        for pick in draw(st.lists(st.integers(0, PICKS - 1), max_size=most)):  # lists are shrunk best
            current.operation_of = successors.stepper.operation_of
            edges = [edge for edge in successors.of(nodes[-1]) if _changes(nodes[-1], edge)]
            if not edges:
                break
            edge = edges[pick % len(edges)]
            if edge.result.fault is not None:
                _fail(world, nodes, events, edge)
            events.append(edge.event)
            nodes.append(after(nodes[-1], edge))
    schedule = Schedule(world, nodes, events)
    in_force(world, lambda actor: None)
    return schedule


def _changes(node: Node, edge: Edge) -> bool:
    return edge.result.fault is not None or key_of(after(node, edge)) != key_of(node)


def _fail(world: World, nodes: list[Node], events: list[Event], edge: Edge) -> None:
    fault = edge.result.fault
    assert fault is not None
    whole = Schedule(world, nodes, [*events, edge.event])
    raise AssertionError(f"{fault.kind} at {fault.location}: {fault.message}\n{whole!r}")


def trace_of(schedule: Schedule) -> Trace:
    """As a trace that claims nothing: only its columns are of use."""
    world, initial = schedule.world, schedule.nodes[0].snapshot
    with stepping(world):
        replayer = Replayer(world, initial)
        steps = trace_steps(world, [replayer.step(event) for event in schedule.events])
    cells = named_cells(world, initial)
    return Trace(
        name="schedule",
        kind="",
        heading="",
        title="",
        sentence="",
        concrete=True,
        message="",
        location="",
        witness={},
        lanes=lanes_of(steps),
        steps=steps,
        inside=(),
        initial=cells,
        final=named_cells(world, replayer.snapshot),
        context={},
    )
