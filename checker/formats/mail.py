"""The draft of a mail about a violation: what, where, how, what it rests on, and how to see it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from checker.basis import SEQUENTIAL
from checker.report import assumed_in, searched
from checker.traces.columns import Style, columns
from checker.traces.text import command_lines, plain
from checker.traces.trace import Trace
from checker.traces.wrapping import wrapped
from checker.verdict import Run, Verdict

WIDTH = 72
STYLE = Style(width=WIDTH)
DRAFTS = SMTP.clone(linesep="\n", max_line_length=998)


@dataclass(frozen=True)
class Answered:
    """The mail that a draft answers: its Message-ID, and in words why that one."""

    message: str
    told: str


def draft(design: str, verdict: Verdict, trace: Trace, run: Run | None, answers: Answered | None) -> str:
    mail = EmailMessage(policy=DRAFTS)
    asks = "question: " if trace.assumed else ""
    subject = f"{asks}{design + ': ' if design else ''}{trace.sentence}"
    mail["Subject"] = " ".join(plain(subject).split())
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = answers.message
    mail["X-Unsent"] = "1"
    body = "\n".join(map(plain, _body(design, verdict, trace, run, answers)))
    mail.set_content(body, charset="us-ascii", cte="7bit")
    return mail.as_string()


def drafts(mails: Sequence[str]) -> str:
    """Several as an mbox, in which each begins with a line of its own."""
    if len(mails) < 2:
        return "".join(mails)
    return "".join(f"From check Thu Jan  1 00:00:00 1970\n{mail}\n" for mail in mails)


def _body(
    design: str, verdict: Verdict, trace: Trace, run: Run | None, answers: Answered | None
) -> Iterator[str]:
    yield from _wrapped(f"In a model of {design or 'this'}, {trace.sentence}.")
    if trace.message and trace.message not in trace.sentence:
        yield from _wrapped(trace.message)
    yield ""
    yield from _wrapped(f"Property: {verdict.name} ({trace.location})" if trace.location else verdict.name)
    for name in ("scenario", "bounds"):
        if trace.context.get(name):
            yield from _wrapped(f"{name.capitalize()}: {trace.context[name]}")
    if answers is not None:
        yield from _wrapped(answers.told)
    yield ""
    yield from map(_quoted, map(plain, columns(trace, STYLE)))
    yield ""
    for heading, texts in (
        ("Who waits for whom:", trace.why.circle),
        ("Why:", trace.why.reasons),
        ("What would make it hold:", trace.remedies),
    ):
        if texts:
            yield heading
            for text in texts:
                yield from _wrapped(text.removeprefix("-> "), "  - ")
            yield ""
    yield "What this rests on:"
    for text in _basis(trace, run):
        yield from _wrapped(text, "  - ")
    yield ""
    if trace.context.get("command"):
        yield "To see it again:"
        yield from command_lines(trace.context["command"], WIDTH - 2)


def _basis(trace: Trace, run: Run | None) -> Iterator[str]:
    yield "each step was run in the model's own code before it was written here; the model may be wrong"
    for text in trace.assumed:
        yield f"the steps above take one that was assumed: {text}"
    if run is not None:
        for each in assumed_in([run]):
            if each.text not in trace.assumed:
                yield f"elsewhere in this scenario it is assumed, at {each.place}: {each.text}"
        yield f"searched: {searched(run)}"
    yield SEQUENTIAL


def _quoted(line: str) -> str:
    """A line of a mail that begins with `From ` or a dot means something else to some programs."""
    return f" {line}" if line.startswith(("From ", ".")) else line


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrapped(plain(text), WIDTH, indent, " " * len(indent) if indent else "  ")
