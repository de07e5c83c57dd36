"""Lines of a given width, for terminals and mails. A long name ends after one of its parts, not within it."""

from __future__ import annotations

import re

HANGING = 2  # by which the further lines of a text stand to the right


def wrapped(text: str, width: int, first: str = "", further: str = " " * HANGING) -> list[str]:
    """The lines of a text, each with what stands before it; none of an empty text."""
    lines: list[str] = []
    first += text[: len(text) - len(text.lstrip())]
    line, begun = first, False
    for piece, space in _pieces(text, width - max(len(first), len(further))):
        if begun and len(line) + len(piece) > width:
            lines.append(line.rstrip())
            line = further
        line, begun = line + piece + space, True
    return [*lines, line.rstrip()] if begun else []


def _pieces(text: str, room: int) -> list[tuple[str, str]]:
    """Words, where a line has room for them, else their parts, each with the mark that ends it; and the space
    that follows."""
    found: list[tuple[str, str]] = []
    for word, space in re.findall(r"(\S+)(\s*)", text):
        parts = [word] if len(word) <= room else re.findall(r"[^_.,/(\[]*[_.,/(\[]+|[^_.,/(\[]+", word)
        pieces = [part[at : at + room] for part in parts for at in range(0, len(part), room)]
        found += [*((piece, "") for piece in pieces[:-1]), (pieces[-1], space)]
    return found
