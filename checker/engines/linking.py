"""A library in a hurry, of two objects: that of the program, and that of the engine.

Without optimisation half of a compilation would go into the engine, which is the same for all programs of one
shape. Its object is made once and kept beside the libraries. explore.h has the other side of this.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from checker.engines.compilers import Compiler, compile_object, link
from checker.engines.libraries import content_of, key, to_be_kept

# What the engine's code depends on. Of what there are several of it is told when it runs.
SHAPE = {"WORDS": 1, "EAGER": 0, "SYMMETRY": 0, "N_COSTS": 0}
FINDINGS = ("N_INVARIANTS", "N_STEPS", "N_SITES", "N_GOALS", "N_REACHABLE")
OTHERS = ("N_BLOCKS", "N_CONDITIONS", "N_MOVED", "N_IN_CLASSES")
SMALLEST_ROOM = 1024
ENGINE_SOURCE = '#include "explore.c"\n'

_making: dict[tuple[int, Path], Future[bytes]] = {}  # by process: a fork has no threads


def link_library(source: str, compiler: Compiler, flags: Sequence[str], folder: Path, path: str) -> None:
    """Names that begin with `path` are free for the objects."""
    counts = _counts(source)
    flags = [*flags, f"-DCAPACITY={_capacity(counts)}"]
    shape = [f"-D{name}={counts.get(name, none)}" for name, none in SHAPE.items()]
    engine = _engine_object(compiler, [*flags, "-DENGINE_ONLY", *shape], folder)
    objects = [f"{path}.program.o", f"{path}.engine.o"]
    compile_object(source, compiler, [*flags, "-DPROGRAM_ONLY"], objects[0])
    Path(objects[1]).write_bytes(engine.result())
    link(source, compiler, objects, path)


def _counts(source: str) -> dict[str, int]:
    head = source.partition("#include")[0]
    return {name: int(count) for name, count in re.findall(r"^#define (\w+) (\d+)$", head, re.MULTILINE)}


def _capacity(counts: dict[str, int]) -> int:
    """Room for all that lies within structs; few sizes, so that there are few shapes."""
    most = max(sum(counts.get(name, 0) for name in FINDINGS), *(counts.get(name, 0) for name in OTHERS))
    return max(SMALLEST_ROOM, 1 << (most - 1).bit_length())


def _engine_object(compiler: Compiler, flags: Sequence[str], folder: Path) -> Future[bytes]:
    """While it is made, the program's can be; of several threads that want it one makes it."""
    path = folder / f"{key(ENGINE_SOURCE, compiler, flags)}.o"
    mine: Future[bytes] = Future()
    known = content_of(path)
    if known is not None:
        mine.set_result(known)
        return mine
    first = _making.setdefault((os.getpid(), path), mine)
    if first is mine:
        threading.Thread(target=_make, args=(path, compiler, flags, mine), daemon=True).start()
    return first


def _make(path: Path, compiler: Compiler, flags: Sequence[str], made: Future[bytes]) -> None:
    try:
        with to_be_kept(path) as unfinished:
            compile_object(ENGINE_SOURCE, compiler, flags, unfinished)
            content = Path(unfinished).read_bytes()
        made.set_result(content)
    except Exception as error:  # whatever it is, it is for those who wait
        made.set_exception(error)
    finally:
        del _making[os.getpid(), path]
