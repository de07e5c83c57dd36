"""The cache of what was compiled.

What is in it is executed, so the folder must belong to the user and be closed to others. A file is written
under another name and then renamed, so two runs at once, or one that is killed, leave no half of one; and it
ends in its own checksum, so that one damaged on the disk is made again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path

import platformdirs

from checker.engines.compilers import ENGINE, Compiler
from checker.language.errors import Notice

PARTS = sorted([*ENGINE.glob("*.[ch]"), ENGINE / "linking.py"])  # which a library is made of, and how
KEPT = 1000  # files in the cache
CHECKSUM = 32  # bytes


def cache_folder(name: str = "native") -> tuple[Path, bool]:
    """Where libraries (or others' results) are kept; or, if that cannot be trusted, a folder for this run
    only and True."""
    folder = platformdirs.user_cache_path("unmapped-check") / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        problem = distrust(folder)
    except OSError as error:
        problem = str(error)
    if problem is None:
        return folder, False
    _say_once(f"not using the cache {folder}: {problem}")
    return Path(tempfile.mkdtemp(prefix="unmapped-check-")), True


@cache
def _say_once(text: str) -> None:
    warnings.warn(text, Notice, stacklevel=3)


def distrust(path: Path) -> str | None:
    about = path.lstat()
    if about.st_uid != os.geteuid():
        return "it belongs to another user"
    if stat.S_ISLNK(about.st_mode):
        return "it is a symbolic link"
    if about.st_mode & 0o077:
        return "it is open to other users (chmod go-rwx)"
    return None


def is_kept(name: str) -> bool:
    return (platformdirs.user_cache_path("unmapped-check") / "native" / name).exists()


# ---- names ----


def key(source: str, compiler: Compiler, flags: Sequence[str]) -> str:
    """Of what is made of a source, by this engine and this compiler, for this machine."""
    parts = [_code_digest(source), engine_digest(), compiler.identity, repr(flags), _processor()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def engine_digest() -> str:
    """Of the part that is the same for all programs."""
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in PARTS)).hexdigest()


@lru_cache(maxsize=16)  # it is asked for again and again until the program is there
def _code_digest(source: str) -> str:
    """Of the code alone: comments name lines of the model, which move with each word above them."""
    code = "\n".join(line for line in source.splitlines() if not _is_comment(line))
    return hashlib.sha256(code.encode()).hexdigest()


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("/*") and line.find("*/") == len(line) - 2


@cache
def _processor() -> str:
    """-march=native makes a library that other machines, sharing a home, may not run."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    telling = ("model name", "flags", "Features", "CPU part")
    return "\n".join(line for line in lines if line.startswith(telling))


# ---- files ----


def content_of(path: Path) -> bytes | None:
    """Without the checksum. None if it is not there, damaged, or not ours."""
    try:
        content = path.read_bytes()
        if distrust(path) is not None:
            return None
        if len(content) < CHECKSUM or hashlib.sha256(content[:-CHECKSUM]).digest() != content[-CHECKSUM:]:
            return None
        os.utime(path)
    except OSError:
        return None
    return content[:-CHECKSUM]


@contextmanager
def to_be_kept(path: Path) -> Iterator[str]:
    """A name to write it to. Others that begin so may be used meanwhile."""
    handle, unfinished = tempfile.mkstemp(prefix="unfinished-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        yield unfinished
        content = Path(unfinished).read_bytes()
        with open(unfinished, "ab") as out:
            out.write(hashlib.sha256(content).digest())
        os.chmod(unfinished, 0o700)
        os.replace(unfinished, path)
    finally:
        for left in path.parent.glob(f"{Path(unfinished).name}*"):
            left.unlink(missing_ok=True)
    _tidy(path.parent)


def _tidy(folder: Path) -> None:
    """Drop what was used longest ago, and what killed runs left."""
    found = []
    for path in folder.iterdir():
        try:
            found.append((path.stat().st_mtime, path))
        except OSError:
            continue  # another run was faster
    found.sort(reverse=True)
    for place, (used, path) in enumerate(found):
        if place >= KEPT or (path.name.startswith("unfinished-") and time.time() - used > 3600):
            path.unlink(missing_ok=True)
