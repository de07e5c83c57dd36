"""The C expressions that IR operators are written as, taken apart again.

An operator's C text is its definition; whoever computes it in another way reads that text instead of stating
its meaning a second time.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(\{\w+\}|0x[0-9a-f]+|\d+|\w+|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:()\[\],])", re.IGNORECASE
)
BINARY = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", "<=", ">", ">="), ("<<", ">>"),
    ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
CASTS = ("uint64_t", "int64_t", "bool", "int")


@dataclass(frozen=True)
class Node:
    """`kind`: number, argument, name, site, cast, unary, binary, choice, call or element."""

    kind: str
    text: str = ""
    number: int = 0
    parts: tuple[Node, ...] = ()


@functools.lru_cache(maxsize=4096)
def parsed(template: str) -> Node:
    """The tree of a template; {0}, {1} ... are its arguments."""
    parser = _Parser(template)
    tree = parser.choice()
    assert parser.at == len(parser.tokens), f"not understood in {template!r}: {parser.tokens[parser.at :]}"
    return tree


class _Parser:
    def __init__(self, template: str) -> None:
        self.tokens: list[str] = []
        at = 0
        while at < len(template.rstrip()):
            found = TOKEN.match(template, at)
            assert found is not None, f"not understood: {template[at:]!r}"
            self.tokens.append(found[1])
            at = found.end()
        self.at = 0

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._next()
        assert not expected or token == expected, f"{token!r} instead of {expected!r}: {self.tokens}"
        self.at += 1
        return token

    def choice(self) -> Node:
        test = self._binary(0)
        if self._next() != "?":
            return test
        self._take("?")
        then = self.choice()
        self._take(":")
        return Node("choice", parts=(test, then, self.choice()))

    def _binary(self, level: int) -> Node:
        if level == len(BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._next() in BINARY[level]:
            sign = self._take()
            left = Node("binary", sign, parts=(left, self._binary(level + 1)))
        return left

    def _unary(self) -> Node:
        if self._next() in ("!", "-", "~"):
            sign = self._take()
            return Node("unary", sign, parts=(self._unary(),))
        if self._next() == "(" and self.tokens[self.at + 1] in CASTS and self.tokens[self.at + 2] == ")":
            self._take("(")
            kind = self._take()
            self._take(")")
            return Node("cast", kind, parts=(self._unary(),))
        return self._primary()

    def _primary(self) -> Node:
        token = self._take()
        if token == "(":
            inner = self.choice()
            self._take(")")
            return inner
        if token.startswith("{"):
            word = token[1:-1]
            return Node("site") if word == "site" else Node("argument", number=int(word))
        if token[0].isdigit():
            return Node("number", number=int(token, 0))
        if self._next() == "(":
            return Node("call", token, parts=self._list("(", ")"))
        if self._next() == "[":
            return Node("element", token, parts=self._list("[", "]"))
        return Node("name", token)

    def _list(self, first: str, last: str) -> tuple[Node, ...]:
        self._take(first)
        parts = [self.choice()]
        while self._next() == ",":
            self._take(",")
            parts.append(self.choice())
        self._take(last)
        return tuple(parts)
