"""Lines of C, and how types and codes are written."""

from __future__ import annotations

from typing import Any

from checker.compiler.c_wide import is_wide, wide_literal, wide_type
from checker.compiler.codes import code_range, is_number
from checker.language.types import BoolType, SetType, WordType

INDENT = "    "
INT_BITS = 31  # of the non-negative ones


class Text:
    """Lines of C with their indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1

    def add(self, line: str) -> None:
        self.lines.append(INDENT * self.depth + line)

    def declare(self, line: str) -> None:
        """At the top of the function, where no jump passes it by."""
        self.lines.insert(0, INDENT + line)

    def label(self, name: str) -> None:
        self.lines.append(f"{name}: MAYBE_UNUSED;")

    def open(self, line: str) -> None:
        self.add(f"{line} {{")
        self.depth += 1

    def close(self, line: str = "}") -> None:
        self.depth -= 1
        self.add(line)


def ctype(kind: Any) -> str:
    if is_wide(kind):
        return wide_type(kind)
    if isinstance(kind, SetType | WordType):
        return "uint64_t"
    if isinstance(kind, BoolType):
        return "bool"
    return "int64_t" if is_number(kind) or code_range(kind)[1] >> INT_BITS else "int"


def zero(kind: Any) -> str:
    """What a local begins with."""
    return literal(kind, 0) if is_wide(kind) else "0"


def literal(kind: Any, code: int) -> str:
    if is_wide(kind):
        return wide_literal(kind, code)
    if isinstance(kind, SetType | WordType):
        return f"UINT64_C({code})"
    return f"({code})" if code < 0 else str(code)
