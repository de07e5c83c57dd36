"""What the commands have in common that ask of several designs at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import click

from checker.language.model import Model
from checker.language.patches import presets_of
from checker.options import merged, request_of, search_options
from checker.request import Wanted, designs_named, wanted_properties


def table_options(bounds: Mapping[str, int]) -> list[click.Parameter]:
    """The options of a search, with any number of designs and properties."""
    return [
        click.Option(
            ["--design", "designs"],
            multiple=True,
            metavar="NAME",
            help="Only this design; with * in it: all like that.",
        ),
        *common_options(bounds),
    ]


def common_options(bounds: Mapping[str, int]) -> list[click.Parameter]:
    """Those of every search, but for the design."""
    return [
        click.Option(["--property", "properties"], multiple=True, metavar="NAME", help="Only this property."),
        click.Option(
            ["--all", "everything"], is_flag=True, help="Also the scenarios that run only when asked for."
        ),
        *(option for option in search_options(bounds) if option.name != "design"),
    ]


def given_here(given: Mapping[str, Any]) -> dict[str, Any]:
    """With the options that stand before the command."""
    outer = click.get_current_context().parent
    options = merged(outer.params if outer is not None else {}, given)
    if "designs" in options:
        before = options.pop("design", None)
        options["designs"] = options["designs"] or ((before,) if before else ())
    return options


def designs_asked(names: Sequence[str], model: Model) -> list[str]:
    """Those that were named, or every preset; one without a name for a model that has none."""
    if names:
        return designs_named(names, model)
    return list(presets_of(model.design)) or [""]


def wanted_here(options: Mapping[str, Any], model: Model) -> list[Wanted]:
    """The properties that were named, or all of them, whichever scenarios are searched."""
    request = request_of(options)
    return wanted_properties(dataclasses.replace(request, all=not request.properties), model)


def words_of(command: str, options: Mapping[str, Any]) -> list[str]:
    """What was typed, for a report that says how it is made again."""
    words = ["check", command]
    words += [word for name in options["loads"] for word in ("--load", name)]
    words += [word for name in options["designs"] for word in ("--design", name)]
    words += [word for name in options["properties"] for word in ("--property", name)]
    words += [word for name in options["scenarios"] for word in ("--scenario", name)]
    words += [word for name in options["settings"] for word in ("--set", name)]
    words += ["--all"] if options["everything"] else []
    words += ["--each-cause"] if options["each_cause"] else []
    words += ["--no-reduction"] if options["no_reduction"] else []
    return words
