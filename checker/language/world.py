"""World: one model with everything chosen: bounds, switches, scenario. `with world:` puts it in force."""

from __future__ import annotations

import enum
import functools
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from checker.language.bounds import checked_values, defaults_of
from checker.language.context import ActiveWorld, Chooser, Disabled, current, world_in_force
from checker.language.declaration import Declaration
from checker.language.errors import CheckerError, ModelError, TypeRefused, UnknownName, did_you_mean
from checker.language.index import Index
from checker.language.model import Model, model_of
from checker.language.patches import design_values
from checker.language.place import ArrayNode, Node, RecordNode, Store, node_of
from checker.language.scenario import Scenario
from checker.language.steps import Action, Operation
from checker.language.types import Type, members, resolve

Snapshot = tuple[Any, ...]
M = TypeVar("M")
MOST_MEMBERS = 1 << 16  # of an Index
MOST_FIELDS = 1_000_000  # of a state, far beyond what can be searched
MOST_ARGUMENTS = 1 << 20  # combinations that an operation may be started with


@dataclass(frozen=True)
class Cell:
    """A leaf of the state. `steps`: a field's name, or the member of a subscript, from the root."""

    path: str
    type: Type
    steps: tuple[str | Index | enum.Enum, ...]


@dataclass(frozen=True)
class Actor:
    """A member that runs operations: those it may start again and again, and those at most once."""

    member: Index
    operations: tuple[Operation, ...]
    once: tuple[Operation, ...]

    @property
    def all_operations(self) -> tuple[Operation, ...]:
        return tuple(dict.fromkeys((*self.operations, *self.once)))


class World:
    """Given values win over the scenario's, those over the preset's, those over the defaults."""

    def __init__(
        self,
        model: Model | type,
        scenario: Scenario | str = "default",
        bounds: Mapping[str, int] | None = None,
        design: Mapping[str, object] | None = None,
        preset: str | None = None,
        variants: Mapping[Operation, Operation] | None = None,
        remark: str = "",
    ) -> None:
        self.model = model_of(model if isinstance(model, type) else model.state)
        self.scenario = _scenario(self.model, scenario)
        given_bounds = {**self.scenario.bounds, **(bounds or {})}
        given_design = {**self.scenario.design, **(design or {})}
        self.bounds: Mapping[str, int] = {
            **defaults_of(self.model.bounds),
            **checked_values(self.model.bounds, given_bounds),
        }
        self.design: Mapping[str, object] = {
            **defaults_of(self.model.design),
            **design_values(self.model.design, preset),
            **checked_values(self.model.design, given_design),
        }
        self.variants = dict(variants or {})  # operations that stand in for the model's own in this world
        self.remark = remark  # what verdicts say of them
        self.switches_read: set[str] = set()  # by the model; nothing else of the design can have had a part
        self._sizes: dict[type[Index], int] = {}
        self._members: dict[type, list[Any]] = {}
        self._before: list[ActiveWorld | None] = []
        self._parameters: dict[Declaration, dict[str, Type]] = {}

    def __enter__(self) -> World:
        self._before.append(current.world)
        current.world = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        current.world = self._before.pop()

    def __repr__(self) -> str:
        return f"<world of {self.model.name}: {self.scenario.name}>"

    def switch(self, name: str) -> object:
        """The value of a switch, for the model that reads it."""
        self.switches_read.add(name)
        return self.design[name]

    # ---- sizes and layout -------------------------------------------------------------------------------

    def size(self, index: type) -> int:
        """How many members an index has, or an Enum."""
        if issubclass(index, enum.Enum):
            return len(index)
        assert issubclass(index, Index)
        if index not in self._sizes:
            self._sizes[index] = self._size(index)
        return self._sizes[index]

    def members(self, index: type[M]) -> list[M]:
        """The members of an index, in order."""
        if index not in self._members:
            self._members[index] = [index[number] for number in range(self.size(index))]  # type: ignore[index]
        return self._members[index]

    def _size(self, index: type[Index]) -> int:
        each = index.info.each
        if isinstance(each, str):
            if each not in self.bounds:
                near = did_you_mean(each, self.bounds)
                raise UnknownName(
                    f"class {index.__name__}(size={each!r}): there is no such bound{near}",
                    advice="give a number, or make it a field of the @bounds class of the @state",
                ).at(index.info.place)
            each = self.bounds[each]
        members = each if index.info.outer is None else each * self.size(index.info.outer)
        if members > MOST_MEMBERS:
            raise TypeRefused(
                f"{index.__name__} has {members:,} members",
                advice=f"an Index has at most {MOST_MEMBERS:,}: every state holds all of them",
            ).at(index.info.place)
        return members

    @functools.cached_property
    def state_type(self) -> Type:
        """The state class as a resolved RecordType."""
        return self.node.type

    @functools.cached_property
    def node(self) -> Node:
        """The layout of the state. A bound that is a slip, or a hostile file's, is not to fill the memory."""
        with self:
            node = _layout(self.model.state, tuple(sorted(self.bounds.items())))
        if node.size > MOST_FIELDS:
            bounds = ", ".join(f"{name}={value}" for name, value in self.bounds.items())
            raise CheckerError(
                f"with {bounds} a state has more than {MOST_FIELDS:,} fields",
                advice="take smaller bounds",
            )
        return node

    @functools.cached_property
    def cells(self) -> list[Cell]:
        """The leaves of the state, in the order of a snapshot."""
        with self:
            return list(_cells(self.node, "", ()))

    # ---- states -----------------------------------------------------------------------------------------

    def new_store(self) -> Store:
        """A store with every field at its default."""
        with self:
            return Store(self.node.initial())

    def new_state(self) -> Any:
        """A state with every field at its default, to be run on."""
        return self.state_of(self.new_store())

    def state_of(self, store: Store) -> Any:
        """The root reference into a store."""
        return self.node.slot(store, 0)

    def view(self, snapshot: Snapshot) -> Any:
        """A state for predicates: read-only."""
        return self.state_of(Store(list(snapshot), read_only=True))

    @property
    def initial(self) -> Declaration | None:
        """The function that sets the state up."""
        return self.scenario.initial or self.model.initial

    def initial_states(self) -> list[Snapshot]:
        """Every state that the initial function can set up, in the order of its choices, without repeats.

        Found once: a mutant of a function that the initial one calls too starts as the model does.
        """
        return self._initial_states

    @functools.cached_property
    def _initial_states(self) -> list[Snapshot]:
        found: dict[Snapshot, None] = {}
        vector: tuple[int, ...] | None = ()
        with self:
            while vector is not None:
                store, chooser = self.new_store(), Chooser(vector)
                current.chooser, current.written = chooser, False
                try:
                    if self.initial is not None:
                        self.initial(self.state_of(store))
                    found[tuple(store.cells)] = None
                except Disabled:
                    pass
                finally:
                    current.chooser = None
                vector = chooser.next_vector()
        if not found:
            raise ModelError(f"{self.initial} sets up no state: all its choices are disabled")
        return list(found)

    # ---- who does what ----------------------------------------------------------------------------------

    @functools.cached_property
    def actors(self) -> list[Actor]:
        """The members that run something: by index in the order of the scenario, then by number."""
        runs: dict[Index, list[Operation]] = {}
        once: dict[Index, list[Operation]] = {}
        kinds: dict[type[Index], None] = {}
        for given, into in ((self.scenario.runs, runs), (self.scenario.once, once)):
            for who, operations in given.items():
                kinds[who if isinstance(who, type) else type(who)] = None
                for member in self._members_of(who):
                    into.setdefault(member, []).extend(map(self._current, operations))
        everyone = [kind[number] for kind in kinds for number in range(self.size(kind))]
        return [
            Actor(
                member, tuple(dict.fromkeys(runs.get(member, ()))), tuple(dict.fromkeys(once.get(member, ())))
            )
            for member in everyone
            if runs.get(member) or once.get(member)
        ]

    def _current(self, operation: Operation) -> Operation:
        operation = self.model.replacement(operation)
        return self.variants.get(operation, operation)

    def _members_of(self, who: Index | type[Index]) -> list[Index]:
        if isinstance(who, type):
            return [who[number] for number in range(self.size(who))]
        if who.number >= self.size(type(who)):
            raise CheckerError(
                f"scenario {self.scenario.name}: {who!r} is out of range, there are {self.size(type(who))}"
            ).at(self.scenario.place)
        return [who]

    @functools.cached_property
    def operations(self) -> list[Operation]:
        """Every operation that some actor may start."""
        return list(dict.fromkeys(op for actor in self.actors for op in actor.all_operations))

    @functools.cached_property
    def actions(self) -> list[Action]:
        """Every action that may happen."""
        given = self.scenario.actions
        return list(self.model.actions if given is None else given)

    def parameters(self, declaration: Declaration) -> dict[str, Type]:
        """`declaration.parameters`, remembered."""
        if declaration not in self._parameters:
            with self:
                self._parameters[declaration] = declaration.parameters
        return self._parameters[declaration]


@functools.lru_cache(maxsize=256)
def _layout(state: type, bounds: tuple[tuple[str, int], ...]) -> Node:
    """The same for every design and scenario."""
    return node_of(resolve(state, dict(bounds)), world_in_force().size)


def _scenario(model: Model, scenario: Scenario | str) -> Scenario:
    if isinstance(scenario, Scenario):
        scenario.check()
        return scenario
    if scenario not in model.scenarios:
        raise UnknownName(f"there is no scenario `{scenario}`{did_you_mean(scenario, model.scenarios)}")
    return model.scenarios[scenario]


def _cells(node: Node, path: str, steps: tuple[str | Index | enum.Enum, ...]) -> Iterator[Cell]:
    if isinstance(node, RecordNode):
        for name, (field, _) in node.fields.items():
            yield from _cells(field, f"{path}.{name}" if path else name, (*steps, name))
    elif isinstance(node, ArrayNode):
        for number in range(node.count):
            key = node.key(number)
            name = key.name if isinstance(key, enum.Enum) else str(number)
            yield from _cells(node.element, f"{path}[{name}]", (*steps, key))
    else:
        yield Cell(path, node.type, steps)


def arguments(declaration: Declaration, world: World) -> list[tuple[Any, ...]]:
    """Every combination of arguments, in order: the first parameter varies slowest."""
    with world:
        return list(itertools.product(*argument_values(declaration, world)))


def argument_values(declaration: Declaration, world: World) -> list[list[Any]]:
    """The values of each parameter, as all of them are tried; refused where there are too many."""
    try:
        values = [members(of) for of in world.parameters(declaration).values()]
        combinations = math.prod(map(len, values))
        if combinations > MOST_ARGUMENTS:
            raise TypeRefused(
                f"{declaration.name} has {combinations:,} combinations of arguments, and all are tried",
                advice=f"narrow its parameters: there may be at most {MOST_ARGUMENTS:,}",
            )
    except TypeRefused as problem:
        raise problem.at_function(declaration.function) from None
    return values
