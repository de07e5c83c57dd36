"""Properties: plain predicates over the state, one claim each."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError, DuplicateName, did_you_mean
from checker.language.model import Model, declare, refuse_duplicate
from checker.language.saying import refuse_unknown_names

INVARIANT, STEP, REACHABLE, ALWAYS_POSSIBLE = "invariant", "step", "reachable", "always possible"
DEADLOCK = "deadlock"  # the name of the property that every model has

RUNGS = ("architectural", "speculative", "latent", "user")
SEVERITIES = ("corruption", "fault", "leak", "speculative leak", "deadlock", "lost memory", "cost")


class Property(Declaration):
    """A predicate; `kind` is one of the four above. A step invariant takes the states before and after."""

    def __init__(
        self,
        function: Function,
        names: Mapping[str, object],
        kind: str,
        *,
        witness: Declaration | Function | None = None,
        rung: str | None = None,
        severity: str | None = None,
        scenarios: Sequence[Any] | None = None,
        says: str | None = None,
    ) -> None:
        self.kind = kind
        if kind == STEP:
            self.leading, self.leading_names = 2, "the states before and after"
        super().__init__(function, names)
        self._refuse_more_parameters()
        self.witness = self._predicate(witness)
        self.rung = _one_of(rung, RUNGS, "rung", function)
        self.severity = _one_of(severity, SEVERITIES, "severity", function)
        self.scenarios = scenarios
        self.says = says

    def what(self) -> str:
        return f"what @{self.decorator} stands above"

    @property
    def decorator(self) -> str:
        return {STEP: "step_invariant", ALWAYS_POSSIBLE: "always_possible"}.get(self.kind, self.kind)

    def _refuse_more_parameters(self) -> None:
        parameters = list(inspect.signature(self.function).parameters)
        if len(parameters) > self.leading:
            step = "; @step_invariant takes the states before and after" if self.leading == 1 else ""
            raise CheckerError(
                f"@{self.decorator} takes {self.leading_names} only: nothing is given for "
                f"`{parameters[self.leading]}`",
                advice=f"go through an Index with any(...) or all(...){step}",
            ).at_function(self.function, parameters[self.leading])

    def _predicate(self, witness: Any) -> Any:
        if witness is not None and not isinstance(witness, Declaration) and not inspect.isfunction(witness):
            raise CheckerError(
                f"witness={witness!r} is not a predicate", advice="give the function itself, not its name"
            ).at_function(self.function)
        return witness

    @functools.cached_property
    def companion(self) -> Property | None:
        """The witness as a property: somewhere it must hold, or this one was not exercised."""
        if self.witness is None or isinstance(self.witness, Property):
            return self.witness
        function = self.witness.function if isinstance(self.witness, Declaration) else self.witness
        return Property(function, self.names, REACHABLE)


def _one_of(value: str | None, known: tuple[str, ...], what: str, function: Function) -> str | None:
    if value is not None and value not in known:
        raise CheckerError(
            f"there is no {what} {value!r}{did_you_mean(value, known)}", advice="one of: " + ", ".join(known)
        ).at_function(function)
    return value


def _decorator(kind: str, function: Function | None, keywords: dict[str, Any]) -> Any:
    names = caller_names(3)
    known = list(inspect.signature(Property).parameters)[3:]
    for name in keywords:
        if name not in known:
            near = did_you_mean(name, known)
            raise CheckerError(f"a property has no `{name}`{near}", advice=f"it has {', '.join(known)}")

    def decorate(target: Function) -> Property:
        made = Property(target, names, kind, **keywords)
        declare(made, _add)
        return made

    return decorate if function is None else decorate(function)


def _add(model: Model, made: Declaration) -> None:
    assert isinstance(made, Property)
    if made.name == DEADLOCK:
        raise DuplicateName(
            f"every model has a property `{DEADLOCK}` already", advice="give this one another name"
        ).at_function(made.function)
    refuse_duplicate(made.name, {**model.properties}, made)
    refuse_unknown_names(made)  # only now: the file may define them further down
    model.properties[made.name] = made


Decorator = Callable[[Function], Property]


@overload
def invariant(function: Function, /) -> Property: ...
@overload
def invariant(
    *,
    witness: Declaration | Function | None = None,
    rung: str | None = None,
    severity: str | None = None,
    scenarios: Sequence[Any] | None = None,
    says: str | None = None,
) -> Decorator: ...
def invariant(function: Function | None = None, /, **keywords: Any) -> Any:
    """Holds in every reachable state. `witness`: must hold somewhere, or this one means little."""
    return _decorator(INVARIANT, function, keywords)


@overload
def step_invariant(function: Function, /) -> Property: ...
@overload
def step_invariant(
    *,
    rung: str | None = None,
    severity: str | None = None,
    scenarios: Sequence[Any] | None = None,
    says: str | None = None,
) -> Decorator: ...
def step_invariant(function: Function | None = None, /, **keywords: Any) -> Any:
    """Holds of the states before and after every step."""
    return _decorator(STEP, function, keywords)


@overload
def reachable(function: Function, /) -> Property: ...
@overload
def reachable(*, scenarios: Sequence[Any] | None = None, says: str | None = None) -> Decorator: ...
def reachable(function: Function | None = None, /, **keywords: Any) -> Any:
    """Holds in some reachable state."""
    return _decorator(REACHABLE, function, keywords)


@overload
def always_possible(function: Function, /) -> Property: ...
@overload
def always_possible(
    *,
    rung: str | None = None,
    severity: str | None = None,
    scenarios: Sequence[Any] | None = None,
    says: str | None = None,
) -> Decorator: ...
def always_possible(function: Function | None = None, /, **keywords: Any) -> Any:
    """From every reachable state, some state in which it holds can still be reached."""
    return _decorator(ALWAYS_POSSIBLE, function, keywords)
