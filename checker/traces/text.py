"""A counterexample in the form that kernel developers read every day: lockdep's.

Plain ASCII, at most 75 columns, so that it survives a mail.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator

from checker.traces.trace import Trace, TraceStep
from checker.traces.values import shown

WIDTH = 75
GUTTER = 5  # "  1  "
NARROWEST = 12
PUNCTUATION = str.maketrans(
    {
        "\u2013": "-",
        "\u2014": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2026": "...",
        "\u2192": "->",
    }
)


def lines_of(trace: Trace) -> Iterator[str]:
    """The whole report, line by line."""
    for part in (banner, columns, _details, _standing, _context):
        lines = list(part(trace))
        yield from map(plain, lines)
        if lines and part is not _context:
            yield ""


def plain(text: str) -> str:
    """ASCII, whatever a docstring or an expression holds."""
    return text.translate(PUNCTUATION).encode("ascii", "backslashreplace").decode()


def banner(trace: Trace) -> Iterator[str]:
    design = trace.context.get("design", "")
    name = f"[{trace.name}, {design}]" if design else f"[{trace.name}]"
    title = f"{trace.heading}: {trace.title}"
    warning = f"{title}  {name}" if len(title) + len(name) + 2 <= WIDTH else title
    width = min(WIDTH, max(58, len(warning)))
    yield "=" * width
    if warning == title:
        yield from _wrapped(title, hanging=9)
        yield from _wrapped(name, " " * 9)
    else:
        yield warning
    yield "-" * width
    yield from _wrapped(trace.sentence)
    if trace.witness and not trace.concrete:
        yield from _wrapped(
            "with " + ", ".join(f"{name} = {shown(value)}" for name, value in trace.witness.items())
        )
    if trace.message and trace.message not in trace.sentence:
        yield from _wrapped(trace.message)
    if trace.location:
        said_at = "at" if trace.kind in ("assert", "model error") else "claimed at"
        yield from _wrapped(f"{said_at} {trace.location}")
    for text in trace.assumed:
        yield from _wrapped(f"CONDITIONAL: the trace takes an assumed step: {text}")


def columns(trace: Trace, width: int = WIDTH) -> Iterator[str]:
    """Numbered steps, one column per lane; a text that is too long for its column starts further left."""
    lanes = trace.lanes
    if not trace.steps:
        yield "  the initial state itself"
        return
    starts = column_starts(len(lanes), width)
    if any(lanes):
        heads = [lane or "any" for lane in lanes]
        yield _placed(zip(starts, heads, strict=True))
        yield _placed((start, "-" * len(head)) for start, head in zip(starts, heads, strict=True))
    sharing = _shared_lanes(trace.steps)
    for step in trace.steps:
        column = lanes.index(step.lane)
        text = f"{step.actor}: {step.text}" if step.lane in sharing else step.text
        left = starts[column - 1] if column else None
        yield from _step_lines(step.number, starts[column], left, text, width)
        if step.finished and step.kind == "resume":
            yield from _step_lines(None, starts[column], None, f"{step.operation}() returns", width)


def column_starts(count: int, width: int = WIDTH) -> list[int]:
    """Where each of `count` columns begins; many stand close, and their texts run on to the right."""
    room = max(NARROWEST, min(32, (width - GUTTER) // max(count, 1)))
    last = width - NARROWEST
    return [min(GUTTER + column * room, last) for column in range(count)]


def _step_lines(number: int | None, start: int, left: int | None, text: str, width: int) -> Iterator[str]:
    room = width - start
    if len(text) > room and left is not None:
        start = max(left + 4, width - len(text))
        room = width - start
    head = f"{number:3d}" if number is not None else ""
    pieces = textwrap.wrap(text, room, subsequent_indent="  ", break_long_words=True) or [""]
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


def _details(trace: Trace) -> Iterator[str]:
    yield "What each step changed, and the line of the model:"
    for step in trace.steps:
        where = f"{step.number:3d}  {step.place}"
        who = f"{step.actor} {step.operation}".strip()
        one = f"{where}  {who}"
        yield from [one] if len(one) <= WIDTH else [*_wrapped(where), *_wrapped(who, " " * 7)]
        if step.chosen:
            yield from _wrapped("chose " + ", ".join(shown(value) for value in step.chosen), " " * 7)
        for text in step.assumed:
            yield from _wrapped(f"assumed: {text}", " " * 7)
        for change in step.changes:
            yield from _wrapped(str(change), " " * 7)
        if not step.changes:
            yield " " * 7 + "(no field changed)"


def _standing(trace: Trace) -> Iterator[str]:
    """The counterpart of a stack trace: who is where at the end."""
    if not trace.inside:
        return
    yield "Inside an operation at the end:"
    for each in trace.inside:
        for depth, (function, place) in enumerate(each.chain):
            who = f"{each.actor:8}" if depth == 0 else " " * 8
            yield from _wrapped(f"  {who}{' ' * depth}{function}  {place}")
        if each.waits_for:
            yield from _wrapped(f"waits: {each.waits_for}", " " * 10)


def _context(trace: Trace) -> Iterator[str]:
    for name in ("design", "switches", "scenario", "bounds"):
        if trace.context.get(name):
            yield from _wrapped(f"{name + ':':10}{trace.context[name]}", hanging=10)
    if trace.context.get("command"):
        yield "again:"
        yield from _command_lines(trace.context["command"])


def _command_lines(command: str) -> Iterator[str]:
    """A command that may be pasted into a shell: broken only between its words, with backslashes."""
    line = ""
    for word in _pairs(shlex.split(command)):
        if line and len(line) + len(word) > WIDTH - 5:
            yield f"  {line} \\"
            line = ""
        line = f"{line} {word}" if line else word
    yield f"  {line}"


def _pairs(words: list[str]) -> Iterator[str]:
    """An option and its value stay on one line."""
    left = list(words)
    while left:
        word = shlex.quote(left.pop(0))
        if word.startswith("--") and left and not left[0].startswith("-"):
            word += " " + shlex.quote(left.pop(0))
        yield word


def _wrapped(text: str, indent: str = "", *, hanging: int = 2) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + " " * hanging,
        break_on_hyphens=False,
    )
