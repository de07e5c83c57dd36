"""Pairs: a small world into which any two operations can be put, to see what they do to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.language.declaration import Function
from checker.language.errors import CheckerError, DuplicateName
from checker.language.index import Index
from checker.language.model import Model, declare_world
from checker.language.scenario import Assignments, Scenario
from checker.language.state import Initial
from checker.language.steps import Action, Operation


class Pairs:
    """`between`: the two actors that run one operation each, any number of times.

    `only`: the operations of an actor that cannot run all of its kind; those of a file on top of the model,
    which the list cannot name, are tried all the same. `besides`: what is run whichever the two are. Worlds
    of one `family` are tried in the order in which they are declared, the smallest first, until one will do;
    each family is tried. `instead_of`: only for pairs whose search in that world of the family was cut off.
    """

    def __init__(
        self,
        name: str,
        description: str = "",
        *,
        between: tuple[Index, Index],
        family: str = "",
        instead_of: str = "",
        only: Assignments | None = None,
        besides: Assignments | None = None,
        actions: Sequence[Action] | None = None,
        initial: Initial | Function | None = None,
        bounds: Mapping[str, int] | None = None,
        design: Mapping[str, object] | None = None,
        state: type | None = None,
    ) -> None:
        self.name = name
        self.description = description
        self.family = family
        self.instead_of = instead_of
        self.between = _two_members(name, between)
        self.only = {who: list(operations) for who, operations in (only or {}).items()}
        self.besides = {who: list(operations) for who, operations in (besides or {}).items()}
        self._rest: dict[str, Any] = {
            "actions": actions,
            "initial": initial,
            "bounds": bounds,
            "design": design,
            "state": state,
        }
        self.scenario(self.only)  # refuses what is no world
        declare_world(self)

    def __repr__(self) -> str:
        return f"<pairs {self.name}>"

    def scenario(self, given: Mapping[Index, Sequence[Operation]], name: str = "") -> Scenario:
        """This world, with these operations for the two actors."""
        runs: dict[Any, list[Operation]] = {who: list(known) for who, known in self.besides.items()}
        for member, operations in given.items():
            runs.setdefault(member, []).extend(operations)
        name = name or f"{self.name} (Pairs)"
        return Scenario(name, self.description, runs=runs, listed=False, **self._rest)

    def may_run(self, member: Index, operation: Operation, model: Model) -> bool:
        """Whether an actor can run an operation here."""
        if operation.actor is not type(member):
            return False
        only = self.only.get(member)
        if only is None or operation in [model.replacement(each) for each in only]:
            return True
        homes = {_package(model.state)} | {_package(each) for each in only}
        return _package(_first_of(operation)) not in homes

    def state_class(self) -> type:
        return self.scenario(self.only).state_class()

    def enter(self, model: Model) -> None:
        if self.name in model.pairs:
            raise DuplicateName(f"there are two Pairs `{self.name}`")
        self.scenario(self.only).check()
        replaced = model.pairs.get(self.instead_of)
        if self.instead_of and (replaced is None or replaced.family != self.family):
            raise CheckerError(
                f"Pairs {self.name}: instead_of={self.instead_of!r} is no world of its family before it"
            )
        model.pairs[self.name] = self


def _first_of(operation: Operation) -> Operation:
    """What it replaces, if it does: a list that leaves that out speaks of it too."""
    return operation if operation.replaces is None else _first_of(operation.replaces)


def _package(declared: Operation | type) -> str:
    return declared.__module__.partition(".")[0]


def _two_members(name: str, between: object) -> tuple[Index, Index]:
    if (
        isinstance(between, tuple)
        and len(between) == 2
        and all(isinstance(member, Index) for member in between)
        and (type(between[0]), between[0].number) != (type(between[1]), between[1].number)
    ):
        return between
    raise CheckerError(
        f"Pairs {name}: between={between!r} are not two actors", advice="write between=(Task[0], Task[1])"
    )


def default_pairs(model: Model, sizes: Mapping[type[Index], int]) -> list[Pairs]:
    """For a model that declares none: the first actors of each kind, everything else at its default."""
    kinds = list(dict.fromkeys(operation.actor for operation in model.current_operations))
    found = []
    for number, kind in enumerate(kinds):
        for other in kinds[number:]:
            if kind is not other or sizes[kind] > 1:
                made = Pairs.__new__(Pairs)
                made.name, made.description = f"{kind.__name__}-{other.__name__}".lower(), ""
                made.family = made.instead_of = ""
                made.between = kind[0], other[1 if kind is other else 0]
                made.only, made.besides, made._rest = {}, {}, {"state": model.state}
                found.append(made)
    return found
