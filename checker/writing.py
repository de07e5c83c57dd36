"""Files, each as a whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from checker.language.errors import CheckerError


def write(path: Path, text: str) -> None:
    """What stood there is not lost to a full disk, nor to Ctrl-C."""
    place = path.resolve()
    try:
        if is_device(place) or not os.access(place.parent, os.W_OK):
            place.write_text(text, encoding="utf-8")
        else:
            _replace(place, text)
    except OSError as error:
        raise CheckerError(f"{path}: it cannot be written: {error.strerror}") from None


def _replace(place: Path, text: str) -> None:
    unfinished = place.with_name(f".{place.name[:200]}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        if place.exists():
            shutil.copymode(place, unfinished)
        os.replace(unfinished, place)
    finally:
        unfinished.unlink(missing_ok=True)


def is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


def make_folder(option: str, folder: Path) -> None:
    """Before anything is searched: what cannot be written is noticed too late after an hour."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckerError(f"--{option} {folder}: this directory cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise CheckerError(f"--{option} {folder}: nothing may be written into this directory")


def write_folder(folder: Path, files: Mapping[str, str], pattern: str, mark: str) -> None:
    """By their names in `folder`. What fits the pattern, ends with the mark, and is not among them goes."""
    for name, text in files.items():
        write(folder / name, text)
    try:
        for old in sorted(folder.glob(pattern)):
            name = str(old.relative_to(folder))
            if name not in files and old.read_text(encoding="utf-8").rstrip().endswith(mark):
                old.unlink()
    except OSError as error:
        raise CheckerError(f"{folder}: a page of before cannot be removed: {error.strerror}") from None
