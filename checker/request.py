"""What was asked for, and what that means for the model at hand: which properties, in which worlds."""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from checker.engines.outcome import Limits
from checker.language.bounds import defaults_of
from checker.language.errors import CheckerError, UnknownName, did_you_mean
from checker.language.model import Model
from checker.language.patches import BASE, base_of, default_preset, presets_of, split_design
from checker.language.properties import DEADLOCK, Property
from checker.language.scenario import Scenario
from checker.language.world import World
from checker.names import find, setting, typed


@dataclass(frozen=True)
class Request:
    """The command line, parsed but not yet looked up."""

    properties: tuple[str, ...] = ()
    all: bool = False
    design: str | None = None
    settings: tuple[str, ...] = ()  # NAME=VALUE
    scenarios: tuple[str | Scenario, ...] = ()
    bounds: Mapping[str, int] = field(default_factory=dict)
    engine: str = "native"
    reduced: bool = True  # where it is proved to change no answer
    limits: Limits = field(default_factory=Limits)
    each_cause: bool = False
    loads: tuple[str, ...] = ()
    question: str | None = None  # "can" or "never"
    expression: str | None = None
    fine: bool = False  # atomic blocks are split before each access that no lock covers

    @property
    def scenario_names(self) -> tuple[str, ...]:
        return tuple(each if isinstance(each, str) else each.name for each in self.scenarios)

    def command(self, name: str | None, scenario: str) -> str:
        """What to type to see one property in one scenario again; without a name, all that were asked for."""
        words = ["check"]
        names = self.properties if name is None else (name,)
        if self.question:
            words += [self.question, self.expression or ""]
        else:
            words += [word for each in names for word in ("--property", each)] or ["--all"]
        words += self.options()
        words += ["--scenario", scenario] if scenario != "default" else []
        return shlex.join(words)

    def options(self) -> list[str]:
        """What was typed of the model, the design, the bounds and the engine."""
        words = [word for file in self.loads for word in ("--load", file)]
        words += ["--design", self.design] if self.design else []
        words += [word for setting in self.settings for word in ("--set", setting)]
        words += [word for bound, value in self.bounds.items() for word in (f"--{typed(bound)}", str(value))]
        words += ["--engine", self.engine] if self.engine != "native" else []
        words += ["--atomicity", "fine"] if self.fine else []
        words += [] if self.reduced else ["--no-reduction"]
        return words + (["--each-cause"] if self.each_cause else [])


@dataclass(frozen=True)
class Wanted:
    """A property to be checked; `found` is the model's, or None for the deadlock that every model has."""

    name: str
    found: Property | None

    @property
    def key(self) -> str:
        """What the engines call it."""
        return self.found.name if self.found is not None else DEADLOCK

    def covers(self, violated: str) -> bool:
        """Whether a violation is one of this property; deadlock has one name per actor, `deadlock:task0`."""
        return violated == self.key or (self.found is None and violated.startswith(f"{DEADLOCK}:"))

    @property
    def kind(self) -> str:
        return self.found.kind if self.found is not None else DEADLOCK

    def belongs_to(self, scenario: Scenario) -> bool:
        """Whether the property is meant for a scenario: for every one, unless it says which."""
        only = self.found.scenarios if self.found is not None else None
        return not only or any(each in (scenario, scenario.name) for each in only)


def refuse_unknown_scenarios(prop: Property, model: Model) -> None:
    """A property that is about no scenario would never be looked at."""
    for name in prop.scenarios or ():
        if isinstance(name, str) and name not in model.scenarios:
            near = did_you_mean(name, model.scenarios)
            raise UnknownName(
                f"scenarios={prop.scenarios!r}: there is no scenario `{name}`{near}"
            ).at_function(prop.function)


def wanted_properties(request: Request, model: Model) -> list[Wanted]:
    """The properties that were named, or all of them."""
    for prop in model.properties.values():
        refuse_unknown_scenarios(prop, model)
    known = {typed(each.name): Wanted(typed(each.name), each) for each in model.properties.values()}
    known[DEADLOCK] = Wanted(DEADLOCK, None)
    if request.all:
        return list(known.values())
    return list(dict.fromkeys(find("property", name, known) for name in request.properties))


def scenarios_of(request: Request, model: Model) -> list[Scenario]:
    """The scenarios that were named, or those that run by default, in the order of declaration."""
    if request.scenarios:
        return [find_scenario(model, given) for given in request.scenarios]
    return [each for each in model.scenarios.values() if each.default or request.all]


def find_scenario(model: Model, given: str | Scenario) -> Scenario:
    """By its name, or one that need not be among the model's."""
    return given if isinstance(given, Scenario) else find("scenario", given, model.scenarios)


def world_of(request: Request, model: Model, scenario: Scenario) -> World:
    """Bounds and design for a scenario: what was typed counts most, then the scenario, then the preset."""
    if model.design is None and (request.design or request.settings):
        raise CheckerError("this model has no design switches", advice="leave out --design and --set")
    chosen = design_of(request, model)
    settings = dict(parsed_setting(model, text) for text in request.settings)
    return World(model, scenario, bounds=dict(request.bounds), design=settings, preset=chosen)


def design_of(request: Request, model: Model) -> str | None:
    """The design in force: the one asked for, or the model's default."""
    if request.design is None:
        return default_preset(model.design)
    return design_named(request.design, model)


def design_named(given: str, model: Model) -> str:
    """A preset, `base`, or a preset and the number of one of its patches, as the model writes it."""
    known = [*presets_of(model.design), *([BASE] if base_of(model.design) else [])]
    preset, slash, number = given.partition("/")
    name = find("design", preset, {each: each for each in known}) + slash + number
    split_design(model.design, name)
    return name


def designs_named(given: Sequence[str], model: Model) -> list[str]:
    """The same of several; `gmem-*` is every preset whose name is like that, in the order of the model."""
    known = [*presets_of(model.design), *([BASE] if base_of(model.design) else [])]
    named = []
    for each in given:
        if "*" in each:
            alike = fnmatch.filter(known, each)
            if not alike:
                raise CheckerError(f"--design {each}: no design is like that", advice=f"{', '.join(known)}")
            named += alike
        else:
            named.append(design_named(each, model))
    return list(dict.fromkeys(named))


def parsed_setting(model: Model, given: str) -> tuple[str, object]:
    """`callers=obedient` as the switch's name and a value of its type."""
    defaults = defaults_of(model.design)
    name, equals, text = given.partition("=")
    if not equals:
        raise CheckerError(f"--set {given}: write NAME=VALUE", advice="`check list` names the switches")
    found = find("switch", name.strip(), {each: each for each in defaults})
    return found, _value(found, text.strip(), defaults[found])


def _value(name: str, text: str, default: object) -> object:
    if isinstance(default, Enum):
        by_text = {str(member.value).lower(): member for member in type(default)}
        members = {setting(member): member for member in type(default)}
        if text.lower() in by_text:
            return by_text[text.lower()]
        return find(f"value of {name}", text.lower(), members)
    words: dict[str, object] = dict.fromkeys(("true", "yes", "on", "1"), True)
    words.update(dict.fromkeys(("false", "no", "off", "0"), False))
    if text.lower() not in words:
        raise CheckerError(f"--set {name}={text}: {name} is true or false")
    return words[text.lower()]


def parsed_memory(text: str) -> int:
    """`50M`, `1.5G`, `4096`: bytes."""
    return int(
        _scaled(text, {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}, "--memory", "50M")
    )


def parsed_time(text: str) -> float:
    """`10s`, `2m`, `500ms`, `10`: seconds."""
    return _scaled(text, {"": 1, "S": 1, "MS": 0.001, "M": 60, "H": 3600}, "--time", "10s")


def _scaled(text: str, units: Mapping[str, float], option: str, example: str) -> float:
    digits = text.strip().rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = text.strip()[len(digits) :].upper().removesuffix("IB" if option == "--memory" else "")
    unit = unit.removesuffix("B") if option == "--memory" else unit
    try:
        number = float(digits)
    except ValueError:
        number = -1.0
    if unit not in units or number <= 0:
        raise CheckerError(f"{option} {text}: write a number and a unit, such as {example}")
    return number * units[unit]


def only_for(wanted: Sequence[Wanted], scenario: Scenario) -> list[Wanted]:
    return [each for each in wanted if each.belongs_to(scenario)]
