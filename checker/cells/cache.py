"""Results of searches by content: a search is not repeated while nothing that it depends on has changed.

Whatever the model is made of counts, and the tool itself: any byte of them may change a verdict. Only whole
searches are kept, so no limit is part of the key. A file is written under another name and renamed, and ends
in its own checksum: two runs at once are in nobody's way, and a damaged entry is searched again.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from checker.cells.results import Searched, as_data, from_data
from checker.engines.build import cache_folder
from checker.language.source import is_library
from checker.language.world import World
from checker.loading import own_packages
from checker.request import Request, Wanted

TOOL = Path(__file__).parents[1]
KEPT = 5000  # entries
CHECKSUM = 64  # characters


class Cache:
    """None of its methods fails for want of a usable folder: then nothing is known and nothing kept."""

    def __init__(self) -> None:
        folder, private = cache_folder("cells")
        if private:
            shutil.rmtree(folder, ignore_errors=True)
        self.folder = None if private else folder

    def read(self, key: str, design: str) -> Searched | None:
        try:
            text = self.text(key)
            return None if text is None else from_data(json.loads(text), design)
        except (ValueError, KeyError, TypeError):
            return None

    def write(self, key: str, searched: Searched) -> None:
        if not searched.ended and all(each.all_causes for each in searched.violated):
            self.keep(key, json.dumps(as_data(searched), sort_keys=True))

    def text(self, key: str) -> str | None:
        """An entry; None if there is none, or a damaged one."""
        if self.folder is None:
            return None
        path = self.folder / key
        try:
            text = path.read_text()
            if _checksum(text[:-CHECKSUM]) != text[-CHECKSUM:]:
                return None
            os.utime(path)
            return text[:-CHECKSUM]
        except (OSError, ValueError):
            return None

    def keep(self, key: str, text: str) -> None:
        if self.folder is None:
            return
        try:
            handle, unfinished = tempfile.mkstemp(prefix="unfinished-", dir=self.folder)
            with open(handle, "w") as out:
                out.write(text + _checksum(text))
            os.replace(unfinished, self.folder / key)
        except OSError:
            return  # a full disk costs time, not an answer

    def tidy(self) -> None:
        """Drop the entries used longest ago."""
        if self.folder is None:
            return
        found = []
        for path in self.folder.iterdir():
            try:
                found.append((path.stat().st_mtime, path))
            except OSError:
                continue  # another run was faster
        for _used, path in sorted(found, reverse=True)[KEPT:]:
            path.unlink(missing_ok=True)


def key_of(world: World, wanted: Sequence[Wanted], request: Request) -> str:
    """What the result of one search depends on."""
    state = world.model.state
    parts = [
        contents(),
        f"{state.__module__}.{state.__qualname__}",
        world.scenario.name,
        repr(sorted(world.bounds.items())),
        repr([(name, repr(value)) for name, value in sorted(world.design.items())]),
        repr([each.name for each in wanted]),
        request.engine,
        "each cause" if request.each_cause else "",
        os.getcwd(),  # places in files are told from here
    ]
    return _checksum("\0".join(parts))


def contents() -> str:
    """The files of everything that was imported and is no library, and those of the tool."""
    own = own_packages()
    loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    model = {file for file in loaded if file and not is_library(file, own)}
    return _digest(_with_times(model)) + _digest(_with_times(map(str, _tool_files())))


def _tool_files() -> list[Path]:
    return [path for path in TOOL.rglob("*") if path.suffix in (".py", ".c", ".h")]


def _with_times(files: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """So that a file that was edited is read again within one process."""
    return tuple((file, os.stat(file).st_mtime_ns) for file in sorted(files) if os.path.exists(file))


@functools.lru_cache(maxsize=8)
def _digest(files: tuple[tuple[str, int], ...]) -> str:
    """Of paths and contents: results name places in files."""
    return _checksum("\n".join(f"{file} {_checksum_of(Path(file))}" for file, _ in files))


def _checksum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
