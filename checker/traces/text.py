"""A counterexample in the form that kernel developers read every day: lockdep's.

At most 75 columns, and of its own nothing but ASCII, so that it survives a mail.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from checker.traces.columns import PLAIN, WIDTH, Style, columns, mark, touches
from checker.traces.trace import Trace, TraceStep
from checker.traces.values import shown
from checker.traces.wrapping import wrapped

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


def lines_of(trace: Trace, style: Style = PLAIN) -> Iterator[str]:
    """The whole report, line by line."""
    parts = (
        banner(trace),
        columns(trace, style),
        why_lines(trace),
        _details(trace, style),
        _standing(trace),
        _context(trace),
    )
    for number, part in enumerate(parts):
        lines = list(part)
        yield from map(printable, lines)
        if lines and number + 1 < len(parts):
            yield ""


def printable(text: str) -> str:
    """Names and texts as they were written; what steers a terminal is spelt out."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else each.encode("unicode_escape").decode()
        for each in text
    )


def plain(text: str, encoding: str = "ascii") -> str:
    """ASCII, whatever a docstring or an expression holds, for a mail and for logs; or another encoding's."""
    return text.translate(PUNCTUATION).encode(encoding, "backslashreplace").decode(encoding)


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


def _details(trace: Trace, style: Style) -> Iterator[str]:
    yield "What each step changed, and the line of the model:"
    state = dict(trace.initial)
    for step in trace.shown_steps:
        state.update({change.path: change.new for change in step.changes})
        if style.follow and not touches(step, style.follow) and not mark(trace, step):
            continue
        yield from _detail_head(step)
        if style.verbose:
            yield from _whole(state, {change.path for change in step.changes})
            continue
        for change in step.changes:
            yield from _wrapped(str(change), " " * 7)
        if not step.changes:
            yield " " * 7 + "(no field changed)"


def _detail_head(step: TraceStep) -> Iterator[str]:
    where = f"{step.number:3d}  {step.place}"
    one = f"{where}  {step.who}"
    yield from [one] if len(one) <= WIDTH else [*_wrapped(where), *_wrapped(step.who, " " * 7)]
    if step.chosen:
        yield from _wrapped("chose " + ", ".join(shown(value) for value in step.chosen), " " * 7)
    for text in step.assumed:
        yield from _wrapped(f"assumed: {text}", " " * 7)


def _whole(state: dict[str, object], changed: set[str]) -> Iterator[str]:
    """Every field, those of one record together; `*` is before what has changed."""
    records: dict[str, list[str]] = {}
    for path, value in state.items():
        record, dot, name = path.rpartition(".")
        star = "*" if path in changed else ""
        records.setdefault(record if dot else "", []).append(f"{star}{name}={shown(value)}")
    for record, fields in records.items():
        yield from _wrapped((f"{record}: " if record else "") + ", ".join(fields), " " * 7)


def why_lines(trace: Trace) -> Iterator[str]:
    """The explanation; for a deadlock with the circle, as lockdep tells it."""
    why = trace.why
    if why.circle:
        yield "the existing dependency chain is a circle:" if len(why.circle) > 1 else "it waits for itself:"
        for line in why.circle:
            yield from _wrapped(line, hanging=6)
        yield " *** DEADLOCK ***"
        yield ""
    for heading, texts in (("Why:", why.reasons), ("What would make it hold:", trace.remedies)):
        if texts:
            yield heading
        for reason in texts:
            yield from wrapped(reason, WIDTH, "  - ", "    ")


def _standing(trace: Trace) -> Iterator[str]:
    """The counterpart of a stack trace: who is where at the end."""
    if not trace.standing:
        return
    yield "Inside an operation at the end:"
    room = max(8, *(len(each.actor) + 1 for each in trace.standing))
    for each in trace.standing:
        for depth, (function, place) in enumerate(each.chain):
            before = f"  {(each.actor if depth == 0 else '').ljust(room)}{' ' * depth}"
            yield from wrapped(f"{function}  {place}", WIDTH, before, " " * (len(before) + 2))
        if each.waits_for:
            yield from _wrapped(f"waits: {each.waits_for}", " " * (room + 2))


def _context(trace: Trace) -> Iterator[str]:
    for name, key in (("design", "design"), ("switches", "differing"), ("scenario",) * 2, ("bounds",) * 2):
        if trace.context.get(key):
            yield from _wrapped(f"{name + ':':10}{trace.context[key]}", hanging=10)
    if trace.context.get("switches") and trace.heading == "WARNING" and not trace.remedies:
        yield "repairs:  --why searches for the switches that would make it hold"
    if trace.context.get("command"):
        yield "again:"
        yield from command_lines(trace.context["command"])


def command_lines(command: str, width: int = WIDTH) -> Iterator[str]:
    """A command that may be pasted into a shell: broken only between its words, with backslashes."""
    line = ""
    for word in _pairs(shlex.split(command)):
        if line and len(line) + len(word) > width - 5:
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
    yield from wrapped(text, WIDTH, indent, indent + " " * hanging)
