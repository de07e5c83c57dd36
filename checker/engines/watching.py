"""What the model does while one block runs: Python's own tracing tells its calls and its lines."""

from __future__ import annotations

from inspect import CO_GENERATOR
from itertools import islice
from types import CodeType, FrameType
from typing import Any

from checker.language.source import is_changed


class Watch:
    """Notes the model's calls and lines during one block; the tracer before it is asked as well."""

    def __init__(self, files: frozenset[str], known: list[FrameType], own: CodeType | None) -> None:
        self.files = files
        # Frames that the block has entered or goes on with: held, lest a new one get the id of an old one.
        self.known = {id(frame): frame for frame in known}
        self.own = own  # the operation or action itself
        self.entered: dict[str, None] = {}
        self.calls: list[str] = []
        self.lines: list[tuple[str, int]] = []
        self.under: list[str] = []  # for each line, the outermost helper whose call it is part of
        self.outermost: dict[int, str] = {}  # the same for each frame
        self.before: Any = None

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        inner = self.before(frame, event, argument) if self.before is not None else None
        if frame.f_code.co_filename not in self.files:
            return inner
        self._called(frame)
        frame.f_trace_opcodes = is_changed(frame.f_code)

        def traced(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal inner
            here = (frame.f_code.co_filename, frame.f_lineno)
            noted = _is_written(frame) if frame.f_trace_opcodes else event == "line"
            if noted and (not self.lines or self.lines[-1] != here):
                self.lines.append(here)
                self.under.append(self.outermost.get(id(frame), ""))
            inner = inner(frame, event, argument) if inner is not None else None
            return traced

        return traced

    def _called(self, frame: FrameType) -> None:
        code = frame.f_code
        above = frame.f_back
        self.outermost[id(frame)] = "" if above is None else self.outermost.get(id(above), "")
        if code is self.own or code.co_name.startswith("<") or id(frame) in self.known:
            return
        self.known[id(frame)] = frame
        values = [repr(frame.f_locals.get(name)) for name in code.co_varnames[: code.co_argcount]]
        self.entered[code.co_name] = None
        self.calls.append(f"{code.co_name}({', '.join(values)})")
        if not code.co_flags & CO_GENERATOR and not self.outermost[id(frame)]:
            self.outermost[id(frame)] = self.calls[-1]


def _is_written(frame: FrameType) -> bool:
    """Whether the instruction is of the user's text: a `yield` that was put in takes no room in its line."""
    line, last_line, column, last_column = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    return (line, column) != (last_line, last_column)
