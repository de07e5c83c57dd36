"""The registry: everything that is declared about one @state class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checker.language.declaration import Declaration
from checker.language.errors import DuplicateName, TypeRefused, shown_path

if TYPE_CHECKING:
    from checker.language.cost import Comparison, Cost
    from checker.language.locks import Lock
    from checker.language.pairs import Pairs
    from checker.language.properties import Property
    from checker.language.question import Question
    from checker.language.scenario import Scenario
    from checker.language.steps import Action, Enabled, Lane, Operation
    from checker.language.views import View


@dataclass
class Model:
    """A state class and what was declared about it, in order of declaration."""

    state: type
    bounds: type | None = None
    design: type | None = None
    initial: Declaration | None = None
    operations: list[Operation] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    enabled: list[Enabled] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)
    declared_scenarios: dict[str, Scenario] = field(default_factory=dict)
    pairs: dict[str, Pairs] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    costs: dict[str, Cost] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.state.__name__

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """By name; a model without any has one called "default", in which everything may happen."""
        if self.declared_scenarios:
            return self.declared_scenarios
        from checker.language.scenario import default_scenario

        return {"default": default_scenario(self)}

    def replacement(self, operation: Operation) -> Operation:
        """The operation that stands in for this one (`replaces=`), or itself."""
        for other in self.operations:
            if other.replaces is operation:
                return self.replacement(other)
        return operation

    @property
    def current_operations(self) -> list[Operation]:
        """Without those that another one replaces."""
        return [operation for operation in self.operations if self.replacement(operation) is operation]


Adder = Callable[[Model, Declaration], None]
_pending: list[tuple[Declaration, Adder]] = []
_pending_worlds: list[Scenario | Pairs | Question | Comparison] = []
_declarations = 0


def note_declaration() -> None:
    """One more was made: a file that makes none was hardly meant to be loaded."""
    global _declarations
    _declarations += 1


def declare(made: Declaration, add: Adder) -> None:
    """Enter a declaration into its model, later: the names in its annotations may not be defined yet."""
    note_declaration()
    _pending.append((made, add))


def declare_world(made: Scenario | Pairs | Question | Comparison) -> None:
    note_declaration()
    _pending_worlds.append(made)


def number_of_declarations() -> int:
    """So many were made up to now, whichever model they are about."""
    return _declarations


def model_of(state: type) -> Model:
    """The model of a @state class. What is wrong with a declaration is said here, once."""
    _settle()
    found = state.__dict__.get("__state__") if isinstance(state, type) else None
    if found is None:
        raise TypeRefused(f"{state!r} is not a @state class")
    assert isinstance(found, Model)
    return found


def declared_states() -> list[type]:
    """The state classes that something was declared about, in order; to find the model of a loaded file."""
    _settle()
    return list(_states)


_states: list[type] = []


def _settle() -> None:
    while _pending:
        made, add = _pending.pop(0)
        state = made.state
        if state not in _states:
            _states.append(state)
        add(state.__dict__["__state__"], made)
    while _pending_worlds:
        world = _pending_worlds.pop(0)
        world.enter(world.state_class().__dict__["__state__"])


def refuse_duplicate(name: str, known: dict[str, Declaration], made: Declaration) -> None:
    """Two declarations of one kind must have different names."""
    other = known.get(name)
    if other is not None:
        raise DuplicateName(
            f"there are two declarations `{name}`: the other one is at {shown_path(other.file)}:{other.line}"
        ).at_function(made.function)
