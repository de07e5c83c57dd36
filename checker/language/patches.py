"""Designs by name: a preset, the tree after one of its patches (`v4/19`), or `base`, the tree before them.

A switch says in which patch of a series it takes the preset's value. Before that patch it has its value of
the base. Without a base nothing is known of its history: it has the preset's value all the time.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from checker.language.errors import CheckerError, DuplicateName, TypeRefused, UnknownName, did_you_mean

BASE = "base"
CHANGED_BY = "patches"  # keys of a switch's metadata, written by `switch`
BEFORE = "base"


def parts_of(cls: type | None) -> list[Any]:
    """A @switches class, and what loaded files add to it."""
    return [] if cls is None else [cls, *getattr(cls, "__extensions__", [])]


def presets_of(cls: type | None) -> dict[str, dict[str, Any]]:
    """What each preset sets. An extension may add its own switches to a preset that is there."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts_of(cls):
        for name, values in getattr(part, "__presets__", {}).items():
            found[name] = {**found.get(name, {}), **values}
    return found


def default_preset(cls: type | None) -> str | None:
    """The name of the preset that counts if none is asked for."""
    return getattr(cls, "__default_preset__", None)


def series_of(cls: type | None) -> dict[str, int]:
    """How many patches the presets have that are posted as a series."""
    return {name: count for part in parts_of(cls) for name, count in getattr(part, "__series__", {}).items()}


def messages_of(cls: type | None, preset: str) -> dict[int | None, str]:
    """The Message-IDs of a design that are known: by the number of its patch, None for the series as such."""
    known = {name: each for part in parts_of(cls) for name, each in getattr(part, "__messages__", {}).items()}
    split = {split_design(cls, name): message for name, message in known.items()}
    return {patch: message for (name, patch), message in split.items() if name == preset}


def check_messages(cls: type, messages: Mapping[str, str]) -> None:
    """What @switches(messages=...) may say. What goes into the header of a mail has no room for more."""
    for design, message in messages.items():
        try:
            split_design(cls, design)
        except CheckerError as problem:
            raise type(problem)(f"messages: {problem.text}") from None
        if re.fullmatch(r"<[^<>\s]+@[^<>\s]+>", message) is None:
            raise TypeRefused(f"messages: {message!r} is no Message-ID", advice="write '<number@host>'")


def base_of(cls: type | None) -> dict[str, Any]:
    """The switches whose value before every series is known."""
    return {
        field.name: field.metadata[BEFORE]
        for part in parts_of(cls)
        for field in dataclasses.fields(part)
        if BEFORE in field.metadata
    }


def patches_of(cls: type | None, preset: str) -> dict[str, int]:
    """The patch of a series that gives each switch its value; those without a number keep theirs."""
    return {
        field.name: field.metadata[CHANGED_BY][preset]
        for part in parts_of(cls)
        for field in dataclasses.fields(part)
        if preset in field.metadata.get(CHANGED_BY, {})
    }


def design_values(cls: type | None, name: str | None) -> dict[str, Any]:
    """What a design sets, by its name; None means the default preset."""
    wanted = default_preset(cls) if name is None else name
    if wanted is None:
        return {}
    preset, patch = split_design(cls, wanted)
    if preset == BASE:
        return base_of(cls)
    values = dict(presets_of(cls)[preset])
    if patch is not None:
        after = patches_of(cls, preset)
        values.update(
            {switch: value for switch, value in base_of(cls).items() if patch < after.get(switch, 1)}
        )
    return values


def split_design(cls: type | None, name: str) -> tuple[str, int | None]:
    """`v4/19` as the preset and the number of the patch; `v4` and `base` have no number."""
    preset, slash, number = name.partition("/")
    presets, series = presets_of(cls), series_of(cls)
    if preset == BASE and base_of(cls):
        if slash:
            raise CheckerError(f"design {name}: `base` is one tree, the one before every patch")
        return BASE, None
    if preset not in presets:
        known = [*presets, *([BASE] if base_of(cls) else [])]
        if not known:
            raise UnknownName("this model has no designs", advice="declare them: @switches(presets={...})")
        raise UnknownName(f"there is no design `{preset}`{did_you_mean(preset, known)}")
    if not slash:
        return preset, None
    if preset not in series:
        told = ", ".join(f"{each} has {count}" for each, count in series.items()) or "no design has any"
        raise CheckerError(f"design {name}: the patches of `{preset}` are not numbered ({told})")
    if not number.isdecimal() or int(number) > series[preset]:
        raise CheckerError(
            f"design {name}: the patches of `{preset}` are 1 to {series[preset]}, 0 is before them"
        )
    return preset, int(number)


def check_series(cls: type, base: type | None, series: Mapping[str, int]) -> None:
    """What @switches(series=...) and switch(base=..., patches=...) may say. `base`: the class it extends."""
    presets = presets_of(base or cls)
    for preset, count in series.items():
        if preset not in presets:
            raise UnknownName(f"series: there is no preset `{preset}`{did_you_mean(preset, presets)}")
        if type(count) is not int or count < 1:
            raise TypeRefused(f"series: `{preset}` has {count!r} patches; write how many there are")
    numbered = series_of(base or cls)
    for field in dataclasses.fields(cls):
        _check_switch(field, numbered)
    if base_of(base or cls) and BASE in presets:
        raise DuplicateName("`base` is what switch(base=...) says: give the preset another name")


def _check_switch(field: dataclasses.Field[Any], series: Mapping[str, int]) -> None:
    patches = field.metadata.get(CHANGED_BY, {})
    if patches and BEFORE not in field.metadata:
        raise TypeRefused(f"switch `{field.name}` has patches=: say with base= what it was before them")
    if BEFORE in field.metadata and type(field.metadata[BEFORE]) is not type(field.default):
        raise TypeRefused(
            f"switch `{field.name}`: base={field.metadata[BEFORE]!r} is not of the type of {field.default!r}"
        )
    for preset, number in patches.items():
        if preset not in series:
            near = did_you_mean(preset, series)
            raise UnknownName(f"switch `{field.name}`: there is no series `{preset}`{near}")
        if type(number) is not int or not 1 <= number <= series[preset]:
            raise TypeRefused(
                f"switch `{field.name}`: {number!r} is no patch of `{preset}`, which has {series[preset]}"
            )
