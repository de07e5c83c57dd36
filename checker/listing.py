"""`check list` and `check show NAME`: what there is, and what a name stands for."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from enum import Enum
from types import FunctionType
from typing import Any, cast

from checker.language.bounds import defaults_of, fields_of
from checker.language.errors import shown_path
from checker.language.model import Model
from checker.language.patches import (
    BASE,
    base_of,
    default_preset,
    design_values,
    parts_of,
    patches_of,
    presets_of,
    series_of,
)
from checker.language.properties import DEADLOCK
from checker.language.reached import functions_reached
from checker.language.source import definition_line
from checker.loading import obligations_of
from checker.names import setting, typed, unknown
from checker.request import design_named
from checker.traces.values import shown

WIDTH = 75
DEADLOCK_TEXT = "From every reachable state, every actor that is inside an operation can become idle again."


def listing(model: Model) -> Iterator[str]:
    yield "properties (check --property NAME):"
    for name, made in model.properties.items():
        yield from _entry(typed(name), summary(made.doc))
    yield from _entry(DEADLOCK, DEADLOCK_TEXT)
    claims = obligations_of(model)
    if claims:
        yield "bounds (check bounds NAME):"
        for name, claim in claims.items():
            yield from _entry(typed(name), summary(claim.doc))
    if presets_of(model.design):
        yield "designs (--design NAME):"
        for name, values in presets_of(model.design).items():
            yield from _entry(_marked(model, name), _settings(values) or "every switch at its default")
        if base_of(model.design):
            yield from _entry(f"{BASE} (before every series)", _settings(base_of(model.design)))
    if model.design is not None:
        yield "switches (--set NAME=VALUE):"
        for name, field in fields_of(model.design).items():
            yield from _entry(
                f"{name}={setting(field.default)}", summary(str(field.metadata.get("text", "")))
            )
    yield "scenarios (--scenario NAME):"
    for scenario in model.scenarios.values():
        mark = "" if scenario.default else " (only when asked for)"
        yield from _entry(scenario.name + mark, scenario.description)
    if model.bounds is not None:
        yield "bounds (--NAME N):"
        for name, value in defaults_of(model.bounds).items():
            yield from _entry(f"--{typed(name)} {value}", "")
    if model.current_operations:
        yield "operations:"
    for each in model.current_operations:
        yield from _entry(f"{each.name} ({each.actor.__name__})", summary(each.doc))
    if model.locks:
        yield "locks (check atomicity):"
        for lock in model.locks.values():
            yield from _entry(lock.name, f"{summary(lock.doc)} Covers {', '.join(lock.covers)}.".strip())
    if model.pairs:
        yield "worlds for two operations (check pairs):"
        for pairs in model.pairs.values():
            yield from _entry(pairs.name, pairs.description)
    if model.actions:
        yield "actions:"
    for action in model.actions:
        who = f" ({action.actor.__name__})" if action.actor is not None else ""
        yield from _entry(action.name + who, summary(action.doc))


def summary(doc: str) -> str:
    return " ".join(doc.split("\n\n")[0].split())


def show(model: Model, name: str) -> Iterator[str]:
    """Everything that has this name, of whatever kind."""
    tellers: dict[str, list[Callable[[], Iterator[str]]]] = {}
    for kind, made in _declarations(model):
        _tell(tellers, made.name, lambda kind=kind, made=made: _declaration(kind, made))
    for scenario in model.scenarios.values():
        _tell(tellers, scenario.name, lambda scenario=scenario: _scenario(model, scenario))
    for preset in _designs(model, name):
        _tell(tellers, preset, lambda preset=preset: _design(model, preset))
    for switch in fields_of(model.design):
        _tell(tellers, switch, lambda switch=switch: _switch(model, switch))
    for bound, value in defaults_of(model.bounds).items():
        _tell(
            tellers,
            bound,
            lambda bound=bound, value=value: iter([f"bound --{typed(bound)}, {value} by default"]),
        )
    for function in helpers(model):
        _tell(tellers, function.__name__, lambda function=function: _helper(function))
    _tell(tellers, DEADLOCK, lambda: iter([f"property {DEADLOCK} (of every model)", f"  {DEADLOCK_TEXT}"]))
    if typed(name) not in tellers:
        raise unknown("property, design, scenario, operation, function or switch", name, tellers)
    for tell in tellers[typed(name)]:
        yield from tell()


def _tell(tellers: dict[str, list[Callable[[], Iterator[str]]]], name: str, tell: Any) -> None:
    tellers.setdefault(typed(name), []).append(tell)


def _declarations(model: Model) -> Iterator[tuple[str, Any]]:
    for made in model.properties.values():
        yield made.kind if made.kind == "invariant" else f"property ({made.kind})", made
    for operation in model.current_operations:
        yield "operation", operation
    for lock in model.locks.values():
        yield "lock", lock
    for action in model.actions:
        yield "action", action


def _declaration(kind: str, made: Any) -> Iterator[str]:
    in_code = kind in ("operation", "action", "lock")
    yield f"{kind} {made.name if in_code else typed(made.name)}"
    yield f"{shown_path(made.file)}:{made.line}"
    for name in ("rung", "severity"):
        if getattr(made, name, None):
            yield f"{name}: {getattr(made, name)}"
    if getattr(made, "scenarios", None):
        yield "scenarios: " + ", ".join(getattr(each, "name", str(each)) for each in made.scenarios)
    yield ""
    yield from textwrap.dedent(_source(made.function)).rstrip().splitlines()


def helpers(model: Model) -> list[FunctionType]:
    """The sub-operations and helpers that the declarations call, directly or not."""
    return functions_reached(made.function for _, made in _declarations(model))


def _helper(function: FunctionType) -> Iterator[str]:
    yield f"{'sub-operation' if inspect.isgeneratorfunction(function) else 'helper'} {function.__name__}"
    yield f"{shown_path(function.__code__.co_filename)}:{definition_line(function.__code__)}"
    yield ""
    yield from textwrap.dedent(_source(function)).rstrip().splitlines()


def _source(function: Any) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return "(its source is not to be had)"


def _scenario(model: Model, scenario: Any) -> Iterator[str]:
    yield f"scenario {scenario.name}" + ("" if scenario.default else " (only when asked for)")
    yield from _wrapped(scenario.description, "  ")
    for title, given in (("runs", scenario.runs), ("at most once", scenario.once)):
        for who, operations in given.items():
            name = who.__name__ if isinstance(who, type) else shown(who)
            yield from _wrapped(f"{title}: {name}: {', '.join(each.name for each in operations)}", "  ")
    actions = model.actions if scenario.actions is None else scenario.actions
    yield from _wrapped("actions: " + (", ".join(each.name for each in actions) or "none"), "  ")
    if scenario.initial is not None:
        yield f"  initial: {scenario.initial.name}"
    bounds = {**defaults_of(model.bounds), **scenario.bounds}
    if bounds:
        yield from _wrapped("bounds: " + ", ".join(f"{name}={value}" for name, value in bounds.items()), "  ")
    if scenario.design:
        yield from _wrapped("switches: " + _settings(scenario.design), "  ")


def _designs(model: Model, asked: str) -> list[str]:
    """The designs that have a name, and the prefix of a series that was asked for."""
    names = [*presets_of(model.design), *([BASE] if base_of(model.design) else [])]
    return [*names, design_named(asked, model)] if "/" in asked else names


def _marked(model: Model, name: str) -> str:
    count = series_of(model.design).get(name)
    marks = ["default"] if name == default_preset(model.design) else []
    marks += [f"{count} patches"] if count is not None else []
    return name + (f" ({', '.join(marks)})" if marks else "")


def _design(model: Model, name: str) -> Iterator[str]:
    values = {**defaults_of(model.design), **design_values(model.design, name)}
    patches = patches_of(model.design, name.partition("/")[0])
    yield f"design {_marked(model, name)}"
    for remark in _remarks(model, name.partition("/")[0]):
        yield from _wrapped(remark, "  ")
    for switch, value in values.items():
        patch = f" (patch {patches[switch]})" if switch in patches else ""
        yield from _entry(
            f"{switch}={setting(value)}{patch}",
            summary(str(fields_of(model.design)[switch].metadata.get("text", ""))),
        )


def _remarks(model: Model, design: str) -> Iterator[str]:
    """What the switches' docstrings say of it as a whole; the lists of its changes say no more than those."""
    for part in parts_of(model.design):
        for paragraph in inspect.cleandoc(part.__doc__ or "").split("\n\n"):
            text = " ".join(paragraph.split())
            if f"`{design}`" in text and not re.search(r"`\w+`: ", text):
                yield text


def _switch(model: Model, name: str) -> Iterator[str]:
    field = fields_of(model.design)[name]
    yield f"switch {name}, {setting(field.default)} by default"
    for paragraph in str(field.metadata.get("text", "")).split("\n\n"):
        yield from _wrapped(paragraph, "  ")
    if isinstance(field.default, bool):
        yield "  values: true, false"
    else:
        yield from _wrapped(
            "values: " + ", ".join(setting(each) for each in cast(type[Enum], type(field.default))), "  "
        )
    if name in base_of(model.design):
        yield f"  {BASE}: {setting(base_of(model.design)[name])}"
    for preset, values in presets_of(model.design).items():
        patch = patches_of(model.design, preset).get(name)
        from_then = f", by patch {patch} of {series_of(model.design)[preset]}" if patch is not None else ""
        yield f"  {preset}: {setting(values.get(name, field.default))}{from_then}"


def _settings(values: Any) -> str:
    return ", ".join(f"{name}={setting(value)}" for name, value in values.items())


def _entry(name: str, text: str) -> Iterator[str]:
    yield f"  {name}"
    yield from _wrapped(text, "      ")


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
