"""A drawing of an address space: which regions lie where, and where the addresses in question fall.

A row is an address at which something begins, ends or is meant; the distances between rows say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from checker.language.obligations import Region
from checker.traces.text import plain
from checker.traces.wrapping import HANGING, wrapped

ROW, COLUMN, LEFT, WIDE, LETTER = 22, 26, 170, 760, 7.9  # of the SVG, in pixels
SHADES = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#9d755d", "#72b7b2")


@dataclass(frozen=True)
class Row:
    """An address; `starts`, `ends` and `covered` number the regions that begin, end and go on there."""

    address: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    covered: tuple[int, ...]
    labels: tuple[str, ...]


@dataclass
class AddressMap:
    """Regions and marked addresses. A region that wraps around is two marks: it has no inside to draw."""

    title: str
    regions: list[tuple[str, int, int]] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """From the lowest address up."""
        places = {place for _, start, end in self.regions for place in (start, end)}
        return [self._row(address) for address in sorted(places | {address for address, _ in self.marks})]

    def _row(self, address: int) -> Row:
        numbered = list(enumerate(self.regions))
        starts = tuple(number for number, (_, start, _) in numbered if start == address)
        ends = tuple(number for number, (_, _, end) in numbered if end == address)
        covered = tuple(number for number, (_, start, end) in numbered if start < address < end)
        labels = [f"{self.regions[number][0]} ends" for number in ends]
        labels += [f"{self.regions[number][0]} starts" for number in starts]
        labels += [f"<-- {text}" for at, text in self.marks if at == address]
        return Row(address, starts, ends, covered, tuple(labels))


def address_map(title: str, regions: Sequence[Region], marks: Sequence[tuple[int, str]]) -> AddressMap:
    made = AddressMap(title, [], list(dict.fromkeys(marks)))
    for each in regions:
        start, end = int(each.start), int(each.end)
        if start < (end or 1 << each.end.kind.bits):
            made.regions.append((each.name, start, end or 1 << each.end.kind.bits))
        else:
            made.marks += [(start, f"{each.name} starts"), (end, f"{each.name} ends (wrapped around)")]
    made.regions.sort(key=lambda region: (region[1], -region[2]))
    return made


def drawn(picture: AddressMap, width: int) -> Iterator[str]:
    """For a terminal or a mail: one column of bars per region. A label that is too long is cut."""
    for line in _drawn(picture):
        yield line if len(line) <= width else line[: width - 3] + "..."


def _drawn(picture: AddressMap) -> Iterator[str]:
    rows = picture.rows()
    for number, row in enumerate(rows):
        bars = "".join(_bar(row, column) for column in range(len(picture.regions)))
        first, *more = row.labels
        yield plain(f"{row.address:#018x}  {bars} {first}")
        for label in more:
            yield plain(f"{'':18}  {_between(row, len(picture.regions))} {label}")
        if number + 1 < len(rows):
            yield f"{'':18}  {_between(row, len(picture.regions))}".rstrip()


def _bar(row: Row, column: int) -> str:
    if column in row.starts or column in row.ends:
        return "+ "
    return "| " if column in row.covered else "  "


def _between(row: Row, columns: int) -> str:
    return "".join("| " if column in (*row.starts, *row.covered) else "  " for column in range(columns))


def svg(pictures: Sequence[AddressMap]) -> str:
    """All drawings below each other, as one picture."""
    parts: list[str] = []
    top = ROW
    for picture in pictures:
        titles = wrapped(picture.title, int((WIDE - 20) / LETTER))
        for number, title in enumerate(titles):
            x, y = 10 + (HANGING * LETTER if number else 0), top + ROW * number
            parts.append(f'<text class="t" x="{x:.0f}" y="{y}">{escape(title.strip())}</text>')
        top += ROW * (len(titles) - 1)
        parts += _svg_of(picture, top)
        top += ROW * (len(_lines(picture)) + 3)
    wide = max([WIDE, *map(_width, pictures)])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{top}" viewBox="0 0 {wide} {top}">'
    )
    style = "<style>text{font:13px monospace}.t{font-weight:bold}</style>"
    return "\n".join([head, style, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


def _lines(picture: AddressMap) -> list[tuple[Row, str]]:
    return [(row, label) for row in picture.rows() for label in row.labels]


def _width(picture: AddressMap) -> int:
    longest = max((len(label) for _, label in _lines(picture)), default=0)
    return _labels(picture) + int(longest * LETTER) + 10


def _labels(picture: AddressMap) -> int:
    """Where they begin."""
    return LEFT + COLUMN * len(picture.regions) + 8


def _svg_of(picture: AddressMap, top: int) -> Iterator[str]:
    lines = _lines(picture)
    height: dict[int, int] = {}
    for number, (row, _) in enumerate(lines):
        height.setdefault(row.address, top + ROW * (number + 1))
    for number, (name, start, end) in enumerate(picture.regions):
        yield (
            f'<rect x="{LEFT + COLUMN * number}" y="{height[start]}" width="{COLUMN - 6}" '
            f'height="{height[end] - height[start]}" fill="{SHADES[number % len(SHADES)]}" '
            f'fill-opacity="0.5" stroke="black"><title>{escape(name)}</title></rect>'
        )
    right = _labels(picture)
    seen: set[int] = set()
    for number, (row, label) in enumerate(lines):
        y = top + ROW * (number + 1)
        if row.address not in seen:
            seen.add(row.address)
            yield f'<text x="10" y="{y + 4}">{row.address:#018x}</text>'
            yield f'<line x1="{LEFT - 8}" y1="{y}" x2="{right - 4}" y2="{y}" stroke="#888"/>'
        yield f'<text x="{right}" y="{y + 4}">{escape(label)}</text>'
