"""Files of results in the user's cache folder, by key.

A file is written under another name and renamed, and ends in its own checksum: two runs at once are in
nobody's way, and a damaged entry is found anew. What is another user's, or open to others, is not read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from checker.engines.libraries import cache_folder, distrust

CHECKSUM = hashlib.sha256().digest_size
ABANDONED = 3600  # seconds after which an unfinished file is that of a killed run


class Store:
    """None of its methods fails for want of a usable folder: then nothing is known and nothing kept."""

    def __init__(self, name: str, kept: int) -> None:
        folder, private = cache_folder(name)
        if private:
            shutil.rmtree(folder, ignore_errors=True)
        self.folder: Path | None = None if private else folder
        self.kept = kept

    def read(self, key: str) -> bytes | None:
        """An entry; None if there is none, or a damaged one, or one that others may have written."""
        if self.folder is None:
            return None
        path = self.folder / key
        try:
            content = path.read_bytes()
            if distrust(path) is not None or _checksum(content[:-CHECKSUM]) != content[-CHECKSUM:]:
                return None
            os.utime(path)
        except OSError:
            return None
        return content[:-CHECKSUM]

    def keep(self, key: str, content: bytes) -> None:
        if self.folder is None:
            return
        unfinished = None
        try:
            handle, unfinished = tempfile.mkstemp(prefix="unfinished-", dir=self.folder)
            with open(handle, "wb") as out:
                out.write(content + _checksum(content))
            os.replace(unfinished, self.folder / key)
        except OSError:  # a full disk costs time, not an answer
            if unfinished is not None:
                Path(unfinished).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Drop the entries used longest ago, and what killed runs left."""
        if self.folder is None:
            return
        found = []
        for path in self.folder.iterdir():
            try:
                found.append((path.stat().st_mtime, path))
            except OSError:
                continue  # another run was faster
        for place, (used, path) in enumerate(sorted(found, reverse=True)):
            abandoned = path.name.startswith("unfinished-") and time.time() - used > ABANDONED
            if place >= self.kept or abandoned:
                _drop(path)


def _drop(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the folder is read-only


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
