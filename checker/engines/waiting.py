"""Who waits for whom at the end of a trace: the circle that a deadlock is.

An actor waits for cells that the condition of its wait reads. Whoever wrote them last has to write them
again. If that was the actor itself, those count that have been seen to end such a wait: another actor, or an
action that cannot happen now, which waits in turn for the cells that its own condition reads.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import networkx as nx

from checker.engines.aftermath import end_of, sampled, stepping
from checker.engines.outcome import Event
from checker.engines.positions import Position
from checker.engines.reading import Reader
from checker.engines.replaying import Step, differs
from checker.engines.successors import Node
from checker.language.errors import shown_path
from checker.language.index import Index
from checker.language.steps import Action
from checker.language.world import Snapshot, World

LONGEST = 8  # links of a circle that anybody reads
SAMPLE = 1000  # states, from which it is learned who ends a wait


@dataclass(frozen=True)
class Doing:
    """An actor inside an operation, or an action that cannot happen."""

    actor: Index | None
    action: str = ""
    arguments: tuple[object, ...] = ()

    def __str__(self) -> str:
        if not self.action:
            return repr(self.actor)
        who = [] if self.actor is None else [self.actor]
        return f"<{self.action}({', '.join(map(repr, [*who, *self.arguments]))})>"


@dataclass(frozen=True)
class Link:
    """`waiter` goes on only if `cell` changes, which is `holder`'s to do. `step`: of the last change."""

    waiter: Doing
    holder: Doing
    cell: str
    value: object
    step: int | None
    place: str  # file:line of the wait, or of the action
    condition: str


def circle(world: World, steps: Sequence[Step], events: Sequence[Event]) -> list[Link]:
    """The shortest circle; empty if there is none that can be seen."""
    if not steps:
        return []
    with stepping(world):
        graph = _Waiting(world, steps, end_of(world, steps[0].before, events)).graph()
    circles = sorted(nx.simple_cycles(graph, length_bound=LONGEST), key=lambda found: (len(found), found))
    if not circles:
        return []
    found = circles[0]
    start = min(range(len(found)), key=lambda at: (found[at].startswith("<"), found[at]))
    found = found[start:] + found[:start]
    return [graph.edges[one, other]["link"] for one, other in zip(found, found[1:] + found[:1], strict=True)]


class _Waiting:
    def __init__(self, world: World, steps: Sequence[Step], end: Node) -> None:
        self.world, self.steps, self.end = world, steps, end
        self.reader = Reader(world)
        self.last = self._last_writers()
        self.stuck = {
            actor.member: (number, position)
            for number, (actor, position) in enumerate(zip(world.actors, end.positions, strict=True))
            if position is not None and position.waits and self._stays(number, position, end.snapshot)
        }
        self.enders: dict[tuple[int, object], dict[Doing, None]] | None = None

    def _stays(self, number: int, position: Position, snapshot: Snapshot) -> bool:
        """Whether the condition of its wait is true."""
        result = self.reader.resumed(number, position, snapshot, self.end.inside)
        if result is None or result.fault is not None or result.position is None:
            return False
        return result.position.identity == position.identity and result.snapshot == snapshot

    def graph(self) -> nx.DiGraph:
        """By name: members of different indexes are not to be compared."""
        graph = nx.DiGraph()
        waiting = [Doing(member) for member in self.stuck]
        for doing in waiting:
            for link in self._links(doing):
                one, other = str(doing), str(link.holder)
                if other not in graph and link.holder.action:
                    waiting.append(link.holder)
                if not graph.has_edge(one, other):
                    graph.add_edge(one, other, link=link)
        return graph

    def _last_writers(self) -> dict[int, tuple[int, Index | None]]:
        """The last step that changed each cell, and who took it."""
        found = {}
        for number, step in enumerate(self.steps, 1):
            for cell, (old, new) in enumerate(zip(step.before, step.after, strict=True)):
                if differs(old, new):
                    found[cell] = (number, step.event.actor)
        return found

    def _links(self, doing: Doing) -> Iterator[Link]:
        read = sorted(self._reads(doing))
        place, condition = self._place(doing)
        held = [cell for cell in read if self._held(cell, doing)]
        held = [each for each in held if self._goes_on_with(each, self._before(each), doing)] or held
        for cell in held:
            step, holder = self.last[cell]
            yield self._link(doing, Doing(holder), cell, step, place, condition)
        if held or doing.action:
            return
        ended = list(self._ended_by(doing, read, place, condition))
        yield from ended or self._own(doing, read, place, condition)

    def _ended_by(self, doing: Doing, read: Sequence[int], place: str, condition: str) -> Iterator[Link]:
        for cell in read:
            for (changed, value), enders in self._enders().items():
                if changed == cell and self._helps(cell, value, doing):
                    since = self.last[cell][0] if cell in self.last else None
                    for ender in enders:
                        if ender.action or ender.actor in self.stuck:
                            yield self._link(doing, ender, cell, since, place, condition)

    def _own(self, doing: Doing, read: Sequence[int], place: str, condition: str) -> Iterator[Link]:
        """It waits for what it wrote itself, and nobody was seen to write it back."""
        for cell in read:
            number, writer = self.last.get(cell, (0, None))
            if number and writer is doing.actor and self._goes_on_with(cell, self._before(cell), doing):
                yield self._link(doing, doing, cell, number, place, condition)

    def _helps(self, cell: int, value: object, doing: Doing) -> bool:
        """Whether it goes on with that value, or (where it waits for several cells) had it before."""
        if self._goes_on_with(cell, value, doing):
            return True
        return cell in self.last and not differs(self._before(cell), value)

    def _before(self, cell: int) -> object:
        """The value of a cell before its last change."""
        return self.steps[self.last[cell][0] - 1].before[cell]

    def _held(self, cell: int, doing: Doing) -> bool:
        """Whether a cell was written by an actor that waits; its own writing holds up an action only."""
        writer = self.last[cell][1] if cell in self.last else None
        return writer in self.stuck and (doing.action != "" or writer is not doing.actor)

    def _goes_on_with(self, cell: int, value: object, doing: Doing) -> bool:
        snapshot = (*self.end.snapshot[:cell], value, *self.end.snapshot[cell + 1 :])
        if doing.action:
            return self._useful(self._action(doing), doing, snapshot)
        assert doing.actor is not None
        return not self._stays(*self.stuck[doing.actor], snapshot)

    def _useful(self, action: Action, doing: Doing, snapshot: Snapshot) -> bool:
        """Whether an action can happen, and changes something."""
        result = self.reader.acted(action, doing.actor, doing.arguments, snapshot, self.end.inside)
        return result is not None and result.fault is None and result.snapshot != snapshot

    def _link(
        self, waiter: Doing, holder: Doing, cell: int, step: int | None, place: str, condition: str
    ) -> Link:
        path, value = self.world.cells[cell].path, self.end.snapshot[cell]
        return Link(waiter, holder, path, value, step, place, condition)

    def _reads(self, doing: Doing) -> set[int]:
        """What its condition reads; nothing for an action that can happen after all."""
        inside = self.end.inside
        if not doing.action:
            assert doing.actor is not None
            number, position = self.stuck[doing.actor]
            self.reader.resumed(number, position, self.end.snapshot, inside)
            return set(self.reader.read)
        useful = self._useful(self._action(doing), doing, self.end.snapshot)
        return set() if useful else set(self.reader.read)

    def _action(self, doing: Doing) -> Action:
        return next(each for each in self.world.actions if each.name == doing.action)

    def _place(self, doing: Doing) -> tuple[str, str]:
        if doing.action:
            action = self._action(doing)
            return f"{shown_path(action.file)}:{action.line}", ""
        assert doing.actor is not None
        file, line = self.stuck[doing.actor][1].place
        return f"{shown_path(file)}:{line}", linecache.getline(file, line).strip().removesuffix(":")

    def _enders(self) -> dict[tuple[int, object], dict[Doing, None]]:
        """Who has been seen to give which value to a cell that somebody waits for."""
        if self.enders is None:
            self.enders = {}
            cells = {cell for member in self.stuck for cell in self._reads(Doing(member))}
            for node, edge in sampled(self.world, SAMPLE):
                for cell in cells:
                    new = edge.result.snapshot[cell]
                    if differs(node.snapshot[cell], new) and differs(new, self.end.snapshot[cell]):
                        event = edge.event
                        action = event.name if event.kind == "action" else ""
                        ender = Doing(event.actor, action, event.arguments if action else ())
                        self.enders.setdefault((cell, new), {})[ender] = None
        return self.enders
