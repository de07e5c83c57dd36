"""A dearest schedule as a trace: its steps are run through the model's own Python, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from checker.costs.dearest import Schedule, dearest
from checker.costs.worst import Worst
from checker.engines.aftermath import after, stepping
from checker.engines.cost_graph import Collected
from checker.engines.outcome import Event
from checker.engines.replaying import replay_events
from checker.engines.successors import Node, Successors
from checker.language.cost import Cost
from checker.language.errors import ReplayFailed
from checker.language.world import Snapshot, World
from checker.names import typed
from checker.traces.trace import Trace, Why, lanes_of, named_cells, standing_at_the_end, trace_steps

HEADING = "DEAREST SCHEDULE"


@dataclass(frozen=True)
class Priced:
    """What was asked: the costs that were counted, and the number among them of the one that matters."""

    costs: Sequence[Cost]
    number: int
    units: Sequence[int]

    @property
    def cost(self) -> Cost:
        return self.costs[self.number]


def schedule_of(
    world: World, priced: Priced, collected: Collected, worst: Worst, context: dict[str, str]
) -> Trace | None:
    """None: nothing is ever paid, or it is not known what is."""
    if collected.graph is None:
        return None
    found = dearest(collected.graph, worst, priced.number, priced.units)
    if found is None:
        return None
    initial, events = _followed(world, collected, found.states)
    steps = replay_events(world, initial, events)
    with world:
        paid = [[each(world.view(s.before), world.view(s.after)) for each in priced.costs] for s in steps]
    shown = trace_steps(world, steps)
    return Trace(
        name=typed(priced.cost.name),
        kind="cost",
        heading=HEADING,
        title=_title(priced, found, paid),
        sentence=_sentence(found),
        concrete=True,
        message="",
        location="",
        witness={},
        lanes=lanes_of(shown),
        steps=shown,
        inside=standing_at_the_end(steps),
        initial=named_cells(world, initial),
        final=named_cells(world, steps[-1].after if steps else initial),
        context=context,
        explain=lambda: Why(None, tuple(_reasons(priced, paid))),
    )


def _followed(world: World, collected: Collected, states: Sequence[int]) -> tuple[Snapshot, list[Event]]:
    """The events between these states of the graph."""
    assert collected.keys is not None and collected.key_of is not None
    idle = (None,) * len(world.actors)
    with stepping(world):
        begins = (Node(each, idle, frozenset(), 0, None, None) for each in world.initial_states())
        node = _that_is(begins, collected, states[0])
        initial, events = node.snapshot, []
        successors = Successors(world, False)
        for state in states[1:]:
            edges = [each for each in successors.of(node) if each.result.fault is None]
            reached = [after(node, each) for each in edges]
            node = _that_is(reached, collected, state)
            events.append(edges[reached.index(node)].event)
    return initial, events


def _that_is(nodes: Iterable[Node], collected: Collected, state: int) -> Node:
    assert collected.keys is not None and collected.key_of is not None
    wanted = collected.keys(state)
    for node in nodes:
        if collected.key_of(node) == wanted:
            return node
    raise ReplayFailed(
        "internal error: the real generators do not follow the schedule that was found",
        advice="do not trust this run; please report it with the command that you typed",
    )


def _title(priced: Priced, found: Schedule, paid: Sequence[Sequence[int]]) -> str:
    """Counted from what the steps paid as they were run again."""
    name = typed(priced.cost.name)
    if found.again is None:
        return f"{sum(each[priced.number] for each in paid):,} {name} in all"
    turn = paid[found.again :]
    most = sum(each[priced.number] for each in turn)
    if found.unit is None:
        return f"{most:,} {name} each time round"
    unit = typed(priced.costs[found.unit].name)
    units = sum(each[found.unit] for each in turn)
    return f"{Fraction(most, units)} {name} per {unit}" if units else f"{most:,} {name} for no {unit}"


def _sentence(found: Schedule) -> str:
    if found.again is None:
        return "of every schedule, none pays more"
    return f"from step {found.again + 1} to the last it goes round, and can do so for ever"


def _reasons(priced: Priced, paid: Sequence[Sequence[int]]) -> Iterator[str]:
    """Which steps pay, and which of them do what is paid for."""
    for number, each in enumerate(paid, 1):
        named = [priced.number, *priced.units]
        told = [f"{each[which]} {typed(priced.costs[which].name)}" for which in named if each[which]]
        if told:
            yield f"step {number}: {', '.join(told)}"
