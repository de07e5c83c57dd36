"""@bounds and @switches: frozen dataclasses whose values are chosen per run and read from the class."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from types import EllipsisType
from typing import Any, TypeVar, dataclass_transform, overload

from checker.language.context import world_in_force
from checker.language.errors import DuplicateName, TypeRefused, UnknownName, did_you_mean
from checker.language.patches import BEFORE, CHANGED_BY, check_messages, check_series, parts_of, presets_of

C = TypeVar("C", bound=type)
V = TypeVar("V")


def _in_force(kind: str, name: str) -> property:
    def read(cls: type) -> object:
        world = world_in_force()
        return world.bounds[name] if kind == "bounds" else world.switch(name)

    return property(read)


def _class(original: type, kind: str) -> type:
    """A frozen dataclass; a property of its metaclass makes the class's field the value in force."""
    plain: Any = dataclasses.dataclass(frozen=True)(original)
    fields = dataclasses.fields(plain)
    for field in fields:
        if field.default is dataclasses.MISSING:
            raise TypeRefused(f"{original.__name__}.{field.name} needs a default")
        _check_default(original, kind, field)
    body: dict[str, Any] = {field.name: _in_force(kind, field.name) for field in fields}
    meta = type(f"{original.__name__}InForce", (type,), body)
    return meta(
        original.__name__,
        (plain,),
        {
            "__module__": original.__module__,
            "__qualname__": original.__qualname__,
            "__doc__": original.__doc__ if original.__dict__.get("__doc__") else None,
            "__kind__": kind,
            "__original__": original,
        },
    )


def _check_default(original: type, kind: str, field: dataclasses.Field[Any]) -> None:
    name = f"{original.__name__}.{field.name}"
    if kind == "bounds":
        if type(field.default) is not int or field.default < 0:
            raise TypeRefused(f"{name}: a bound is an int from 0 on")
    elif not isinstance(field.default, bool | enum.Enum):
        raise TypeRefused(f"{name}: a switch is a bool or a member of an Enum")


@dataclass_transform(frozen_default=True)
def bounds(cls: C) -> C:
    """Make a class the bounds of a model: `cpus: int = 2` is a field, and the option --cpus."""
    return _class(cls, "bounds")  # type: ignore[return-value]


def switch(
    default: V,
    text: str = "",
    *,
    base: V | EllipsisType = ...,
    patches: Mapping[str, int] | None = None,
) -> V:
    """A design switch: its default, and what it is with the place where it was proposed.

    `base`: its value before any series. `patches`: for each series, the number of the patch that turns
    `base` into the value of the preset.
    """
    about: dict[str, object] = {"text": text, CHANGED_BY: dict(patches or {})}
    if base is not ...:
        about[BEFORE] = base
    value: V = dataclasses.field(default=default, metadata=about)
    return value


@overload
def switches(cls: C, /) -> C: ...


@overload
def switches(
    *,
    presets: Mapping[str, Mapping[str, object]] | None = None,
    default: str | None = None,
    series: Mapping[str, int] | None = None,
    messages: Mapping[str, str] | None = None,
    extends: type | None = None,
) -> Callable[[C], C]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(switch,))
def switches(
    cls: C | None = None,
    /,
    *,
    presets: Mapping[str, Mapping[str, object]] | None = None,
    default: str | None = None,
    series: Mapping[str, int] | None = None,
    messages: Mapping[str, str] | None = None,
    extends: type | None = None,
) -> C | Callable[[C], C]:
    """Make a class the design switches of a model; a preset lists what differs from the defaults.

    `series`: how many patches the presets have that were posted as a series of them. `messages`: the
    Message-IDs of the mails that posted presets or their patches, such as "v2/19". `extends`: the model's
    own class, to which a file adds switches, presets, and what presets that are there set of these switches.
    """

    def decorate(cls: C) -> C:
        made: Any = _class(cls, "switches")
        made.__presets__ = {name: dict(values) for name, values in (presets or {}).items()}
        made.__default_preset__ = default
        made.__series__ = dict(series or {})
        made.__messages__ = dict(messages or {})
        made.__extensions__ = []
        if extends is not None:
            _extend(extends, made)
        for values in made.__presets__.values():
            checked_values(extends or made, values)
        check_series(made, extends, made.__series__)
        check_messages(made, made.__messages__)
        if default is not None and default not in made.__presets__:
            raise UnknownName(f"default={default!r}: there is no preset of that name")
        result: C = made
        return result

    return decorate if cls is None else decorate(cls)


def _extend(base: Any, made: Any) -> None:
    for name in defaults_of(made):
        if name in defaults_of(base) or name in presets_of(base):
            raise DuplicateName(f"{base.__name__} has `{name}` already")
    for name, values in presets_of(made).items():
        if name in defaults_of(base) or (
            name in presets_of(base) and not set(values) <= set(defaults_of(made))
        ):
            raise DuplicateName(f"{base.__name__} has `{name}` already")
    base.__extensions__.append(made)


def fields_of(cls: type | None) -> dict[str, dataclasses.Field[Any]]:
    """The fields of a @bounds or @switches class by name."""
    return {field.name: field for part in parts_of(cls) for field in dataclasses.fields(part)}


def defaults_of(cls: type | None) -> dict[str, Any]:
    """The values that the fields have by themselves."""
    return {name: field.default for name, field in fields_of(cls).items()}


def checked_values(cls: type | None, values: Mapping[str, object]) -> dict[str, Any]:
    """Values for some fields: their names and types are those of the class."""
    known = defaults_of(cls)
    kind = getattr(cls, "__kind__", "bounds")
    what = "bound" if kind == "bounds" else "switch"
    for name, value in values.items():
        if name not in known:
            raise UnknownName(f"there is no {what} `{name}`{did_you_mean(name, known)}")
        if type(value) is not type(known[name]) or (kind == "bounds" and value < 0):  # type: ignore[operator]
            raise TypeRefused(f"{what} `{name}`: {value!r} is not of the type of {known[name]!r}")
    return dict(values)
