"""Scenario: a named, closed little world: its bounds, its initial state, and who runs what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.language.bounds import checked_values
from checker.language.declaration import Declaration, Function
from checker.language.errors import (
    CheckerError,
    DuplicateName,
    TypeRefused,
    WrongActor,
    declared_here,
)
from checker.language.index import Index, IndexMeta
from checker.language.model import Model, declare_world
from checker.language.state import Initial
from checker.language.steps import Action, Operation

Who = Index | type[Index]
Assignments = Mapping[Any, Sequence[Operation]]


class Scenario:
    """`runs`: started any number of times. `once`: at most once each. `actions`: None for all of the model's.

    `symmetric`: indexes whose members nothing in this scenario tells apart, though the model may.
    `default=False`: only checked when asked for by name. `listed=False`: not entered into the model.
    """

    def __init__(
        self,
        name: str,
        description: str = "",
        *,
        runs: Assignments | None = None,
        once: Assignments | None = None,
        actions: Sequence[Action] | None = None,
        initial: Initial | Function | None = None,
        bounds: Mapping[str, int] | None = None,
        design: Mapping[str, object] | None = None,
        state: type | None = None,
        symmetric: Sequence[type[Index]] = (),
        default: bool = True,
        listed: bool = True,
    ) -> None:
        self.name = name
        self.description = description
        self.place = declared_here()
        self.runs = {who: _listed(operations) for who, operations in (runs or {}).items()}
        self.once = {who: _listed(operations) for who, operations in (once or {}).items()}
        self.actions = None if actions is None else list(actions)
        self.initial = (
            initial if isinstance(initial, Declaration) or initial is None else Initial(initial, {})
        )
        self.bounds = dict(bounds or {})
        self.design = dict(design or {})
        self.state = state
        self.symmetric = tuple(symmetric)
        self.default = default
        for index in self.symmetric:
            if not isinstance(index, IndexMeta):
                raise CheckerError(f"scenario {name}: symmetric={index!r} is not an Index")
        for who, operations in [*self.runs.items(), *self.once.items()]:
            self._check_assignment(who, operations)
        for made in self.actions or []:
            if not isinstance(made, Action):
                raise CheckerError(f"scenario {name}: {made!r} is not an @action")
        if listed:
            declare_world(self)

    def __repr__(self) -> str:
        return f"<scenario {self.name}>"

    def _check_assignment(self, who: object, operations: object) -> None:
        index = who if isinstance(who, IndexMeta) else type(who)
        if not (isinstance(index, type) and issubclass(index, Index)):
            raise CheckerError(f"scenario {self.name}: {who!r} is neither an Index nor a member of one")
        if not isinstance(operations, list):
            raise CheckerError(
                f"scenario {self.name}: {operations!r} is not a list of operations",
                advice=f"write runs={{{index.__name__}: [{operations!r}]}}",
            )
        for operation in operations:
            if not isinstance(operation, Operation):
                raise CheckerError(f"scenario {self.name}: {operation!r} is not an @operation")
            if operation.actor is not index:
                raise WrongActor(
                    f"scenario {self.name}: {operation.name} is an operation of {operation.actor.__name__}, "
                    f"not of {index.__name__}"
                )

    def state_class(self) -> type:
        """The state that this scenario is about."""
        if self.state is not None:
            return self.state
        everything: list[Declaration] = [
            op for given in (self.runs, self.once) for ops in given.values() for op in ops
        ]
        everything += self.actions or []
        everything += [self.initial] if self.initial is not None else []
        if not everything:
            raise TypeRefused(
                f"scenario {self.name}: give state=..., as it names no operation and no action"
            ).at(self.place)
        return everything[0].state

    def enter(self, model: Model) -> None:
        """Under its name."""
        if self.name in model.declared_scenarios:
            raise DuplicateName(f"there are two scenarios `{self.name}`").at(self.place)
        self.check()
        model.declared_scenarios[self.name] = self

    def check(self) -> None:
        """Names of bounds and switches, once the model is known."""
        model: Model = self.state_class().__dict__["__state__"]
        try:
            checked_values(model.bounds, self.bounds)
            checked_values(model.design, self.design)
        except CheckerError as problem:
            raise type(problem)(f"scenario {self.name}: {problem.text}").at(self.place) from None


def _listed(operations: Any) -> list[Operation]:
    """Whatever else was given is left as it is, for the check to say so."""
    given: list[Operation] = list(operations) if isinstance(operations, Iterable) else operations
    return given


def default_scenario(model: Model) -> Scenario:
    """Every actor runs every operation, and every action happens."""
    runs: dict[Any, list[Operation]] = {}
    for operation in model.current_operations:
        runs.setdefault(operation.actor, []).append(operation)
    made = Scenario.__new__(Scenario)
    made.name, made.description = "default", "every actor runs every operation, and every action happens"
    made.runs, made.once, made.actions = runs, {}, None
    made.initial, made.bounds, made.design = None, {}, {}
    made.state, made.symmetric, made.default, made.place = model.state, (), True, None
    return made
