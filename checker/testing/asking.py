"""What a test asks, as the request that `check` would make of it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from checker.engines.compilers import find_compiler
from checker.engines.outcome import Limits
from checker.language.errors import CheckerError
from checker.language.model import Model, model_of
from checker.language.properties import Property
from checker.language.scenario import Scenario
from checker.language.world import World
from checker.loading import GROUP, installed_model
from checker.names import setting, typed
from checker.request import Request, Wanted, find_scenario, wanted_properties, world_of

Claim = Property | str  # a string is the name of a property of the model, or "deadlock"


def model_asked(claims: Sequence[Claim], scenario: Scenario | str | None, state: type | None) -> Model:
    """The model that is meant: that of the state, of a property, of the scenario, or the installed one."""
    if state is not None:
        return model_of(state)
    for claim in claims:
        if isinstance(claim, Property):
            return model_of(claim.state)
    return model_of(scenario.state_class()) if isinstance(scenario, Scenario) else installed_model()


def request_for(
    model: Model,
    claims: Sequence[Claim],
    scenario: Scenario | str | None,
    design: str | None,
    switches: Mapping[str, object],
    bounds: Mapping[str, int],
    engine: str = "native",
    max_states: int | None = None,
) -> Request:
    """With the files that a command line would need with --load. Without a C compiler python answers."""
    for claim in claims:
        if not isinstance(claim, Property | str):
            raise CheckerError(
                f"{claim!r} is no property", advice="give an @invariant or the like, or a name"
            )
    return Request(
        properties=tuple(typed(claim.name if isinstance(claim, Property) else claim) for claim in claims),
        design=design,
        settings=tuple(f"{name}={setting(value)}" for name, value in switches.items()),
        scenarios=() if scenario is None else (scenario,),
        bounds=dict(bounds),
        engine="python" if engine == "native" and find_compiler() is None else engine,
        limits=Limits(max_states=max_states),
        loads=tuple(dict.fromkeys(_files(model, claims))),
    )


def wanted_of(request: Request, model: Model, claims: Sequence[Claim]) -> list[Wanted]:
    """The properties themselves where they were given: a name may belong to another model too."""
    named = dict(zip(claims, wanted_properties(request, model), strict=True)) if claims else {}
    return list(named.values())


def world_for(
    model: Model,
    scenario: Scenario | str | None,
    design: str | None,
    switches: Mapping[str, object],
    bounds: Mapping[str, int],
) -> World:
    """One world; without a scenario the first one of the model."""
    request = request_for(model, (), scenario, design, switches, bounds)
    return world_of(request, model, find_scenario(model, scenario or next(iter(model.scenarios))))


def _files(model: Model, claims: Sequence[Claim]) -> Iterator[str]:
    installed = _installed_packages()
    modules = [model.state.__module__]
    modules += [claim.function.__module__ for claim in claims if isinstance(claim, Property)]
    for name in modules:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file is not None and name.partition(".")[0] not in installed:
            yield _short(Path(file))


def _installed_packages() -> set[str]:
    """What `check` loads without being told to."""
    packages = _offered_packages()
    if not packages & {name.partition(".")[0] for name in sys.modules}:
        return packages  # no test has imported it
    try:
        return packages | {installed_model().state.__module__.partition(".")[0]}
    except CheckerError:
        return packages


@functools.cache
def _offered_packages() -> set[str]:
    """Looked for once: a suite has many assertions, and this reads what every installed package says."""
    from importlib.metadata import entry_points

    return {point.module.partition(".")[0] for point in entry_points(group=GROUP)}


def _short(file: Path) -> str:
    """As it is typed from here, where it lies below."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
