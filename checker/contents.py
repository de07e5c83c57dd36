"""Keys of what is kept between runs: everything that a world is made of, and the tool, byte for byte."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from checker.language.source import is_library
from checker.language.world import World
from checker.loading import own_packages

TOOL = Path(__file__).parent


def key_of(world: World, *more: str) -> str:
    """Of a result about a world. `more`: what else it depends on."""
    state = world.model.state
    parts = [
        contents(),
        sys.version,  # expressions and annotations are read by it
        f"{state.__module__}.{state.__qualname__}",
        world.scenario.name,
        repr(sorted(world.bounds.items())),
        repr([(name, repr(value)) for name, value in sorted(world.design.items())]),
        *more,
        os.getcwd(),  # places in files are told from here
    ]
    return checksum("\0".join(parts))


def contents() -> str:
    """The files of everything that was imported and is no library, and those of the tool."""
    own = own_packages()
    loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    model = {file for file in loaded if file and not is_library(file, own)}
    return _digest(_with_times(model)) + _digest(_with_times(map(str, _tool_files())))


def checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _tool_files() -> list[Path]:
    """Found once: this process runs the files that it has begun with."""
    return [path for path in TOOL.rglob("*") if path.suffix in (".py", ".c", ".h")]


def _with_times(files: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """So that a file that was edited is read again within one process."""
    return tuple((file, os.stat(file).st_mtime_ns) for file in sorted(files) if os.path.exists(file))


@functools.lru_cache(maxsize=8)
def _digest(files: tuple[tuple[str, int], ...]) -> str:
    """Of paths and contents: results name places in files."""
    return checksum("\n".join(f"{file} {_checksum_of(Path(file))}" for file, _ in files))


def _checksum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
