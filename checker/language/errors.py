"""Every mistake that a user can make, one class each, printed as `file:line:column: error: text`."""

from __future__ import annotations

import difflib
import functools
import linecache
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from types import FrameType, TracebackType

SourcePlace = tuple[str, int, int, int]  # file, line, column from 1 on, width


_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def shown_path(file: str) -> str:
    """The path as a user would type it: relative to the working directory where that is shorter."""
    return file if file.startswith("<") else _shown(file, os.getcwd())


@functools.lru_cache(maxsize=1024)
def _shown(file: str, folder: str) -> str:
    relative = os.path.relpath(file, folder)
    return file if relative.startswith("..") else relative


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' (did you mean ...?)', or nothing if no known name is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean `{near[0]}`?)" if near else ""


class CheckerError(Exception):
    """A mistake in a model, a property or a request. `column` counts from 1, as editors do."""

    def __init__(
        self,
        text: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        width: int = 1,
        advice: str | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.file = file
        self.line = line
        self.column = column
        self.width = width
        self.advice = advice

    def at_function(self, function: Callable[..., object], parameter: str | None = None) -> CheckerError:
        """Say where, if that is not known yet: at a function's definition, or at one of its parameters."""
        code = getattr(function, "__code__", None)
        if self.file is not None or code is None:
            return self
        self.file, self.line = code.co_filename, code.co_firstlineno
        lines = linecache.getlines(self.file)
        for number in range(self.line, len(lines) + 1):  # its decorators stand before it
            if re.match(r"\s*(async\s+)?def\s", lines[number - 1]):
                self._at_word(lines, number, code.co_name)
                for later in range(number, min(number + 20, len(lines) + 1)) if parameter else ():
                    if self._at_word(lines, later, f"{parameter}"):
                        break
                break
        return self

    def _at_word(self, lines: Sequence[str], number: int, word: str) -> bool:
        found = re.search(rf"\b{re.escape(word)}\b", lines[number - 1])
        if found is not None:
            self.line, self.column, self.width = number, found.start() + 1, len(word)
        return found is not None

    def at(self, place: SourcePlace | None) -> CheckerError:
        """Say where, if that is not known yet: where something was declared."""
        if self.file is None and place is not None:
            self.file, self.line, self.column, self.width = place
        return self

    @property
    def place(self) -> str:
        """`file:line:column`, as much of it as is known."""
        if self.file is None:
            return ""
        parts = [shown_path(self.file), self.line, self.column]
        return ":".join(str(part) for part in parts if part is not None)

    def __str__(self) -> str:
        return self.text

    def formatted(self) -> str:
        """The message for a terminal: place, text, the line with a caret, what to write instead."""
        lines = [f"{self.place}: error: {self.text}" if self.place else f"error: {self.text}"]
        source = linecache.getline(self.file, self.line).rstrip() if self.file and self.line else ""
        if source:
            lines.append("    " + source.lstrip())
            if self.column is not None:
                indent = self.column - 1 - (len(source) - len(source.lstrip()))
                lines.append("    " + " " * max(indent, 0) + "^" * max(self.width, 1))
        if self.advice:
            lines.append(f"  {self.advice}")
        return "\n".join(lines)


def declared_here() -> SourcePlace | None:
    """The statement of the user's that runs now and declares something: for what is said of it later."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    if frame is None:
        return None
    code = frame.f_code
    _, last_line, column, last = list(code.co_positions())[frame.f_lasti // 2]
    width = last - column if last_line == frame.f_lineno and last is not None and column is not None else 1
    return code.co_filename, frame.f_lineno, (column or 0) + 1, width


class Notice(RuntimeWarning):
    """What costs no answer, but perhaps time: said to whoever uses the command, without a place."""


class ModelError(CheckerError):
    """The model did something that no model may do (a value out of its range, `None` as an index, ...).

    Raised while the model runs; the engines report it as a violation with the trace that leads there.
    """


class UnknownField(ModelError, AttributeError):
    """A record or a state has no field of that name."""


class UnknownName(CheckerError):
    """A name in a request or a declaration that nothing has (a property, scenario, bound, switch, type)."""


class TypeRefused(CheckerError):
    """The type of a field or a parameter is not one of the language's types."""


class UnsupportedConstruct(CheckerError):
    """Python that the language does not have."""


class DuplicateName(CheckerError):
    """Two declarations of one kind with the same name."""


class WrongActor(CheckerError):
    """A scenario gives an operation to an index that it was not written for."""


class NotAPredicate(CheckerError):
    """A property returned something that is not a bool."""


class OutsideWorld(CheckerError, AttributeError):
    """A bound, a switch or the size of an index was read although no world is active."""


class Mistake(CheckerError):
    """It is wrong whichever engine runs it."""


class ReplayFailed(CheckerError):
    """A recorded trace does not fit the model."""


_PYTHON = sysconfig.get_paths()["stdlib"] + os.sep


def model_frame(trace: TracebackType | None) -> tuple[str, int] | None:
    """File and line of the innermost traceback entry that is neither this package's nor Python's own."""
    entry = _model_entry(trace)
    return None if entry is None else (entry.tb_frame.f_code.co_filename, entry.tb_lineno)


def _model_entry(trace: TracebackType | None) -> TracebackType | None:
    found = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(_HERE) and (not file.startswith(_PYTHON) or "-packages" in file):
            found = trace
        trace = trace.tb_next
    return found


def located(problem: CheckerError) -> CheckerError:
    """Say where in the model a problem was raised, if that is not known yet."""
    entry = _model_entry(problem.__traceback__)
    if problem.file is None and entry is not None:
        code = entry.tb_frame.f_code
        problem.file, problem.line = code.co_filename, entry.tb_lineno
        line, last_line, column, last = list(code.co_positions())[entry.tb_lasti // 2]
        if line == problem.line and column is not None:
            problem.column = column + 1
            if last_line == line and last is not None:
                problem.width = last - column
    return problem
