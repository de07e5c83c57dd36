"""The sequence diagram of a trace: a lane for each column, time downwards, and what passes between lanes.

Its colours are variables, so that a page around it may choose them; alone it brings its own, light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from checker.traces.columns import mark
from checker.traces.messages import Message, Span, messages, spans
from checker.traces.trace import Trace, TraceStep

ROW, TOP, NAMES, LEFT = 30, 54, 40, 52  # pixels
WIDTHS, NARROW, LETTER = {1: 360, 2: 360, 3: 260}, 195, 7.9  # of a lane, by their number, and of a letter
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


def sequence(trace: Trace, head: str = "", top: int = 0) -> str:
    """An element to be put into a page; a step is a group of class `step` with its number as data-step.
    `top`: so much of it is left out, which is where the names of the lanes are."""
    height = TOP + ROW * len(trace.shown_steps) + 20
    parts = [
        head,
        *_lanes(trace, height),
        *(_bar(trace, span) for span in spans(trace)),
        *(_step(trace, step) for step in trace.shown_steps),
        *(_arrow(trace, message) for message in messages(trace)),
    ]
    return _picture(trace, "sequence", top, height - top, parts)


def lane_names(trace: Trace) -> str:
    """What `sequence` leaves out, to stand above it while it is scrolled."""
    return _picture(trace, "sequence names", 0, NAMES, _lanes(trace, NAMES))


def _picture(trace: Trace, kind: str, top: int, height: int, parts: Iterable[str]) -> str:
    width = LEFT + _lane(trace) * max(len(trace.shown_lanes), 1) + 10
    start = (
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 {top} {width} {height}" role="img" aria-label="sequence diagram">'
    )
    return "\n".join([start, *(part for part in parts if part), "</svg>"])


def _lane(trace: Trace) -> int:
    return WIDTHS.get(len(trace.shown_lanes), NARROW)


def _middle(trace: Trace, lane: str) -> int:
    return LEFT + _lane(trace) * trace.shown_lanes.index(lane) + _lane(trace) // 2


def _height(number: int) -> int:
    """Where the box of a step begins."""
    return TOP + ROW * (number - 1)


def _lanes(trace: Trace, height: int) -> Iterator[str]:
    for lane in trace.shown_lanes:
        x = _middle(trace, lane)
        yield f'<text class="head" x="{x}" y="24">{escape(lane or "any")}</text>'
        yield f'<line class="life" x1="{x}" y1="34" x2="{x}" y2="{height - 8}"/>'


def _bar(trace: Trace, span: Span) -> str:
    """An operation that takes several steps, behind them."""
    x, y = _middle(trace, span.lane) - _lane(trace) // 2 + 6, _height(span.first)
    return (
        f'<rect class="bar" x="{x}" y="{y}" width="6" height="{_height(span.last) + ROW - 6 - y}" rx="3">'
        f"<title>{escape(f'{span.actor}: {span.operation}()')}</title></rect>"
    )


def _step(trace: Trace, step: TraceStep) -> str:
    half, y = _lane(trace) // 2, _height(step.number)
    x, width = _middle(trace, step.lane) - half + 16, 2 * half - 26
    marked = {"*": " origin", "!": " shows", "": ""}[mark(trace, step)]
    kind = " action" if step.kind == "action" else ""
    fit = int((width - 12) / LETTER)
    text = step.text if len(step.text) <= fit else step.text[: fit - 3] + "..."
    words = [f"step {step.number}, {step.lane or 'any'}: {step.text}", step.place]
    words += {" origin": ["made it possible"], " shows": ["here it shows"], "": []}[marked]
    words += [str(change) for change in step.changes]
    return (
        f'<g class="step{kind}{marked}" data-step="{step.number}">'
        f"<title>{escape(chr(10).join(words))}</title>"
        f'<text class="number" x="{LEFT - 10}" y="{y + 17}">{step.number}{mark(trace, step)}</text>'
        f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{ROW - 6}" rx="4"/>'
        f'<text x="{x + 6}" y="{y + 17}">{escape(text)}</text></g>'
    )


def _arrow(trace: Trace, message: Message) -> str:
    """From the edge of one step's box to the facing edge of the other's."""
    sent, taken = trace.shown_steps[message.sent - 1], trace.shown_steps[message.taken - 1]
    one, other = _middle(trace, sent.lane), _middle(trace, taken.lane)
    way, half = 1 if other > one else -1, _lane(trace) // 2
    x1, y1 = one + way * (half - (10 if way > 0 else 16)), _height(sent.number) + (ROW - 6) // 2
    x2, y2 = other - way * (half - (16 if way > 0 else 10)), _height(taken.number) + (ROW - 6) // 2
    tip = f"{x2},{y2} {x2 - way * 8},{y2 - 4} {x2 - way * 8},{y2 + 4}"
    bend = max(12, abs(x2 - x1) // 2)
    curve = f"M{x1},{y1} C{x1 + way * bend},{y1} {x2 - way * bend},{y2} {x2 - way * 6},{y2}"
    return (
        f'<g data-from="{message.sent}" data-to="{message.taken}"><title>{escape(message.text)}</title>'
        f'<path class="message" d="{curve}"/>'
        f'<polygon class="tip" points="{tip}"/></g>'
    )
