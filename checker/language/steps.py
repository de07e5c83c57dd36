"""What happens: operations, actions, and what may be written in them."""

from __future__ import annotations

import enum
import inspect
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from types import CodeType, FrameType, MethodType
from typing import Any, TypeAlias, TypeVar, cast, overload

from checker.language.context import Disabled, current
from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError, ModelError, TypeRefused, UnsupportedConstruct
from checker.language.index import Index
from checker.language.kinds import order_key
from checker.language.model import Model, declare, refuse_duplicate
from checker.language.reference import SetPlace

T = TypeVar("T")
E = TypeVar("E", bound=enum.Enum)
I = TypeVar("I", bound=Index)  # noqa: E741
F = TypeVar("F", bound=Callable[..., Any])

# What an operation or a sub-operation returns: `-> Steps`, or `-> Steps[Page | None]` with its result's type.
Steps: TypeAlias = Generator[None, None, T]


class Operation(Declaration):
    """A kernel path: a generator function whose `yield`s are where others may run."""

    leading = 2
    leading_names = "the state and the actor"

    def __init__(
        self,
        function: Function,
        names: Mapping[str, object],
        actor: type[Index],
        forever: bool = False,
        replaces: Operation | None = None,
    ) -> None:
        super().__init__(function, names)
        if not inspect.isgeneratorfunction(function):
            raise UnsupportedConstruct(
                f"{self.name} has no `yield`: an operation has steps", advice="an atomic step is an @action"
            ).at_function(function)
        self.actor = actor
        self.forever = forever
        self.replaces = replaces


class SubOperation(Declaration):
    """A sub-operation that may come to call itself, as long as it is on the chain at most `depth` times."""

    def __init__(self, function: Function, names: Mapping[str, object], depth: int) -> None:
        super().__init__(function, names)
        if not inspect.isgeneratorfunction(function):
            raise UnsupportedConstruct(
                f"{self.name} has no `yield`: a sub-operation has steps",
                advice="a plain function needs no decorator",
            ).at_function(function)
        self.depth = depth

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        chain = _suspended_callers()
        if sum(code is self.function.__code__ for code in chain) >= self.depth:
            raise ModelError(self.too_deep([code.co_name for code in chain]))
        return self.function(*arguments, **keywords)

    def __get__(self, owner: object, kind: type | None = None) -> Any:
        """A record may have it as a method."""
        return self if owner is None else MethodType(self, owner)

    def too_deep(self, callers: Sequence[str]) -> str:
        """What both engines say of a call at the end of that chain, which begins with the operation."""
        return f"{self.name}() is nested more than {self.depth} deep: {' -> '.join([*callers, self.name])}"


def _suspended_callers() -> list[CodeType]:
    """The generators that have called one another, outermost first, up to the one that makes this call."""
    found: list[CodeType] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_flags & inspect.CO_GENERATOR:
        found.append(frame.f_code)
        frame = frame.f_back
    return found[::-1]


class Action(Declaration):
    """One atomic step, open whatever else runs. `actor` is None for a bare @action."""

    def __init__(self, function: Function, names: Mapping[str, object], actor: type[Index] | None) -> None:
        if actor is not None:
            self.leading, self.leading_names = 2, "the state and the actor"
        super().__init__(function, names)
        if inspect.isgeneratorfunction(function):
            raise UnsupportedConstruct(
                f"{self.name} has a `yield`: an action is one atomic step", advice="make it an @operation"
            ).at_function(function)
        self.actor = actor


class Enabled(Declaration):
    """Must hold for any block of an operation of that kind of actor."""

    leading = 2
    leading_names = "the state and the actor"

    def __init__(self, function: Function, names: Mapping[str, object], actor: type[Index]) -> None:
        super().__init__(function, names)
        self.actor = actor


class Lane(Enabled):
    """The Index member in whose column an actor's steps are shown."""


def _actor(kind: object, what: str) -> type[Index]:
    if isinstance(kind, type) and issubclass(kind, Index):
        return kind
    raise CheckerError(f"@{what} takes the Index of its actors", advice=f"write @{what}(Cpu)")


def _check_actor(made: Declaration, actor: type[Index] | None) -> None:
    """What is written at the second parameter has to be the Index of the decorator."""
    if actor is None:
        return
    name = list(inspect.signature(made.function).parameters)[1]
    kind = made.annotation(name) if name in made.function.__annotations__ else actor
    if kind is not actor:
        shown = kind.__name__ if isinstance(kind, type) else repr(kind)
        raise TypeRefused(
            f"the actor of {made.name} is a {actor.__name__}, and `{name}` a {shown}",
            advice=f"write `{name}: {actor.__name__}`",
        ).at_function(made.function, name)


def operation(
    actor: type[Index], *, forever: bool = False, replaces: Operation | None = None
) -> Callable[[Function], Operation]:
    """Make a generator function an operation of each member of `actor`. `forever`: it may wait for ever."""
    kind, names = _actor(actor, "operation"), caller_names()
    if replaces is not None and not isinstance(replaces, Operation):
        raise CheckerError(f"replaces={replaces!r} is not an operation")

    def decorate(function: Function) -> Operation:
        made = Operation(function, names, kind, forever, replaces)
        declare(made, _add_operation)
        return made

    return decorate


def suboperation(*, depth: int) -> Callable[[F], F]:
    """Let a sub-operation call itself, also through others: it is on the chain `depth` times at most."""
    names = caller_names()
    if type(depth) is not int or depth < 1:
        raise CheckerError(f"depth={depth!r} is no number of calls", advice="write @suboperation(depth=2)")

    def decorate(function: F) -> F:
        return cast("F", SubOperation(function, names, depth))

    return decorate


def _add_operation(model: Model, made: Declaration) -> None:
    assert isinstance(made, Operation)
    _check_actor(made, made.actor)
    same_name = {other.name: other for other in model.operations if other is not made.replaces}
    refuse_duplicate(made.name, {**same_name}, made)
    model.operations.append(made)


@overload
def action(actor: type[Index]) -> Callable[[Function], Action]: ...
@overload
def action(actor: Function) -> Action: ...
def action(actor: Any = None) -> Any:
    """Make a function an atomic step: `@action(Cpu)` of each member, bare `@action` of nobody."""
    names = caller_names()
    if actor is None:
        raise CheckerError("@action() names no actor", advice="write @action(Cpu), or a bare @action")

    def decorate(function: Function) -> Action:
        made = Action(function, names, kind)
        declare(made, _add_action)
        return made

    kind = actor if isinstance(actor, type) and issubclass(actor, Index) else None
    return decorate if kind is not None else decorate(actor)


def _add_action(model: Model, made: Declaration) -> None:
    assert isinstance(made, Action)
    _check_actor(made, made.actor)
    refuse_duplicate(made.name, {other.name: other for other in model.actions}, made)
    model.actions.append(made)


def enabled(actor: type[Index]) -> Callable[[Function], Enabled]:
    """Mark the condition under which operations of that kind of actor may move."""
    kind, names = _actor(actor, "enabled"), caller_names()

    def decorate(function: Function) -> Enabled:
        made = Enabled(function, names, kind)
        declare(made, _add_enabled)
        return made

    return decorate


def _add_enabled(model: Model, made: Declaration) -> None:
    assert isinstance(made, Enabled)
    _check_actor(made, made.actor)
    model.enabled.append(made)


def lane(actor: type[Index]) -> Callable[[Function], Lane]:
    """Say in whose column the steps of an actor are shown."""
    kind, names = _actor(actor, "lane"), caller_names()

    def decorate(function: Function) -> Lane:
        made = Lane(function, names, kind)
        declare(made, _add_lane)
        return made

    return decorate


def _add_lane(model: Model, made: Declaration) -> None:
    assert isinstance(made, Lane)
    _check_actor(made, made.actor)
    model.lanes.append(made)


# ---- inside a step --------------------------------------------------------------------------------------


def _disable(why: str) -> None:
    if current.written:
        raise ModelError(
            f"{why} after the block has changed the state", advice="put it before the first change"
        )
    raise Disabled


@overload
def choose(candidates: type[I], /) -> I: ...
@overload
def choose(candidates: type[E], /) -> E: ...
@overload
def choose(candidates: Iterable[T], /) -> T: ...
@overload
def choose(first: T, second: T, /, *more: T) -> T: ...
def choose(*candidates: Any) -> Any:
    """One of the candidates; the checker tries each. With none the block does not exist here."""
    if current.chooser is None:
        raise CheckerError("choose() outside an operation, an action or @initial")
    if not candidates:
        raise UnsupportedConstruct("choose() of nothing", advice="name the alternatives")
    values = list(candidates) if len(candidates) != 1 else _candidates(candidates[0])
    if not values:
        _disable("choose() has no candidate")
    value = values[current.chooser.pick(len(values))]
    current.chooser.values.append(value)
    return value


def _candidates(only: Any) -> list[Any]:
    if isinstance(only, set | frozenset | SetPlace):
        return sorted(only, key=order_key)
    if isinstance(only, str | bytes | bool | int | enum.Enum | Index) or not isinstance(only, Iterable):
        raise ModelError(
            f"choose({only!r}): one candidate is no choice",
            advice="give several, or an Index, an Enum, a set, a list or a comprehension",
        )
    return list(only)


def when(condition: bool) -> None:
    """This block exists only where the condition holds."""
    if condition is not True and condition is not False:
        raise ModelError(f"when({condition!r}) takes a bool")
    if not condition:
        _disable("when() fails")


def running(actor: Index, operation: Operation | None = None) -> bool:
    """Whether an actor is inside an operation (or inside that one)."""
    if current.operation_of is None:
        raise CheckerError("running() is known in operations, actions, @enabled and properties of one state")
    current.asked_running = True
    inside = current.operation_of(actor)
    if operation is None:
        return inside is not None
    while isinstance(inside, Operation) and inside is not operation:
        inside = inside.replaces
    return inside is operation


class any_order(Iterator[T]):
    """`for p in any_order(S)`: every member once, in every order. `todo` is what is left."""

    def __init__(self, values: Iterable[T]) -> None:
        self.todo: tuple[T, ...] = tuple(sorted(set(values), key=order_key))

    def __iter__(self) -> any_order[T]:
        return self

    def __next__(self) -> T:
        if not self.todo:
            raise StopIteration
        if current.chooser is None:
            raise CheckerError("any_order() outside an operation, an action or @initial")
        taken = current.chooser.pick(len(self.todo))
        value = self.todo[taken]
        current.chooser.values.append(value)
        self.todo = self.todo[:taken] + self.todo[taken + 1 :]
        return value


assumed_texts: list[str] = []  # those that the running block has passed; the engines clear it


def assumed(why: str) -> None:
    """This step was not read in the kernel's source but assumed; verdicts that depend on it say so."""
    assumed_texts.append(why)
