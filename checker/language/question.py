"""Question: which of several designs keeps which claims; answered by searches, not by the one who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checker.language.bounds import checked_values
from checker.language.errors import CheckerError, did_you_mean
from checker.language.model import Model, declare_world
from checker.language.patches import design_values
from checker.language.scenario import Scenario


class Question:
    """`alternatives`: by name, the switches of each; all else is as in `design`. `properties`: by name,
    as they may be declared later. `scenarios`: where each property is checked. `source`: who asks.
    """

    def __init__(
        self,
        text: str,
        *,
        alternatives: Mapping[str, Mapping[str, object]],
        properties: Sequence[str],
        scenarios: Sequence[Scenario | str],
        state: type,
        design: str | None = None,
        source: str = "",
    ) -> None:
        self.text = text
        self.alternatives = {name: dict(values) for name, values in alternatives.items()}
        self.properties = tuple(properties)
        self.scenarios = tuple(each if isinstance(each, str) else each.name for each in scenarios)
        self.state = state
        self.design = design
        self.source = source
        for what in ("alternatives", "properties", "scenarios"):
            if not getattr(self, what):
                raise CheckerError(f"question {text!r}: it has no {what}")
        declare_world(self)

    def __repr__(self) -> str:
        return f"<question {self.text}>"

    def state_class(self) -> type:
        return self.state

    def enter(self, model: Model) -> None:
        try:
            design_values(model.design, self.design)
            for values in self.alternatives.values():
                checked_values(model.design, values)
        except CheckerError as problem:
            raise type(problem)(f"question {self.text!r}: {problem.text}") from None
        model.questions.append(self)

    def check(self, model: Model) -> None:
        """The names of scenarios and properties, once everything is loaded."""
        known_scenarios, known = list(model.scenarios), list(model.properties)
        for name in self.scenarios:
            if name not in known_scenarios:
                near = did_you_mean(name, known_scenarios)
                raise CheckerError(f"question {self.text!r}: there is no scenario `{name}`{near}")
        for name in self.properties:
            if name.replace("-", "_") not in known and name != "deadlock":
                near = did_you_mean(name, known)
                raise CheckerError(f"question {self.text!r}: there is no property `{name}`{near}")
