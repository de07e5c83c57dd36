"""What somebody waits for: the condition of a wait, and the fields that it reads."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator
from types import CodeType

from checker.traces.seen import FrameLike, StepLike


def waits_for(frame: FrameLike) -> str:
    """The condition of a wait; an actor at its body or at a `yield` right before it is at that wait too."""
    nearby = (linecache.getline(frame.file, frame.line + by).strip() for by in (0, -1, 1))
    return next((line.removesuffix(":") for line in nearby if line.startswith("while ")), "")


def awaited_fields(step: StepLike) -> frozenset[str]:
    """The names in the conditions of the waits that a step has come through; none if it ends at a wait."""
    if step.chain_after and waits_for(step.chain_after[-1]):
        return frozenset()
    return frozenset(name for file, line in step.lines for name in _names_at(file, line))


def _names_at(file: str, line: int) -> Iterator[str]:
    """Of the condition itself and of the functions that it calls. Nothing is evaluated, so that some of them
    may be of other things than fields."""
    condition, body = (linecache.getline(file, number).strip() for number in (line, line + 1))
    if not condition.startswith("while ") or not re.match(r"yield\b", body):
        return
    yield from re.findall(r"\.(\w+)", condition)
    files = {getattr(module, "__file__", None): module for module in list(sys.modules.values())}
    for name in re.findall(r"\b(\w+)\(", condition):
        code = getattr(getattr(files.get(file), name, None), "__code__", None)
        yield from _names(code) if isinstance(code, CodeType) else ()


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
