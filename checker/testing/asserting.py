"""Assertions for a test suite. A failing one says what `check` prints: the trace and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checker.finding import design_name
from checker.language.errors import CheckerError
from checker.language.scenario import Scenario
from checker.report import basis, verdict_line
from checker.searching import Search
from checker.testing.asking import Claim, model_asked, request_for, wanted_of
from checker.traces.text import lines_of
from checker.verdict import Answer, Verdict

NOTHING: Mapping[str, object] = {}
NO_BOUNDS: Mapping[str, int] = {}


def assert_holds(
    *properties: Claim,
    scenario: Scenario | str | None = None,
    design: str | None = None,
    switches: Mapping[str, object] = NOTHING,
    bounds: Mapping[str, int] = NO_BOUNDS,
    model: type | None = None,
    engine: str = "native",
    max_states: int | None = None,
) -> None:
    """Every reachable state was visited, the properties were exercised, and nothing violates them.

    Fails with the trace if one is violated, and also if it was not exercised or the search ended early.
    `model`: the @state class, where only names are given. Without a scenario: all that run by default.
    """
    __tracebackhide__ = True
    search = _searched(properties, scenario, design, switches, bounds, model, engine, max_states)
    verdicts = search.verdicts()
    if any(verdict.answer is not Answer.HOLDS for verdict in verdicts):
        raise AssertionError("\n".join(_told(search, verdicts)))


def assert_violated(
    property: Claim,
    *,
    scenario: Scenario | str | None = None,
    design: str | None = None,
    switches: Mapping[str, object] = NOTHING,
    bounds: Mapping[str, int] = NO_BOUNDS,
    model: type | None = None,
    engine: str = "native",
    max_states: int | None = None,
) -> Verdict:
    """Something violates it; the verdict has the trace, whose steps may be asserted about.

    A search that ends early without having found anything is no violation.
    """
    __tracebackhide__ = True
    search = _searched((property,), scenario, design, switches, bounds, model, engine, max_states)
    verdicts = search.verdicts()
    if verdicts[0].answer is not Answer.VIOLATED:
        raise AssertionError("\n".join(_told(search, verdicts)))
    return verdicts[0]


def _searched(
    claims: Sequence[Claim],
    scenario: Scenario | str | None,
    design: str | None,
    switches: Mapping[str, object],
    bounds: Mapping[str, int],
    state: type | None,
    engine: str,
    max_states: int | None,
) -> Search:
    if not claims:
        raise CheckerError("say which property", advice='give an @invariant or the like, or "deadlock"')
    model = model_asked(claims, scenario, state)
    request = request_for(model, claims, scenario, design, switches, bounds, engine, max_states)
    search = Search(request, model, wanted_of(request, model, claims))
    for _ in search.go(None):
        pass
    return search


def _told(search: Search, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The answers first: some readers see only the first line."""
    yield from map(verdict_line, verdicts)
    for verdict in verdicts:
        if verdict.trace is not None:
            yield ""
            yield from lines_of(verdict.trace)
    yield ""
    yield from basis(design_name(search.request, search.worlds[0].model), verdicts, search.runs)
