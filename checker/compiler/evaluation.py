"""The number that an operator's C template gives for numbers: to try it on all of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from checker.compiler.templates import Node, parsed

WORD = (1 << 64) - 1


class Fault(Exception):
    """The operator ends the block: a model error."""


class NotKnown(Exception):
    """The template has something that is not computed here."""


def _quotient(a: int, b: int) -> int:
    if b == 0:
        raise Fault
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)  # C rounds towards zero


BINARY: Mapping[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _quotient,
    "%": lambda a, b: a - b * _quotient(a, b), "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "<<": operator.lshift, ">>": operator.rshift,
    "==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b), "<": lambda a, b: int(a < b),
    "<=": lambda a, b: int(a <= b), ">": lambda a, b: int(a > b), ">=": lambda a, b: int(a >= b),
}  # fmt: skip


def evaluated(template: str, arguments: Sequence[int], tables: Mapping[str, Sequence[int]]) -> int:
    return _Evaluation(arguments, tables).of(parsed(template))


class _Evaluation:
    def __init__(self, arguments: Sequence[int], tables: Mapping[str, Sequence[int]]) -> None:
        self.arguments = arguments
        self.tables = tables

    def of(self, node: Node) -> int:
        method: Callable[[Node], int] | None = getattr(self, f"_{node.kind}", None)
        if method is None:
            raise NotKnown
        return method(node)

    def _number(self, node: Node) -> int:
        return node.number

    def _argument(self, node: Node) -> int:
        return self.arguments[node.number]

    def _name(self, node: Node) -> int:
        if node.text == "INT64_MAX":
            return (1 << 63) - 1
        raise NotKnown

    def _cast(self, node: Node) -> int:
        value = self.of(node.parts[0])
        return value & WORD if node.text == "uint64_t" else int(value != 0) if node.text == "bool" else value

    def _unary(self, node: Node) -> int:
        value = self.of(node.parts[0])
        return int(not value) if node.text == "!" else -value if node.text == "-" else ~value

    def _binary(self, node: Node) -> int:
        left = self.of(node.parts[0])
        if node.text in ("&&", "||"):
            short = bool(left) == (node.text == "||")
            return int(bool(left)) if short else int(bool(self.of(node.parts[1])))
        return BINARY[node.text](left, self.of(node.parts[1]))

    def _choice(self, node: Node) -> int:
        return self.of(node.parts[1] if self.of(node.parts[0]) else node.parts[2])

    def _element(self, node: Node) -> int:
        if node.text not in self.tables:
            raise NotKnown
        return self.tables[node.text][self.of(node.parts[0])]

    def _call(self, node: Node) -> int:
        if node.text == "UINT64_C":
            return self.of(node.parts[0])
        if node.text == "__builtin_popcountll":
            return self.of(node.parts[0]).bit_count()
        if node.text == "not_none":
            value, none = self.of(node.parts[1]), self.of(node.parts[2])
            return _unless(value == none, value)
        if node.text == "in_range":
            value, low, high = (self.of(part) for part in node.parts[1:4])
            return _unless(not low <= value <= high, value)
        if node.text in ("floor_quotient", "floor_remainder"):
            left, right = (self.of(part) for part in node.parts)
            return left // right if node.text == "floor_quotient" else left % right
        raise NotKnown


def _unless(fault: bool, value: Any) -> int:
    if fault:
        raise Fault
    return int(value)
