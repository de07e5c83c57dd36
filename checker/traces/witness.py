"""Which members break a property: the loop variables with which its predicate came to its answer.

The predicate is run once more under Python's own tracing. A generator inside `any` or `all` that was left
before its end decided the answer: its variables then are the witness, with the predicate's own locals.
That needs nothing of the property's author, and no knowledge of what the property says.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from enum import Enum
from types import CodeType, FrameType
from typing import Any

from checker.language import Index
from checker.language.saying import pieces
from checker.traces.values import shown

Witness = dict[str, object]


class _Watcher:
    """Keeps, for each generator expression of a function, the variables it was left with."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = function.__code__
        self.inner = _nested(self.code)
        self.last: dict[CodeType, Witness] = {}
        self.closed: dict[CodeType, Witness] = {}
        self.outdated: dict[CodeType, dict[CodeType, Witness]] = {}
        self.locals: Witness = {}
        self.closing: set[int] = set()

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if code is not self.code and code not in self.inner:
            return None
        if event == "call":  # a new round of the generator: what its inner ones decided before is out of date
            inner = [nested for nested in _nested(code) if nested in self.closed]
            self.outdated[code] = {nested: self.closed.pop(nested) for nested in inner}
        elif event == "exception":
            self._exception(frame, argument)
        elif event == "return":
            self._left(frame, code)
        return self

    def _exception(self, frame: FrameType, argument: object) -> None:
        if isinstance(argument, tuple) and argument[0] is GeneratorExit:
            self.closing.add(id(frame))  # not a new round after all: it is being closed
            self.closed.update(self.outdated.pop(frame.f_code, {}))

    def _left(self, frame: FrameType, code: CodeType) -> None:
        if code is self.code:
            self.locals = dict(frame.f_locals)
        elif id(frame) in self.closing:  # any() or all() had heard enough
            self.closing.discard(id(frame))
            self.closed[code] = self.last.get(code, {})
        else:
            self.last[code] = dict(frame.f_locals)

    def found(self) -> Witness:
        merged = dict(self.locals)
        for values in self.closed.values():
            merged.update(values)
        return merged


def _nested(code: CodeType) -> set[CodeType]:
    """The code of every generator expression inside, at any depth."""
    direct = {inner for inner in code.co_consts if isinstance(inner, CodeType)}
    return {each for each in direct if each.co_name == "<genexpr>"} | {
        deeper for each in direct for deeper in _nested(each)
    }


def witness_of(predicate: Callable[..., Any], *states: object) -> Witness:
    """Run the predicate on a state (or two) and return the variables that decided it."""
    watcher = _Watcher(predicate)
    before = sys.gettrace()
    sys.settrace(watcher)
    try:
        predicate(*states)
    finally:
        sys.settrace(before)
    return {name: value for name, value in watcher.found().items() if _tells(value)}


def _tells(value: object) -> bool:
    """Members and named values are worth showing; the state, iterators and other machinery are not."""
    return isinstance(value, Index | Enum) or (
        isinstance(value, tuple) and all(_tells(item) for item in value)
    )


def filled_in(template: str, names: dict[str, Any]) -> str:
    """`page {p} is owned by {k.page[p].owner}` with each expression evaluated among `names`."""
    return "".join(each if isinstance(each, str) else _evaluated(each, names) for each in pieces(template))


def _evaluated(expression: ast.Expression, names: dict[str, Any]) -> str:
    """The sentence belongs to a file of the user's, which is Python that runs anyway."""
    try:
        value = eval(compile(expression, "<says>", "eval"), names)
        return value if isinstance(value, str) else shown(value)
    except Exception:
        return "?"  # a gap in the sentence is better than no counterexample
