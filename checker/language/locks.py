"""@lock: who holds a lock, and which places of the state it covers."""

from __future__ import annotations

import enum
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError, UnknownField, did_you_mean
from checker.language.index import Index
from checker.language.kinds import is_key, members
from checker.language.model import Model, declare, refuse_duplicate
from checker.language.types import EnumType, IndexType
from checker.language.world import World

_PART = re.compile(r"\.?([A-Za-z_]\w*)|\[(\w*)\]")
_WHOLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[\w*\])*")


class Lock(Declaration):
    """A predicate of the state, an actor and perhaps more indexes: does the actor hold that lock?"""

    leading = 2
    leading_names = "the state and the actor"

    def __init__(self, function: Function, names: Mapping[str, object], covers: tuple[str, ...]) -> None:
        super().__init__(function, names)
        self.covers = covers
        known = list(inspect.signature(function).parameters)[1:]
        for place in covers:
            for name in re.findall(r"\[(\w+)\]", place):
                if name not in known:
                    raise CheckerError(
                        f"lock {self.name}: `{name}` in covers={place!r} is no parameter"
                        f"{did_you_mean(name, known)}",
                        advice="write [] for any element, or the name of a parameter",
                    ).at_function(function)

    @property
    def actor(self) -> object:
        """The Index of those who may hold it."""
        return self.annotation(list(inspect.signature(self.function).parameters)[1])


def lock(*, covers: str | Sequence[str]) -> Callable[[Function], Lock]:
    """Say who holds a lock. `covers`: the places below which everything is changed under it, such as
    "zone.free_list", "page[].order" (of every element) or "zone[zone].lists" (of the lock's own parameter).
    """
    names = caller_names()
    places = (covers,) if isinstance(covers, str) else tuple(covers)
    for place in places:
        if not isinstance(place, str) or not _WHOLE.fullmatch(place):
            raise CheckerError(
                f"covers={place!r} is no place",
                advice='write fields and elements: "zone.list", "page[].order"',
            )

    def decorate(function: Function) -> Lock:
        made = Lock(function, names, places)
        declare(made, _add_lock)
        return made

    return decorate


def _add_lock(model: Model, made: Declaration) -> None:
    assert isinstance(made, Lock)
    refuse_duplicate(made.name, {**model.locks}, made)
    model.locks[made.name] = made


@dataclass(frozen=True)
class Held:
    """One lock for one actor: the predicate's arguments, and the cells that are covered while it is held."""

    lock: Lock
    member: Index
    arguments: tuple[Any, ...]
    cells: frozenset[int]


def locks_of(world: World, member: Index) -> list[Held]:
    """Every lock that an actor can hold."""
    found = []
    for made in world.model.locks.values():
        if made.actor is type(member):
            with world:
                parameters = made.parameters
                for name, kind in parameters.items():
                    if not isinstance(kind, IndexType | EnumType):
                        raise CheckerError(
                            f"lock {made.name}: `{name}` must be of an Index or an Enum"
                        ).at_function(made.function)
                values = [members(kind) for kind in parameters.values()]
                for given in itertools.product(*values):
                    names = dict(
                        zip(inspect.signature(made.function).parameters, (None, member, *given), strict=True)
                    )
                    found.append(Held(made, member, given, frozenset(_cells(world, made, names))))
    return found


def _cells(world: World, made: Lock, names: Mapping[str, Any]) -> Iterator[int]:
    for place in made.covers:
        steps = _PART.findall(place)
        covered = [number for number, cell in enumerate(world.cells) if _below(cell.steps, steps, names)]
        if not covered and not any(is_key(names[index]) for _, index in steps if index):
            raise UnknownField(
                f"lock {made.name}: covers={place!r}: the state has no such place",
                advice="give fields from the state on, with [] where an array is indexed",
            ).at_function(made.function)
        yield from covered


def _below(
    path: Sequence[str | Index | enum.Enum], steps: Sequence[tuple[str, str]], names: Mapping[str, Any]
) -> bool:
    """Whether a cell is the place that is written down, or lies below it."""
    if len(path) < len(steps):
        return False
    for step, (field, index) in zip(path, steps, strict=False):
        if not is_key(step):
            if step != field:
                return False
        elif field or (index and names[index] is not step):
            return False
    return True
