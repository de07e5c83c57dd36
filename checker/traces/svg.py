"""The sequence diagram of a trace: a lane for each column, time downwards, and what passes between lanes.
Sizes are pixels.

Its colours are variables, so that a page around it may choose them; alone it brings its own, light and dark.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from checker.traces.columns import mark
from checker.traces.messages import Message, Span, messages, spans
from checker.traces.trace import Trace, TraceStep
from checker.traces.wrapping import HANGING, wrapped

LINE, AROUND, GAP = 16, 8, 6  # of a box: a line of text, what is above and below, and what is under it
TOP, NAMES, LEFT = 54, 40, 52
WIDTHS, NARROW, LETTER = {1: 430, 2: 310, 3: 216, 4: 166}, 150, 7.9  # of a lane, and of a letter
HANGING_BY = int(HANGING * LETTER)
MOST_LINES = 3  # of a box; the whole text is its title
COLOURS = """svg.sequence {
  --ground: #ffffff; --ink: #1b1f24; --faint: #8c959f; --box: #f3f5f8; --edge: #59636e; --bar: #c7d7ee;
  --hardware: #f4ecd8; --origin: #fff1b8; --shows: #ffd7d5; --message: #1a6fb5;
}
@media (prefers-color-scheme: dark) { svg.sequence {
  --ground: #14181d; --ink: #e6eaef; --faint: #7d8894; --box: #222931; --edge: #8b97a4; --bar: #2f4568;
  --hardware: #39321f; --origin: #5c4a00; --shows: #6e2423; --message: #6cb6ff;
} }
"""
SHAPES = """svg.sequence { background: var(--ground); }
svg.sequence text { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; fill: var(--ink); }
svg.sequence .number { fill: var(--faint); text-anchor: end; }
svg.sequence .head { font-weight: bold; text-anchor: middle; }
svg.sequence .life { stroke: var(--faint); stroke-dasharray: 3 4; }
svg.sequence .bar { fill: var(--bar); }
svg.sequence .box { fill: var(--box); stroke: var(--edge); }
svg.sequence .action .box { fill: var(--hardware); stroke-dasharray: 4 2; }
svg.sequence .origin .box { fill: var(--origin); stroke-width: 2.5; }
svg.sequence .shows .box { fill: var(--shows); stroke-width: 2.5; }
svg.sequence .message { stroke: var(--message); fill: none; stroke-width: 1.5; }
svg.sequence .tip { fill: var(--message); }
"""


def standing_alone(trace: Trace) -> str:
    """A file of its own, for slides and mails."""
    title = f"{trace.name}: {trace.sentence}"
    return sequence(trace, f"<style>{COLOURS}{SHAPES}</style><title>{escape(title)}</title>") + "\n"


@dataclass(frozen=True)
class _Layout:
    """Where everything stands. `tops`: of the boxes, and the end of the last one."""

    lanes: tuple[str, ...]
    lane: int  # its width
    texts: tuple[tuple[str, ...], ...]
    tops: tuple[int, ...]

    def middle(self, lane: str) -> int:
        return LEFT + self.lane * self.lanes.index(lane) + self.lane // 2

    def top(self, number: int) -> int:
        return self.tops[number - 1]

    def bottom(self, number: int) -> int:
        return self.tops[number] - GAP

    def centre(self, number: int) -> int:
        return (self.top(number) + self.bottom(number)) // 2

    @property
    def width(self) -> int:
        return LEFT + self.lane * max(len(self.lanes), 1) + 10

    @property
    def height(self) -> int:
        return self.tops[-1] + 20


def _layout(trace: Trace) -> _Layout:
    lane = WIDTHS.get(len(trace.shown_lanes), NARROW)
    fit = int((lane - 26 - 12) / LETTER)
    texts = tuple(_lines(step.text, fit) for step in trace.shown_steps)
    heights = (AROUND + LINE * len(lines) + GAP for lines in texts)
    return _Layout(trace.shown_lanes, lane, texts, tuple(itertools.accumulate(heights, initial=TOP)))


def _lines(text: str, fit: int) -> tuple[str, ...]:
    lines = [line.strip() for line in wrapped(text, fit)]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [lines[MOST_LINES - 1][: fit - HANGING - 3] + "..."]
    return tuple(lines)


def sequence(trace: Trace, head: str = "", top: int = 0) -> str:
    """An element to be put into a page; a step is a group of class `step` with its number as data-step.
    `top`: so much of it is left out, which is where the names of the lanes are."""
    at = _layout(trace)
    parts = [
        head,
        *_lanes(at, at.height),
        *(_bar(at, span) for span in spans(trace)),
        *(_arrow(trace, at, message) for message in messages(trace)),
        *(_step(trace, at, step) for step in trace.shown_steps),
    ]
    return _picture(at, "sequence", "sequence diagram", top, at.height - top, parts)


def lane_names(trace: Trace) -> str:
    """What `sequence` leaves out, to stand above it while it is scrolled."""
    at = _layout(trace)
    return _picture(at, "sequence names", f"lanes: {', '.join(at.lanes)}", 0, NAMES, _lanes(at, NAMES))


def _picture(at: _Layout, kind: str, told: str, top: int, height: int, parts: Iterable[str]) -> str:
    start = (
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" width="{at.width}" height="{height}" '
        f'viewBox="0 {top} {at.width} {height}" role="img" aria-label="{escape(told)}">'
    )
    return "\n".join([start, *(part for part in parts if part), "</svg>"])


def _lanes(at: _Layout, height: int) -> Iterator[str]:
    for lane in at.lanes:
        x = at.middle(lane)
        yield f'<text class="head" x="{x}" y="24">{escape(lane or "any")}</text>'
        yield f'<line class="life" x1="{x}" y1="34" x2="{x}" y2="{height - 8}"/>'


def _bar(at: _Layout, span: Span) -> str:
    """An operation that takes several steps, behind them."""
    x, y = at.middle(span.lane) - at.lane // 2 + 6, at.top(span.first)
    return (
        f'<rect class="bar" x="{x}" y="{y}" width="6" height="{at.bottom(span.last) - y}" rx="3">'
        f"<title>{escape(f'{span.actor}: {span.operation}()')}</title></rect>"
    )


def _step(trace: Trace, at: _Layout, step: TraceStep) -> str:
    half, y = at.lane // 2, at.top(step.number)
    x, width = at.middle(step.lane) - half + 16, 2 * half - 26
    marked = {"*": " origin", "!": " shows", "": ""}[mark(trace, step)]
    kind = " action" if step.kind == "action" else ""
    words = [f"step {step.number}, {step.lane or 'any'}: {step.text}", step.place]
    words += {" origin": ["made it possible"], " shows": ["here it shows"], "": []}[marked]
    words += [str(change) for change in step.changes]
    text = "".join(
        f'<text x="{x + 6 + HANGING_BY * (number > 0)}" y="{y + 17 + LINE * number}">{escape(line)}</text>'
        for number, line in enumerate(at.texts[step.number - 1])
    )
    return (
        f'<g class="step{kind}{marked}" data-step="{step.number}">'
        f"<title>{escape(chr(10).join(words))}</title>"
        f'<text class="number" x="{LEFT - 10}" y="{y + 17}">{step.number}{mark(trace, step)}</text>'
        f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{at.bottom(step.number) - y}" rx="4"/>'
        f"{text}</g>"
    )


def _arrow(trace: Trace, at: _Layout, message: Message) -> str:
    """From the edge of one step's box to the facing edge of the other's."""
    sent, taken = trace.shown_steps[message.sent - 1], trace.shown_steps[message.taken - 1]
    one, other = at.middle(sent.lane), at.middle(taken.lane)
    way, half = 1 if other > one else -1, at.lane // 2
    x1, y1 = one + way * (half - (10 if way > 0 else 16)), at.centre(sent.number)
    x2, y2 = other - way * (half - (16 if way > 0 else 10)), at.centre(taken.number)
    tip = f"{x2},{y2} {x2 - way * 8},{y2 - 4} {x2 - way * 8},{y2 + 4}"
    bend = max(12, abs(x2 - x1) // 2)
    curve = f"M{x1},{y1} C{x1 + way * bend},{y1} {x2 - way * bend},{y2} {x2 - way * 6},{y2}"
    return (
        f'<g data-from="{message.sent}" data-to="{message.taken}"><title>{escape(message.text)}</title>'
        f'<path class="message" d="{curve}"/>'
        f'<polygon class="tip" points="{tip}"/></g>'
    )
