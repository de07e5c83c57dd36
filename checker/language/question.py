"""Question: which of several designs keeps which claims; answered by searches, not by the one who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checker.language.alternatives import Alternatives
from checker.language.model import Model, declare_world
from checker.language.scenario import Scenario


class Question(Alternatives):
    """`alternatives`: by name, the switches of each; all else is as in `design`. `properties`: by name,
    as they may be declared later. `scenarios`: where each property is checked. `source`: who asks.
    """

    kind = "question"

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
        self.properties = tuple(properties)
        super().__init__(text, alternatives, scenarios, state, design, source)
        self._must_have("properties")
        declare_world(self)

    def enter(self, model: Model) -> None:
        super().enter(model)
        model.questions.append(self)

    def check(self, model: Model) -> None:
        super().check(model)
        for name in self.properties:
            if name != "deadlock" and name.replace("-", "_") not in model.properties:
                self._must_be_known("property", name, list(model.properties))
