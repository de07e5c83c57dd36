"""Compiling: the C compiler works on the next scenarios' programs while this one is got ready and searched.

Most of the time of a first run goes into the C compiler, which is a process of its own, so a thread that
waits for it costs nothing. What a thread builds is only a file in the cache; it takes part in no answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checker.language.errors import CheckerError, TypeRefused, UnsupportedConstruct
from checker.language.properties import DEADLOCK
from checker.language.world import World
from checker.request import Wanted

PROCESSORS = os.cpu_count() or 1


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


def compiled(world: World, wanted: Sequence[Wanted], selectable: bool = False, reduced: bool = False) -> Any:
    from checker.compiler import compile_program

    _ = world.cells  # what is wrong with a type is wrong for either engine
    for each in (*world.operations, *world.actions):
        world.parameters(each)
    try:
        return compile_program(world, with_companions(wanted), selectable, reduced)
    except (UnsupportedConstruct, TypeRefused) as error:
        error.advice = "\n  ".join(filter(None, [error.advice, "--engine python may still run it"]))
        raise


@dataclass(frozen=True)
class _Started:
    wanted: tuple[Wanted, ...]
    program: Any
    thread: threading.Thread


class Ahead:
    """Programs whose libraries are being built, by world."""

    def __init__(self, selectable: bool = False, reduced: bool = False) -> None:
        self.selectable = selectable
        self.reduced = reduced
        self.started: dict[World, _Started] = {}

    def start(self, world: World, wanted: Sequence[Wanted]) -> None:
        """Compile a program and have its library built. An error in it is not yet due."""
        if PROCESSORS == 1 or world in self.started:
            return
        try:
            program = compiled(world, wanted, self.selectable, self.reduced)
        except CheckerError:
            return
        thread = threading.Thread(target=build_quietly, args=(program.source,), daemon=True)
        thread.start()
        self.started[world] = _Started(tuple(wanted), program, thread)

    def wants_more(self, world: World) -> bool:
        """Whether the program of a world is still being built, and a processor could build another one."""
        building = {each for each, begun in self.started.items() if begun.thread.is_alive()}
        return world in building and len(building) < PROCESSORS

    def take(self, world: World, wanted: Sequence[Wanted]) -> Any:
        """The program of a world, whether it was begun before or not."""
        begun = self.started.pop(world, None)
        if begun is None:
            return compiled(world, wanted, self.selectable, self.reduced)
        while begun.thread.is_alive():
            begun.thread.join(0.1)  # in short waits, so that Ctrl-C is heard
        if begun.wanted == tuple(wanted):
            return begun.program
        return compiled(world, wanted, self.selectable, self.reduced)


def build_quietly(source: str) -> None:
    """For a thread: what is wrong is said by whoever needs the library."""
    from checker.engines.build import build, is_built

    try:
        build(source, quick=not is_built(source))
    except (CheckerError, OSError):
        return
