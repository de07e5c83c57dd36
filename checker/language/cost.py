"""Costs: what each step takes, as a number; and comparisons of what several designs cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from checker.language.bounds import checked_values
from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError, did_you_mean
from checker.language.model import Model, declare, declare_world, refuse_duplicate
from checker.language.patches import design_values
from checker.language.scenario import Scenario


class Cost(Declaration):
    """A function of the states before and after a step, to a number that is not negative. `per`: the costs
    that it is divided by, such as what is done with what is paid.
    """

    leading, leading_names = 2, "the states before and after"

    def __init__(self, function: Function, names: Mapping[str, object], per: Sequence[Cost] = ()) -> None:
        super().__init__(function, names)
        for each in per:
            if not isinstance(each, Cost):
                raise CheckerError(f"@cost(per=...) takes other costs, not {each!r}").at_function(function)
        self.per = tuple(per)


Decorator = Callable[[Function], Cost]


@overload
def cost(function: Function, /) -> Cost: ...
@overload
def cost(*, per: Cost | Sequence[Cost] = ()) -> Decorator: ...
def cost(function: Function | None = None, /, *, per: Cost | Sequence[Cost] = ()) -> Any:
    """How much a step costs. `per`: what it is paid for, another cost, or several."""
    names = caller_names()
    units = (per,) if isinstance(per, Declaration) else tuple(per)

    def decorate(target: Function) -> Cost:
        made = Cost(target, names, units)
        declare(made, _add)
        return made

    return decorate if function is None else decorate(function)


def _add(model: Model, made: Declaration) -> None:
    assert isinstance(made, Cost)
    refuse_duplicate(made.name, {**model.costs}, made)
    for each in made.per:
        if each.state is not made.state:
            raise CheckerError(f"{made.name}: {each.name} is about another state").at_function(made.function)
    model.costs[made.name] = made


class Comparison:
    """What several designs cost in the same scenarios. `alternatives`: by name, the switches of each; all
    else is as in `design`. `beside`: by alternative, what was measured or claimed elsewhere, to be printed
    beside the counts; nothing is computed from it. `source`: where that stands.
    """

    def __init__(
        self,
        text: str,
        *,
        alternatives: Mapping[str, Mapping[str, object]],
        scenarios: Sequence[Scenario | str],
        state: type,
        costs: Sequence[Cost] = (),
        design: str | None = None,
        beside: Mapping[str, str] | None = None,
        source: str = "",
    ) -> None:
        self.text = text
        self.alternatives = {name: dict(values) for name, values in alternatives.items()}
        self.scenarios = tuple(each if isinstance(each, str) else each.name for each in scenarios)
        self.state = state
        self.costs = tuple(costs)
        self.design = design
        self.beside = dict(beside or {})
        self.source = source
        for what in ("alternatives", "scenarios"):
            if not getattr(self, what):
                raise CheckerError(f"comparison {text!r}: it has no {what}")
        for name in self.beside:
            if name not in self.alternatives:
                near = did_you_mean(name, list(self.alternatives))
                raise CheckerError(f"comparison {text!r}: there is no alternative `{name}`{near}")
        declare_world(self)

    def __repr__(self) -> str:
        return f"<comparison {self.text}>"

    def state_class(self) -> type:
        return self.state

    def enter(self, model: Model) -> None:
        try:
            design_values(model.design, self.design)
            for values in self.alternatives.values():
                checked_values(model.design, values)
        except CheckerError as problem:
            raise type(problem)(f"comparison {self.text!r}: {problem.text}") from None
        model.comparisons.append(self)

    def check(self, model: Model) -> None:
        """The names of scenarios, once everything is loaded."""
        for name in self.scenarios:
            if name not in model.scenarios:
                near = did_you_mean(name, list(model.scenarios))
                raise CheckerError(f"comparison {self.text!r}: there is no scenario `{name}`{near}")
