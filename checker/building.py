"""From what was asked for to compiled programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.language.errors import CheckerError, TypeRefused, UnsupportedConstruct
from checker.language.properties import DEADLOCK
from checker.language.world import World
from checker.request import Wanted


def asked(wanted: Sequence[Wanted]) -> list[Any]:
    """The properties as the engines take them."""
    return [each.found if each.found is not None else DEADLOCK for each in wanted]


def with_companions(wanted: Sequence[Wanted]) -> list[Any]:
    """And the witnesses that say whether they were exercised."""
    given = asked(wanted)
    companions = [each.found.companion for each in wanted if each.found is not None]
    # One for all the properties that it speaks for.
    by_function = {each.function: each for each in companions if each is not None}
    return [*given, *(each for each in by_function.values() if each not in given)]


def compiled(world: World, wanted: Sequence[Wanted], selectable: bool = False) -> Any:
    return compiled_for(world, with_companions(wanted), selectable)


def compiled_for(
    world: World,
    properties: Sequence[Any],
    selectable: bool = False,
    reduced: bool = False,
    passing: bool = True,
) -> Any:
    from checker.compiler import compile_program

    _ = world.cells  # what is wrong with a type is wrong for either engine
    for each in (*world.operations, *world.actions):
        world.parameters(each)
    try:
        return compile_program(world, properties, selectable, reduced, passing)
    except (UnsupportedConstruct, TypeRefused) as error:
        error.advice = "\n  ".join(filter(None, [error.advice, "--engine python may still run it"]))
        raise


def build_quietly(source: str) -> None:
    """For a thread: what is wrong is said by whoever needs the library."""
    from checker.engines.build import build, is_built

    try:
        build(source, quick=not is_built(source))
    except (CheckerError, OSError):
        return
