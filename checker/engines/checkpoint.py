"""The file that the searches of one request are saved in, and gone on with from.

It starts with a text: what was asked, the results of the searches that are done, and which one comes next.
What follows is that one as it stood, in the words of the C side (save.h). A search is known by a key, which
covers the program that is explored: so the model, its version, its bounds, and the properties.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import stat
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.engines.figures import ENDED, Figures
from checker.engines.libraries import engine_digest
from checker.engines.outcome import DEPTH, INTERRUPTED, MEMORY, STATES, TIME, Limits
from checker.language.errors import CheckerError

KIND = b"check checkpoint "
MAGIC = KIND + b"2\n"
LENGTH = struct.Struct("<Q")
SUM = hashlib.sha256().digest_size  # bytes, of the text's checksum: it holds results, which are believed
MOST_TEXT = 1 << 30
SAVE_SECONDS = 120.0  # between two savings
OTHER_VERSION = "it was written by another version of the checker"
UNFINISHED = ".unfinished"  # the file that is being written


class NotResumed(CheckerError):
    """A checkpoint that is damaged, or of something else."""


@dataclass(frozen=True)
class Saved:
    """A file that was read back. `standing`: the key of the search that it goes on with."""

    path: Path
    about: Mapping[str, Any]
    done: Mapping[str, Figures]
    standing: str | None
    offset: int  # where the search itself starts


def key_of(program: Any, properties: Sequence[Any] | None, limits: Limits) -> str:
    names = None if properties is None else sorted(p if isinstance(p, str) else p.name for p in properties)
    source = program.source
    if source.startswith("/*"):  # for readers: what it says of the switches may come from another design
        source = source.partition("\n")[2]
    parts = (program.initial_words(), names, limits.keep_going)
    return hashlib.sha256("\0".join([source, *map(repr, parts)]).encode()).hexdigest()


class Keeper:
    """Saves the searches of a request. The file is of the first that does not come to its end."""

    def __init__(
        self, path: Path, about: Mapping[str, Any], always: bool = False, saved: Saved | None = None
    ) -> None:
        """`about`: what was asked. `always`: save also what --max-states or --max-depth has ended. `saved`:
        what is gone on with."""
        self.path, self.about, self.always, self.saved = path, about, always, saved
        # Of this process, so that two that save under one name do not write into each other's file.
        self.unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
        self.done: dict[str, Figures] = {}
        self.closed = False  # it is the file of a search that is over
        self.is_written = saved is not None and saved.path == path
        self.trouble = ""  # why the last saving failed
        self.last = time.monotonic()
        _remove_leftovers(path)

    def known(self, key: str) -> Figures | None:
        """The results of a search that was done before."""
        figures = self.saved.done.get(key) if self.saved is not None else None
        if figures is not None:
            figures = dataclasses.replace(figures, nanoseconds_before=figures.nanoseconds)
            self.done[key] = figures
        return figures

    def to_go_on_with(self, key: str) -> Saved | None:
        """What was saved of this search. After those that are done, it is the first."""
        saved, self.saved = self.saved, None
        if saved is None or (saved.standing is None and set(saved.done) <= set(self.done)):
            return None
        if saved.standing != key:
            raise NotResumed(
                f"--resume {saved.path}: it is of another model, version or bounds",
                advice="the model may have been edited since; without --resume, the search begins anew",
            )
        return saved

    def ends_to_save(self, at_first: bool) -> int:
        """Bits of the ends after which a search is saved; at first it has a limit of its own."""
        ends = {TIME, INTERRUPTED, MEMORY}
        if self.always:
            ends |= {DEPTH} if at_first else {DEPTH, STATES}
        return sum(1 << number for number, why in enumerate(ENDED) if why in ends)

    def ended(self, key: str, figures: Figures, at_first: bool, saves: int, error: int) -> None:
        if self.closed or (at_first and ENDED[figures.ended] == STATES):
            return
        self.is_written |= saves > 0
        self.trouble = os.strerror(error) if error else ""
        if error == errno.EINTR:
            self.trouble = "a second Ctrl-C did not wait for that"
        if self.ends_to_save(at_first) >> figures.ended & 1:
            self.closed = True
            return
        self.done[key] = figures
        if time.monotonic() - self.last > SAVE_SECONDS:
            self._write_done()

    def stopped(self) -> None:
        """Ctrl-C or the time came before the end of the request, maybe between two searches."""
        if not self.closed and self.saved is None and self.done:
            self._write_done()

    def remove(self) -> None:
        """There is nothing left to go on with."""
        self.path.unlink(missing_ok=True)
        self.is_written = False

    def text(self, standing: str | None) -> bytes:
        about = {
            "about": dict(self.about),
            "engine": engine_digest(),
            "done": {key: dataclasses.asdict(figures) for key, figures in self.done.items()},
            "standing": standing,
        }
        text = json.dumps(about).encode()
        return MAGIC + LENGTH.pack(len(text)) + hashlib.sha256(text).digest() + text

    def _write_done(self) -> None:
        """Between two searches there is nothing but results to save."""
        self.last = time.monotonic()
        try:
            with open(self.unfinished, "wb") as out:
                os.fchmod(out.fileno(), 0o600)
                out.write(self.text(None))
                out.flush()
                os.fsync(out.fileno())
            os.replace(self.unfinished, self.path)
            self.is_written, self.trouble = True, ""
        except OSError as error:
            self.unfinished.unlink(missing_ok=True)
            self.trouble = os.strerror(error.errno or 0)


def may_be_replaced(path: Path) -> bool:
    """Whether nothing is there, or an older checkpoint: not what somebody named by mistake."""
    if not path.is_file():
        return not path.exists()
    try:
        with open(path, "rb") as file:
            return file.read(len(KIND)) in (KIND, b"")
    except OSError:
        return False


def read(path: Path) -> Saved:
    """What a file goes on with. Its states are handed to compiled code, so it must be the user's own."""
    try:
        with open(path, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise _refused(path, "it is no file")
            if about.st_uid != os.geteuid() or about.st_mode & 0o022:
                raise _refused(path, "it belongs to, or can be written by, another user")
            head = file.read(len(MAGIC) + LENGTH.size + SUM)
            if head.startswith(KIND) and not head.startswith(MAGIC):
                raise _refused(path, OTHER_VERSION)
            if not head.startswith(MAGIC) or len(head) < len(MAGIC) + LENGTH.size + SUM:
                raise _refused(path, "it is no checkpoint")
            length = LENGTH.unpack_from(head, len(MAGIC))[0]
            text = file.read(length) if length <= MOST_TEXT else b""
            if hashlib.sha256(text).digest() != head[-SUM:]:
                raise damaged(path)
    except OSError as error:
        raise NotResumed(f"--resume {path}: {error.strerror}") from error
    try:
        data = json.loads(text)
        if data["engine"] != engine_digest():
            raise _refused(path, OTHER_VERSION)
        done = {key: Figures(**figures) for key, figures in data["done"].items()}
        return Saved(path, data["about"], done, data["standing"], len(head) + length)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path) from error


def _refused(path: Path, why: str) -> NotResumed:
    return NotResumed(f"--resume {path}: {why}")


def damaged(path: Path) -> NotResumed:
    return _refused(path, "it is damaged")


def _remove_leftovers(path: Path) -> None:
    """What killed processes had not finished."""
    for left in path.parent.iterdir():
        name, _, number = left.name.removesuffix(UNFINISHED).rpartition(".")
        known = left.name.endswith(UNFINISHED) and name == path.name and number.isdigit()
        if known and not _is_alive(int(number)):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
