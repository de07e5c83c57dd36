"""What is asked of several designs in the same scenarios: what questions and comparisons have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from checker.language.bounds import checked_values
from checker.language.errors import CheckerError, did_you_mean
from checker.language.model import Model
from checker.language.patches import design_values
from checker.language.scenario import Scenario


class Alternatives:
    """`alternatives`: by name, the switches of each; all else is as in `design`. `source`: where the text
    stands, or who asks.
    """

    kind: ClassVar[str]  # as messages call it

    def __init__(
        self,
        text: str,
        alternatives: Mapping[str, Mapping[str, object]],
        scenarios: Sequence[Scenario | str],
        state: type,
        design: str | None,
        source: str,
    ) -> None:
        self.text = text
        self.alternatives = {name: dict(values) for name, values in alternatives.items()}
        self.scenarios = tuple(each if isinstance(each, str) else each.name for each in scenarios)
        self.state = state
        self.design = design
        self.source = source
        self._must_have("alternatives", "scenarios")

    def __repr__(self) -> str:
        return f"<{self.kind} {self.text}>"

    def state_class(self) -> type:
        return self.state

    def enter(self, model: Model) -> None:
        try:
            design_values(model.design, self.design)
            for values in self.alternatives.values():
                checked_values(model.design, values)
        except CheckerError as problem:
            raise type(problem)(f"{self.kind} {self.text!r}: {problem.text}") from None

    def check(self, model: Model) -> None:
        """The names, once everything is loaded."""
        for name in self.scenarios:
            self._must_be_known("scenario", name, list(model.scenarios))

    def _must_have(self, *names: str) -> None:
        for what in names:
            if not getattr(self, what):
                raise CheckerError(f"{self.kind} {self.text!r}: it has no {what}")

    def _must_be_known(self, what: str, name: str, known: Sequence[str]) -> None:
        if name not in known:
            near = did_you_mean(name, known)
            raise CheckerError(f"{self.kind} {self.text!r}: there is no {what} `{name}`{near}")
