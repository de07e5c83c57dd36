"""Where text goes: results to stdout, notices and the live progress line to stderr.

Colours and motion are for terminals only.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from checker.language.errors import CheckerError

FIRST_SIGN_OF_LIFE = 0.4  # seconds; a search that is done sooner shows no progress line


class OutputLost(CheckerError):
    """The answer is known, and cannot be told."""


class Screen:
    def __init__(self, colour: bool = True) -> None:
        self.colour = colour and not os.environ.get("NO_COLOR")
        self._consoles: dict[str, Any] = {}

    def line(self, text: str = "", style: str = "") -> None:
        """BrokenPipeError, if whoever read has read enough; OutputLost, if it cannot be written otherwise."""
        if sys.stdout is None:  # closed by whoever called
            raise OutputLost("standard output is closed")
        try:
            self._write(sys.stdout, "out", text, style)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputLost(f"standard output cannot be written: {error.strerror}") from None

    def lines(self, texts: Iterable[str], style: str = "") -> None:
        for text in texts:
            self.line(text, style)

    def notice(self, text: str, style: str = "") -> None:
        if sys.stderr is not None:
            self._write(sys.stderr, "err", text, style)

    def progress(self) -> ProgressLine | None:
        """A live line, where somebody can see it."""
        return ProgressLine(self) if _is_seen() else None

    @contextmanager
    def counted(self, what: str) -> Iterator[Callable[[int, int, str], None] | None]:
        """Told how many are done, of how many, and which was the last; where somebody can see it."""
        if not _is_seen():
            yield None
            return
        begun = time.monotonic()
        with self.console("err", sys.stderr).status(f"{what} ...") as status:
            yield lambda done, of, last: status.update(
                f"{done} of {of} {what}, {time.monotonic() - begun:.0f} s; {last}"
            )

    def console(self, name: str, stream: IO[str]) -> Any:
        """Imported late: rich takes longer to load than a small search takes to run."""
        if name not in self._consoles:
            from rich.console import Console

            self._consoles[name] = Console(
                file=stream, highlight=False, no_color=not self.colour, soft_wrap=True
            )
        return self._consoles[name]

    def _write(self, stream: IO[str], name: str, text: str, style: str) -> None:
        if self.colour and style and stream.isatty():
            self.console(name, stream).print(text, style=style, markup=False, emoji=False)
        else:
            stream.write(_writable(text, stream) + "\n")
            stream.flush()


def _writable(text: str, stream: IO[str]) -> str:
    """As it is where the stream's encoding has its letters, else spelt out."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        from checker.traces.text import plain

        return plain(text, encoding)


def drop_output() -> None:
    """Nothing is left to be flushed at the end into what takes no more."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_seen() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class ProgressLine:
    """One line that is rewritten in place: states, rate, depth, frontier, memory."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.status: Any = None
        self.started = time.monotonic()
        self.scenario = ""

    def start(self, scenario: str) -> None:
        self.scenario = scenario
        self.started = time.monotonic()

    def __call__(self, now: Any) -> None:
        elapsed = time.monotonic() - self.started
        if elapsed < FIRST_SIGN_OF_LIFE:
            return
        from rich.text import Text

        text = Text(progress_text(self.scenario, now, elapsed), no_wrap=True, overflow="ellipsis")
        if self.status is None:
            self.status = self.screen.console("err", sys.stderr).status(text)
            self.status.start()
        else:
            self.status.update(text)

    def stop(self) -> None:
        if self.status is not None:
            self.status.stop()
            self.status = None


class ProgressLines:
    """The same for a machine: a line of JSON when a scenario begins and ends, and each time there is news."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.scenario = ""
        self.now: dict[str, Any] = {}

    def start(self, scenario: str) -> None:
        self.scenario, self.now = scenario, {}
        self._say("start")

    def __call__(self, now: Any) -> None:
        self.now = progress_data(now)
        self._say("progress")

    def stop(self) -> None:
        self._say("end")

    def _say(self, event: str) -> None:
        self.screen.notice(json.dumps({"event": event, "scenario": self.scenario, **self.now}))


def progress_text(scenario: str, now: Any, elapsed: float) -> str:
    return (
        f"{scenario}: {now.states:,} states, {now.rate:,.0f}/s, depth {now.depth}, "
        f"frontier {now.frontier:,}, {shown_bytes(now.memory_bytes)}, {elapsed:.0f} s{_outlook(now)}"
    )


def _outlook(now: Any) -> str:
    """`; of 2M to 40M, 3 s to 2 min left`."""
    if now.estimate is None:
        return ""
    low, high = now.estimate.low, now.estimate.high
    soonest, latest = now.seconds_left(low), now.seconds_left(high)
    text = f"; of {shown_count(low)} to {shown_count(high)}"
    if soonest is None or latest is None:
        return text
    return f"{text}, {shown_time(soonest)} to {shown_time(latest)} left"


def progress_data(now: Any) -> dict[str, Any]:
    """{"states", "transitions", "depth", "frontier", "memory_bytes", "seconds", "rate": states a second,
    "estimate": null | {"states": [low, middle, high], "seconds_left": null | [low, middle, high]}}"""
    names = ("states", "transitions", "depth", "frontier", "memory_bytes", "seconds", "rate")
    data = {name: getattr(now, name) for name in names}
    data["estimate"] = None
    if now.estimate is not None:
        states = [now.estimate.low, now.estimate.middle, now.estimate.high]
        left = [now.seconds_left(count) for count in states]
        data["estimate"] = {
            "states": [round(count) for count in states],
            "seconds_left": None if None in left else left,
        }
    return data


def shown_count(count: float) -> str:
    """Two digits are enough for a guess: `940`, `1.2M`, `38G`."""
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            shown = count / size
            return f"{shown:.1f}{name}" if shown < 10 else f"{shown:,.0f}{name}"
    return f"{count:.0f}"


def shown_time(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}"
    return f"{seconds:.0f} s"


def shown_bytes(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return ""
