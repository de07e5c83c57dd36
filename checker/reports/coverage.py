"""Which atomic blocks of the model were ever run, by the lines that they begin at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from checker.cells.results import Searched


@dataclass(frozen=True)
class Line:
    """`fired`: how often the block that begins here was run in all searches; None: none begins here."""

    number: int
    text: str
    fired: int | None


@dataclass(frozen=True)
class File:
    name: str
    lines: tuple[Line, ...]

    @property
    def blocks(self) -> list[Line]:
        return [line for line in self.lines if line.fired is not None]

    @property
    def never(self) -> list[Line]:
        return [line for line in self.blocks if not line.fired]

    @property
    def anchor(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.name)


def coverage_of(searches: Iterable[Searched]) -> list[File]:
    """By file, in the order of their names. A file that is not there has no text."""
    counts: dict[str, dict[int, int]] = {}
    for each in searches:
        for place, count in each.fired.items():
            file, _, line = place.rpartition(":")
            lines = counts.setdefault(file, {})
            lines[int(line)] = lines.get(int(line), 0) + count
    return [File(name, tuple(_lines(name, counts[name]))) for name in sorted(counts)]


def _lines(name: str, fired: dict[int, int]) -> Iterable[Line]:
    try:
        texts = Path(name).read_text(encoding="utf-8").splitlines()
    except OSError:
        texts = []
    last = max(len(texts), *fired)
    for number in range(1, last + 1):
        yield Line(number, texts[number - 1] if number <= len(texts) else "", fired.get(number))
