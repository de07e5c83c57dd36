"""The steps of a trace side by side: one column per lane, downwards in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker.traces.trace import Trace, TraceStep
from checker.traces.wrapping import HANGING, wrapped

WIDTH = 75
GUTTER = 5  # "  1  "
CLOSEST, WIDEST = 5, 32  # from one column to the next
LAST = 26  # the width of the last column, while that leaves the others apart
LEAST = 12


@dataclass(frozen=True)
class Style:
    """`follow`: only the steps that have to do with this member or place. `verbose`: whole states.
    `marked`: the steps that matter most are, for which the trace has to be explained."""

    follow: str = ""
    verbose: bool = False
    marked: bool = True
    width: int = WIDTH


PLAIN = Style()


def columns(trace: Trace, style: Style = PLAIN) -> Iterator[str]:
    """Numbered steps, one column per lane: a text starts where its lane does, and may run on to the right."""
    lanes = trace.shown_lanes
    if not trace.shown_steps:
        yield "  the initial state itself"
        return
    starts, width = column_starts(lanes, style.width, _longest_word(trace)), style.width
    if any(lanes):
        heads = [lane or "any" for lane in lanes]
        yield _placed(zip(starts, heads, strict=True))
        yield _placed((start, "-" * len(head)) for start, head in zip(starts, heads, strict=True))
    sharing = _shared_lanes(trace.shown_steps)
    for step in followed(trace, style.follow):
        if isinstance(step, int):
            yield f"     ... {step} more, not about {style.follow}"
            continue
        column = lanes.index(step.lane)
        text = f"{step.actor}: {step.text}" if step.lane in sharing else step.text
        head = f"{step.number:3d}{mark(trace, step) if style.marked else ''}"
        yield from _step_lines(head, starts[column], text, width)
        if step.finished and step.kind == "resume":
            yield from _step_lines("", starts[column], f"{step.operation}() returns", width)
    if style.marked:
        yield from _legend(trace)


def mark(trace: Trace, step: TraceStep) -> str:
    """`*` made the violation possible, `!` shows it."""
    if step.number == trace.why.origin:
        return "*"
    explained = trace.why.origin is not None or bool(trace.ending.steps)
    return "!" if explained and step.number == len(trace.steps) else ""


def _legend(trace: Trace) -> Iterator[str]:
    last = len(trace.steps)
    if trace.why.origin is not None and trace.why.origin <= last and not trace.ending.steps:
        yield f"     * step {trace.why.origin} made it possible   ! step {last} shows it"
    elif trace.ending.steps:
        if trace.why.origin is not None:
            yield f"     * step {trace.why.origin}: what it wrote is waited for"
        yield f"     ! from step {last} on nothing can prevent it; what follows is how it ends"


def followed(trace: Trace, entry: str) -> Iterator[TraceStep | int]:
    """The steps that have to do with a member or place, those with a mark, and how many lie between."""
    left_out = 0
    for step in trace.shown_steps:
        if entry and not touches(step, entry) and not mark(trace, step):
            left_out += 1
            continue
        if left_out:
            yield left_out
            left_out = 0
        yield step
    if left_out:
        yield left_out


def touches(step: TraceStep, entry: str) -> bool:
    """Whether a step changes a member (`page0`) or place (`zone[0]`), or something about it."""
    if entry == step.actor or entry in step.entries:
        return True
    return any(is_below(change.path, entry) for change in step.changes)


def is_below(path: str, place: str) -> bool:
    return path.startswith(place) and path[len(place) : len(place) + 1] in ("", ".", "[")


def column_starts(lanes: Sequence[str], width: int = WIDTH, longest: int = 0) -> list[int]:
    """Where each column begins; many stand close, and so do those with words that would not fit in the last
    one: their texts run on to the right."""
    last = max(LAST, longest + HANGING)
    between = max(
        CLOSEST,
        *(len(lane) + 1 for lane in lanes),
        min(WIDEST, (width - last - GUTTER) // max(len(lanes) - 1, 1)),
    )
    return [min(GUTTER + column * between, width - LEAST) for column in range(len(lanes))]


def _longest_word(trace: Trace) -> int:
    words = (word for step in trace.shown_steps for word in step.text.split())
    return max(map(len, words), default=0)


def _step_lines(head: str, start: int, text: str, width: int) -> Iterator[str]:
    pieces = wrapped(text, width - start) or [""]
    for index, piece in enumerate(pieces):
        yield _placed([(0, head if index == 0 else ""), (start, piece)])


def _placed(pieces: Iterable[tuple[int, str]]) -> str:
    line = ""
    for start, text in pieces:
        line = line.ljust(start) + text if text else line
    return line.rstrip()


def _shared_lanes(steps: Iterable[TraceStep]) -> set[str]:
    """The columns in which more than one actor moves: there each step says whose it is."""
    actors: dict[str, set[str]] = {}
    for step in steps:
        if step.kind != "action":
            actors.setdefault(step.lane, set()).add(step.actor)
    return {lane for lane, names in actors.items() if len(names) > 1}
