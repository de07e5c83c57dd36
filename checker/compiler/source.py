"""Where a piece of a model stands in its file, and the syntax tree of a function."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, NoReturn

from checker.language.errors import (
    CheckerError,
    Mistake,
    TypeRefused,
    UnknownName,
    UnsupportedConstruct,
    shown_path,
)
from checker.language.source import function_tree


class Place(NamedTuple):
    """`line` counts from 1, `column` from 0, both as `co_positions()` gives them."""

    file: str
    line: int
    column: int

    @property
    def shown_file(self) -> str:
        return shown_path(self.file)

    def __str__(self) -> str:
        return f"{self.shown_file}:{self.line}:{self.column + 1}"


Extent = tuple[int, int, int | None, int | None]


def extent(node: ast.expr) -> Extent:
    """Where an expression begins and ends; its beginning alone is also that of its first operand."""
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


@dataclass(frozen=True)
class Source:
    """A function of the model: its syntax tree and the names it can see."""

    function: Callable[..., Any]
    file: str
    tree: ast.FunctionDef

    @cached_property
    def names(self) -> dict[str, Any]:
        names = dict(self.function.__globals__)
        code = self.function.__code__
        for name, cell in zip(code.co_freevars, self.function.__closure__ or (), strict=True):
            try:
                names[name] = cell.cell_contents
            except ValueError:  # not yet filled: the function refers to itself
                continue
        return names

    def place(self, node: ast.AST) -> Place:
        return Place(self.file, getattr(node, "lineno", self.tree.lineno), getattr(node, "col_offset", 0))

    def text(self, node: ast.AST) -> str:
        """One line of Python for messages and for comments in the generated C."""
        return _text(node)

    def unsupported(self, node: ast.AST, message: str, advice: str) -> NoReturn:
        self._refuse(UnsupportedConstruct, node, message, advice)

    def mistake(self, node: ast.AST, message: str, advice: str) -> NoReturn:
        self._refuse(Mistake, node, message, advice)

    def type_error(self, node: ast.AST, message: str, advice: str) -> NoReturn:
        self._refuse(TypeRefused, node, message, advice)

    def unknown(self, node: ast.AST, message: str, advice: str) -> NoReturn:
        self._refuse(UnknownName, node, message, advice)

    def _refuse(self, error: type[CheckerError], node: ast.AST, message: str, advice: str) -> NoReturn:
        place = self.place(node)
        last_line, last_column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        width = last_column - place.column if last_line == place.line and last_column is not None else 1
        raise error(
            message, file=place.file, line=place.line, column=place.column + 1, width=width, advice=advice
        )


@lru_cache(maxsize=4096)
def _text(node: ast.AST) -> str:
    try:
        return ast.unparse(node).split("\n")[0]
    except (ValueError, AttributeError):
        return ""


@lru_cache(maxsize=4096)
def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


@lru_cache(maxsize=4096)
def positions_of(function: Callable[..., Any]) -> int:
    """How many arguments it takes, if all of them may be given by position; else -1."""
    kinds = [each.kind for each in signature_of(function).parameters.values()]
    return len(kinds) if all(kind == inspect.Parameter.POSITIONAL_OR_KEYWORD for kind in kinds) else -1


def source_of(function: Callable[..., Any]) -> Source:
    """The syntax tree of a plain function, found in its file by name and first line."""
    code = function.__code__
    tree = function_tree(code)
    if not isinstance(tree, ast.FunctionDef):
        raise UnsupportedConstruct(
            f"the source of {code.co_name}() is not to be had", advice="define it with def, in a file"
        ).at_function(function)
    return Source(function, code.co_filename, tree)
