"""Compiling ahead: the C compiler works on the next scenarios' programs while this one is searched.

Most of the time of a first run goes into the C compiler, which is a process of its own, so a thread that
waits for it costs nothing. What a thread builds is only a file in the cache; it takes part in no answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checker.building import build_quietly, compiled, with_companions
from checker.language.errors import CheckerError
from checker.language.world import World
from checker.programs import Programs
from checker.request import Wanted

PROCESSORS = os.cpu_count() or 1


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
        self.programs = Programs()

    def start(self, world: World, wanted: Sequence[Wanted]) -> None:
        """Compile a program and have its library built. An error in it is not yet due."""
        if PROCESSORS == 1 or world in self.started:
            return
        try:
            program = self._program(world, wanted)
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
            return self._program(world, wanted)
        while begun.thread.is_alive():
            begun.thread.join(0.1)  # in short waits, so that Ctrl-C is heard
        if begun.wanted == tuple(wanted):
            return begun.program
        return self._program(world, wanted)

    def _program(self, world: World, wanted: Sequence[Wanted]) -> Any:
        if self.selectable:
            return compiled(world, wanted, selectable=True)
        return self.programs.program(world, with_companions(wanted), self.reduced)
