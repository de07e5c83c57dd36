"""A mutant: one small change to one function of a model."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from checker.language.errors import shown_path

DROP, SWAP, NEGATE, MERGE = "drop", "swap", "negate", "merge"
KINDS = (DROP, SWAP, NEGATE, MERGE)
MOST = 60  # characters of a statement in a description


@dataclass(frozen=True)
class Mutant:
    """The same change in two worlds is one mutant. `lines`: those of the statement, or of its head."""

    file: str
    line: int
    column: int
    kind: str
    change: str
    function: str = field(compare=False)
    lines: tuple[int, int] = field(compare=False)

    @property
    def place(self) -> str:
        return f"{shown_path(self.file)}:{self.line}"


def one_line(node: ast.stmt | ast.expr) -> str:
    """A statement in few words: of a compound one its head, and its body if that is one short statement."""
    compound = ast.If | ast.For | ast.While
    if isinstance(node, compound) and not (
        node.orelse or node.body[1:] or isinstance(node.body[0], compound)
    ):
        text = " ".join(line.strip() for line in ast.unparse(node).split("\n"))
        if len(text) <= MOST:
            return text
    first, *more = ast.unparse(node).split("\n")
    text = first + (" ..." if more else "")
    return text if len(text) <= MOST else text[: MOST - 4].rstrip() + " ..."


def head_lines(node: ast.stmt | ast.expr) -> tuple[int, int]:
    """First and last line of a simple statement, or of a compound one up to its body."""
    last = node.end_lineno or node.lineno
    if isinstance(node, ast.If | ast.While):
        last = node.test.end_lineno or node.lineno
    elif isinstance(node, ast.For):
        last = node.iter.end_lineno or node.lineno
    return node.lineno, last
