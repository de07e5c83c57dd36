"""Costs: what each step takes, as a number; and comparisons of what several designs cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from checker.language.alternatives import Alternatives
from checker.language.declaration import Declaration, Function, caller_names
from checker.language.errors import CheckerError
from checker.language.model import Model, declare, declare_world, refuse_duplicate
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


class Comparison(Alternatives):
    """What several designs cost in the same scenarios. `alternatives`: by name, the switches of each; all
    else is as in `design`. `beside`: by alternative, what was measured or claimed elsewhere, to be printed
    beside the counts; nothing is computed from it. `source`: where that stands.
    """

    kind = "comparison"

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
        self.costs = tuple(costs)
        self.beside = dict(beside or {})
        super().__init__(text, alternatives, scenarios, state, design, source)
        for name in self.beside:
            self._must_be_known("alternative", name, list(self.alternatives))
        declare_world(self)

    def enter(self, model: Model) -> None:
        super().enter(model)
        model.comparisons.append(self)
