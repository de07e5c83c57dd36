"""The options of `check`, those that every model has and those that its bounds add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from checker.engines.outcome import Limits
from checker.names import typed
from checker.request import Request, parsed_memory, parsed_time

BOUND = "bound_"  # prefix of the parameters that stand for bounds


def load_option() -> click.Option:
    return click.Option(
        ["--load", "loads"],
        multiple=True,
        metavar="FILE",
        help="A Python file with properties, operations, switches, or a whole model.",
    )


def saving_options() -> list[click.Parameter]:
    return [
        click.Option(["--resume"], metavar="FILE", help="Go on with a search that was stopped and saved."),
        click.Option(["--checkpoint"], metavar="FILE", help="Save a search that is stopped here."),
    ]


def atomicity_option() -> click.Option:
    return click.Option(
        ["--atomicity"],
        type=click.Choice(["coarse", "fine"]),
        help="fine: split atomic blocks before each access that no lock covers.",
    )


def model_options(bounds: Mapping[str, int]) -> list[click.Parameter]:
    """Which version of the model, and how large a world."""
    return [
        click.Option(["--design"], metavar="NAME", help="The posted version, or other preset, to check."),
        click.Option(
            ["--set", "settings"], multiple=True, metavar="NAME=VALUE", help="Change one design switch."
        ),
        *(_bound_option(name, default) for name, default in bounds.items()),
    ]


def search_options(bounds: Mapping[str, int]) -> list[click.Parameter]:
    options = [
        click.Option(["--scenario", "scenarios"], multiple=True, metavar="NAME", help="Only this scenario."),
        click.Option(
            ["--engine"],
            type=click.Choice(["native", "python", "symbolic"]),
            help="native (default), python, or symbolic: z3, for short traces and proofs by induction.",
        ),
        click.Option(["--threads"], type=click.IntRange(min=1), help="Worker threads of the native engine."),
        click.Option(
            ["--no-reduction"],
            is_flag=True,
            help="Interleave every action, even where that changes no answer.",
        ),
        click.Option(["--max-depth"], type=click.IntRange(min=1), help="Stop after this many levels."),
        click.Option(["--max-states"], type=click.IntRange(min=1), help="Stop after this many states."),
        click.Option(["--memory"], metavar="SIZE", help="Stop when the process uses this: 50M, 2G."),
        click.Option(["--time", "seconds"], metavar="TIME", help="Stop after this long, such as 10s or 5m."),
        click.Option(
            ["--each-cause"], is_flag=True, help="Search on after a violation, for others of the property."
        ),
        load_option(),
        click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on stdout instead of text."),
        click.Option(["--no-color"], is_flag=True, help="Plain text on a terminal too (as NO_COLOR does)."),
    ]
    taken = {name for option in options for name in option.opts}
    free = {name: default for name, default in bounds.items() if f"--{typed(name)}" not in taken}
    return [*model_options(free), *options]


def _bound_option(name: str, default: int) -> click.Option:
    return click.Option(
        [f"--{typed(name)}", BOUND + name],
        type=click.IntRange(min=0),
        metavar="N",
        help=f"Bound of the model, {default} unless the scenario says otherwise.",
    )


def merged(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Options before and after the subcommand: lists add up, single values after it win."""
    result = dict(outer)
    for name, value in inner.items():
        before = result.get(name)
        if isinstance(value, tuple) and isinstance(before, tuple):
            result[name] = (*before, *value)
        elif value not in (None, False):
            result[name] = value
        else:
            result.setdefault(name, value)
    return result


def request_of(
    given: Mapping[str, Any], question: str | None = None, expression: str | None = None
) -> Request:
    memory, seconds = given.get("memory"), given.get("seconds")
    return Request(
        properties=tuple(given.get("properties") or ()),
        all=bool(given.get("everything")),
        design=given.get("design"),
        settings=tuple(given.get("settings") or ()),
        scenarios=tuple(given.get("scenarios") or ()),
        bounds={
            name.removeprefix(BOUND): value
            for name, value in given.items()
            if name.startswith(BOUND) and value is not None
        },
        engine=given.get("engine") or "native",
        each_cause=bool(given.get("each_cause")),
        reduced=not given.get("no_reduction"),
        limits=Limits(
            max_depth=given.get("max_depth"),
            max_states=given.get("max_states"),
            memory=parsed_memory(memory) if memory else None,
            seconds=parsed_time(seconds) if seconds else None,
            threads=given.get("threads"),
        ),
        loads=tuple(given.get("loads") or ()),
        fine=given.get("atomicity") == "fine",
        question=question,
        expression=expression,
    )
