"""Keys of what is kept between runs: everything that a world is made of, and the tool, byte for byte.

What counts is the code that this process runs, and the files are read later than they were imported. So once
one of them is changed while the process runs, nothing is taken from a cache any more, nor put into one.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from checker import loading
from checker.language.source import is_library
from checker.language.world import World

TOOL = Path(__file__).parent
BEGUN = time.time_ns()

Stamp = tuple[int, int]  # of a file: when it was changed, and how long it is


@dataclass(frozen=True)
class _Noted:
    """A file as it was when it was first asked for. `digest`: None if it was changed while it was loaded."""

    module: ModuleType | None  # one that is imported anew is another one
    stamp: Stamp | None
    digest: str | None


_noted: dict[str, _Noted] = {}


def key_of(world: World, *more: str) -> str | None:
    """Of a result about a world, but for its design. `more`: what else it depends on. None: nothing is to be
    kept."""
    made_of = contents()
    if made_of is None:
        return None
    state = world.model.state
    parts = [
        made_of,
        f"{state.__module__}.{state.__qualname__}",
        world.scenario.name,
        repr(sorted(world.bounds.items())),
        *more,
        os.getcwd(),  # places in files are told from here
    ]
    return checksum("\0".join(parts))


def contents() -> str | None:
    """The files of everything that was imported and is no library, those of the tool, and the versions of the
    libraries and of Python. In the order of imports: what was loaded first may be replaced by what follows.
    """
    files = [*_model_files(), *((file, None) for file in _tool_files())]
    noted = [_as_noted(file, module) for file, module in files]
    if not is_steady() or not all(each.digest for each in noted):
        return None
    parts = [f"{file} {each.digest}" for (file, _), each in zip(files, noted, strict=True)]
    return checksum("\n".join([sys.version, _libraries(), *parts]))


def is_steady() -> bool:
    """Whether every file that was noted is still as it was then."""
    return all(_stamp(file) == each.stamp for file, each in _noted.items() if _is_loaded(each.module))


def _is_loaded(module: ModuleType | None) -> bool:
    return module is None or sys.modules.get(module.__name__) is module


def checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _model_files() -> Iterator[tuple[str, ModuleType]]:
    own = loading.own_packages()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and not is_library(file, own):
            yield file, module


@functools.cache
def _tool_files() -> list[str]:
    return sorted(str(path) for path in TOOL.rglob("*") if path.suffix in (".py", ".c", ".h"))


@functools.cache
def _libraries() -> str:
    """The installed packages, by what their folders of data are called: `networkx-3.4.2.dist-info`."""
    folders = [folder for folder in sys.path if os.path.isdir(folder)]
    found = {name for folder in folders for name in os.listdir(folder) if name.endswith("-info")}
    return " ".join(sorted(found))


def _as_noted(file: str, module: ModuleType | None) -> _Noted:
    known = _noted.get(file)
    if known is None or known.module is not module:
        begun = BEGUN if module is None else loading.begun
        known = _noted[file] = _note(file, module, begun)
    return known


def _note(file: str, module: ModuleType | None, begun: int) -> _Noted:
    stamp = _stamp(file)
    if stamp is None or stamp[0] > begun:
        return _Noted(module, stamp, None)
    return _Noted(module, stamp, hashlib.sha256(Path(file).read_bytes()).hexdigest())


def _stamp(file: str) -> Stamp | None:
    try:
        about = os.stat(file)
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size
