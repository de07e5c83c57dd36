"""The graph of a whole search, with what each transition costs: as either engine collects it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from checker.engines.successors import Node
from checker.language.index import Index


@dataclass(frozen=True)
class Label:
    """What is known of a transition besides its two states. `actor`: None for hardware. `ends`: the actor is
    in no operation afterwards.
    """

    actor: Index | None
    operation: str
    starts: bool
    ends: bool
    paid: tuple[int, ...]


@dataclass(frozen=True)
class CostGraph:
    """The transitions of state i are `first[i]` to `first[i + 1] - 1`; the initial states come first.
    `cut`: asserts and model errors that end paths.
    """

    initial: int
    first: Sequence[int]
    to: Sequence[int]
    label: Sequence[int]
    labels: Sequence[Label]
    cut: Sequence[str] = ()

    @property
    def states(self) -> int:
        return len(self.first) - 1

    @property
    def transitions(self) -> int:
        return len(self.to)


class GraphBuilder:
    """Takes the transitions state by state; each label is kept once."""

    def __init__(self) -> None:
        self.first, self.to, self.label = array("L", [0]), array("L"), array("L")
        self.labels: dict[Label, int] = {}

    def add(self, to: int, label: Label) -> None:
        self.to.append(to)
        self.label.append(self.labels.setdefault(label, len(self.labels)))

    def end_state(self) -> None:
        self.first.append(len(self.to))

    def graph(self, initial: int, cut: Sequence[str]) -> CostGraph:
        return CostGraph(initial, self.first, self.to, self.label, list(self.labels), cut)


@dataclass(frozen=True)
class Collected:
    """`graph`: None where a limit ended the search, for the reason `ended`. `keys`: what tells its states
    apart, by their numbers, if that was asked for; `key_of` has it of a state of the python engine.
    """

    states: int
    transitions: int
    graph: CostGraph | None
    ended: str = ""
    keys: Callable[[int], Hashable] | None = None
    key_of: Callable[[Node], Hashable] | None = None


@dataclass(frozen=True)
class Walked:
    """What random walks paid in all."""

    paid: tuple[int, ...]
    steps: int
    walks: int
