"""A refuted obligation, run once more with its values: which comparison fails, and what it compared."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from checker.language import obligations, words
from checker.language.errors import ModelError, NotAPredicate, ReplayFailed
from checker.language.obligations import Obligation, Region
from checker.language.source import module_tree
from checker.language.words import Word

NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Comparison:
    """Two words that were compared, with the text of either side."""

    left_text: str
    sign: str
    right_text: str
    left: Word
    right: Word
    result: bool

    @property
    def text(self) -> str:
        return f"{self.left_text} {self.sign} {self.right_text}"

    @property
    def fact(self) -> str:
        """What is the case: the comparison or its opposite, in numbers."""
        sign = self.sign if self.result else NEGATED[self.sign]
        return f"{self.left!r} {sign} {self.right!r}"


@dataclass(frozen=True)
class Refutation:
    """Values that refute an obligation; `failing`: the comparisons that decided it."""

    values: dict[str, Any]
    failing: tuple[Comparison, ...]
    undefined: str
    regions: tuple[Region, ...]


class _Judge:
    """Listens to the comparisons of the claim itself: what was given is true, and said nothing about."""

    def __init__(self, obligation: Obligation) -> None:
        self.code = obligation.function.__code__
        self.heard: list[tuple[bool, Comparison]] = []  # with: in the obligation's own lines?
        self.chain: tuple[Any, int] = (None, 0)

    def given(self, condition: bool) -> None:
        self.heard.clear()

    def requires(self, condition: bool, check: str, by: str) -> None:
        self.heard.clear()

    def __call__(self, sign: str, left: Word, right: Word, result: bool) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__") == words.__name__:
            frame = frame.f_back
        if frame is not None:
            for left_text, right_text in self._texts(frame, sign, result):
                comparison = Comparison(left_text, sign, right_text, left, right, result)
                self.heard.append((frame.f_code is self.code, comparison))

    def _texts(self, frame: FrameType, sign: str, result: bool) -> Iterator[tuple[str, str]]:
        """The two sides as they are written; nothing for a comparison that Python makes, as in max()."""
        line, last, column, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        tree = module_tree(frame.f_code.co_filename)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Compare) and (
                node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
            ) == (line, last, column, end):  # fmt: skip
                key = (id(frame), node)
                at = self.chain[1] if self.chain[0] == key else 0
                sides = [node.left, *node.comparators]
                self.chain = (key, at + 1 if result and at + 2 < len(sides) else 0)
                yield ast.unparse(sides[at]), ast.unparse(sides[at + 1])
                return

    def failing(self) -> tuple[Comparison, ...]:
        own = [each for mine, each in self.heard if mine]
        everything = [each for _, each in self.heard]
        for among in (own, everything):
            false = [each for each in among if not each.result]
            if false:
                return tuple(dict.fromkeys(false))
        return tuple((own or everything)[-1:])


@contextmanager
def _listening(listener: _Judge) -> Iterator[None]:
    obligations.judge, words.comparisons = listener, listener
    try:
        yield
    finally:
        obligations.judge, words.comparisons = None, None


def refutation(obligation: Obligation, values: Mapping[str, Any]) -> Refutation:
    """What z3 found, run by Python itself. If that does not refute the claim, it is our own mistake."""
    judge = _Judge(obligation)
    undefined, answer = "", None
    with _listening(judge):
        try:
            answer = obligation.function(**values)
        except ModelError as problem:
            undefined = problem.text
    if answer is not None and not isinstance(answer, bool):
        raise NotAPredicate(f"{obligation.name} answers {answer!r}, not True or False")
    if answer:
        raise ReplayFailed(
            f"internal error: z3 refutes {obligation.name} with {dict(values)}, and Python does not agree",
            advice="please report it with the command that you typed",
        )
    return Refutation(
        dict(values), judge.failing() if not undefined else (), undefined, _regions(obligation, values)
    )


def _regions(obligation: Obligation, values: Mapping[str, Any]) -> tuple[Region, ...]:
    if obligation.shows is None:
        return ()
    wanted = inspect.signature(obligation.shows).parameters
    return tuple(obligation.shows(**{name: values[name] for name in wanted}))
